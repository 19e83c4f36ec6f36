//! People with accounts: each votes once for each film, at one server after the other, until that is acknowledged.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::Server;

/// Of the starter catalogue.
const FILMS: u64 = 620;

/// Makes so many accounts; a key for each of them.
pub(crate) fn keys_of(people: usize, folder: &Path, database: &str) -> Vec<String> {
    // Whatever else goes on here, these are to be there.
    let variables = [("FILMGATE_DATABASE_URL", database), ("FILMGATE_DATABASE__ACQUIRE_TIMEOUT", "60")];
    let key = |number| {
        let name = format!("voter{number}");
        let mut create = Server::command(folder);
        create
            .args(["account", "create", &name, "--role", "voter", "--password-stdin"])
            .envs(variables)
            .stdin(Stdio::from(password(folder)))
            .stdout(Stdio::null());
        assert!(create.status().expect("a command").success());
        let made = Server::output(folder, &["key", "create", &name, "--name", "load"], &variables);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).expect("a text").trim().to_owned()
    };
    (0..people).map(key).collect()
}

fn password(folder: &Path) -> std::fs::File {
    let file = folder.join("password");
    std::fs::write(&file, "correct horse battery\n").expect("a file");
    std::fs::File::open(file).expect("a file")
}

pub(crate) struct Signed {
    enough: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
    tasks: JoinSet<()>,
}

impl Signed {
    pub(crate) fn start(urls: &[String; 3], keys: &[String]) -> Self {
        let (enough, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut tasks = JoinSet::new();
        for (number, key) in keys.iter().enumerate() {
            let (urls, key) = (urls.clone(), key.clone());
            let (enough, acknowledged) = (Arc::clone(&enough), Arc::clone(&acknowledged));
            tasks.spawn(async move {
                let client = reqwest::Client::new();
                let mut server = number;
                for film in 1..=FILMS {
                    loop {
                        server += 1;
                        let url = format!("{}/v1/films/{film}/like", urls[server % 3]);
                        let answer = client.post(url).header("x-api-key", &key).send().await;
                        match answer.map(|answer| answer.status().as_u16()) {
                            Ok(200) => break,
                            Ok(status) if status < 500 => panic!("{status}"),
                            _ => {}
                        }
                        // Whether it counted is not known: said again, it is the same vote.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                    if enough.load(Ordering::SeqCst) {
                        return;
                    }
                    // So that there are films for the whole of it.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
        Self { enough, acknowledged, tasks }
    }

    /// How many votes there must be now: of everybody one for each film that was acknowledged.
    pub(crate) async fn stop(mut self) -> u64 {
        self.enough.store(true, Ordering::SeqCst);
        while let Some(task) = self.tasks.join_next().await {
            task.expect("no panic");
        }
        self.acknowledged.load(Ordering::SeqCst)
    }
}
