//! What holds, and what an operator must not overlook all the same.

use super::{Config, TlsMode};

impl Config {
    /// One sentence each, for the start and for `filmgate config check`.
    #[must_use]
    pub fn notices(&self) -> Vec<&'static str> {
        let mut notices = Vec::new();
        if !self.limits.enabled {
            notices.push("limits.enabled = false: nobody is limited, by nothing");
        }
        if self.cors.allowed_origins.iter().flatten().any(|origin| origin == "*") {
            notices.push("cors.allowed_origins = \"*\": every web page may read every answer");
        }
        if self.tls.mode == Some(TlsMode::Off) && !self.is_loopback() {
            notices.push("tls.mode = \"off\": everything goes over the network in the clear");
        }
        if self.tls.mode == Some(TlsMode::SelfSigned) && !self.is_loopback() {
            notices.push(
                "tls.mode = \"self-signed\": nobody vouches for this server, so anybody in between can pretend to be it",
            );
        }
        notices
    }
}
