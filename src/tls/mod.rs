//! What filmgate encrypts with: a certificate from files, watched and exchanged while it serves, or one of its own
//! making. The connections themselves are `server`'s.

mod certificate;
mod files;
mod pair;
mod protocol;
mod reload;
mod self_signed;

pub use certificate::Fault;
pub use files::Files;
pub use pair::Pair;
pub use protocol::{install_provider, provider};
pub use reload::{Current, Reload, Renewal, unchanging};
pub use self_signed::self_signed;
