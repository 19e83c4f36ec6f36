//! A typed client of filmgate. `docs/clients.md` shows parts of it word for word, and `tests/it/clients` runs it against
//! the real server.
//!
//! Its types hold to `schema.graphql`. This compiles:
//!
//! ```
//! #[cynic::schema("filmgate")]
//! mod schema {}
//!
//! #[derive(cynic::QueryFragment)]
//! #[cynic(schema = "filmgate")]
//! struct Film {
//!     likes: i32,
//! }
//! ```
//!
//! And this, which differs only in that the schema has renamed the field, does not:
//!
//! ```compile_fail
//! #[cynic::schema("renamed")]
//! mod schema {}
//!
//! #[derive(cynic::QueryFragment)]
//! #[cynic(schema = "renamed")]
//! struct Film {
//!     likes: i32,
//! }
//! ```
//!
//! With the field's new name it compiles again, so that it is the name that was at fault:
//!
//! ```
//! #[cynic::schema("renamed")]
//! mod schema {}
//!
//! #[derive(cynic::QueryFragment)]
//! #[cynic(schema = "renamed")]
//! struct Film {
//!     votes_for: i32,
//! }
//! ```

mod client;
mod error;
mod live;
mod operations;
mod sample;

pub use client::Client;
pub use error::{Code, Error, Extensions, FieldFault, Refusal};
pub use live::watch;
pub use operations::*;
pub use sample::like_and_watch;
