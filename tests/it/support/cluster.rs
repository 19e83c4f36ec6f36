//! Three servers over one PostgreSQL and one Redis.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Server;

pub(crate) struct Cluster {
    pub servers: [Server; 3],
    folders: [TempDir; 3],
    variables: Vec<(&'static str, String)>,
    addresses: [SocketAddr; 3],
}

impl Cluster {
    /// With these variables beside those of the two. Loopback is a proxy that they trust: clients are told apart by
    /// `X-Forwarded-For`. Each keeps its port, also when it is started again.
    pub(crate) fn start(database: &str, storage: &str, variables: &[(&'static str, &str)]) -> Self {
        Self::of(&Self::program(), database, storage, variables)
    }

    /// The program of this tree.
    pub(crate) fn program() -> PathBuf {
        env!("CARGO_BIN_EXE_filmgate").into()
    }

    /// Of a program that may be an older one.
    pub(crate) fn of(
        program: &Path,
        database: &str,
        storage: &str,
        variables: &[(&'static str, &str)],
    ) -> Self {
        let all = [
            ("FILMGATE_DATABASE_URL", database),
            ("FILMGATE_LIMITS__STORAGE", storage),
            ("FILMGATE_TRUSTED_PROXIES", "127.0.0.1"),
        ];
        let variables: Vec<_> =
            all.iter().chain(variables).map(|(name, value)| (*name, (*value).to_owned())).collect();
        // Held together, so that they differ.
        let ports = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
        let addresses = ports.each_ref().map(|port| port.local_addr().expect("its number"));
        drop(ports);
        let folders = [(); 3].map(|()| TempDir::new().expect("a folder"));
        let servers = [0, 1, 2].map(|n| start(program, &folders[n], &variables, addresses[n]));
        Self { servers, folders, variables, addresses }
    }

    pub(crate) fn addresses(&self) -> [SocketAddr; 3] {
        self.addresses
    }

    pub(crate) fn urls(&self) -> [String; 3] {
        self.addresses.map(|address| format!("http://{address}"))
    }

    /// Starts one that has ended.
    pub(crate) fn start_again(&mut self, number: usize, program: &Path) {
        self.servers[number] = start(program, &self.folders[number], &self.variables, self.addresses[number]);
    }
}

fn start(program: &Path, folder: &TempDir, variables: &[(&str, String)], address: SocketAddr) -> Server {
    let listen = address.to_string();
    let all: Vec<(&str, &str)> = [("FILMGATE_LISTEN", listen.as_str())]
        .into_iter()
        .chain(variables.iter().map(|(name, value)| (*name, value.as_str())))
        .collect();
    Server::start_program(program, folder.path(), &all)
}
