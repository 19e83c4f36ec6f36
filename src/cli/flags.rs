//! Flags that some commands share.

use clap::Args;

/// What only who serves, or looks at a server, has a use for.
#[derive(Debug, Default, Args)]
pub(super) struct ServingFlags {
    /// Address and port to listen on; a port alone is of 127.0.0.1 [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Who encrypts: cert, self-signed, proxy or off
    #[arg(long, value_name = "MODE")]
    pub tls: Option<String>,
}
