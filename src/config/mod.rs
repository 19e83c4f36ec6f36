//! The configuration, and the only reader of the environment.
//!
//! Defaults < `filmgate.toml` < `FILMGATE_*` variables < flags. `settings` declares every setting, `values` reads one,
//! `check` judges the whole. A constructor elsewhere gets its section, never the whole.

mod check;
mod error;
mod file;
mod jwt;
pub mod load;
mod reload;
mod secret_url;
mod section;
mod settings;
pub mod show;
mod source;
mod values;

pub use error::Error;
pub use reload::{Changes, TAKEN_OVER};
pub use secret_url::SecretUrl;
pub use section::Setting;
pub use settings::{
    Admin, AdminTier, Audit, Auth, Catalogue, Config, Cors, Database, EditorTier, GraphQl, Http, Jwt, Limits,
    Live, Log, LogFormat, Tiers, Tls, TlsMode, Traces, TrustedMode, VoterTier,
};
pub use source::{Source, Sources};
