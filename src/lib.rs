//! filmgate: REST and GraphQL as two equal doors onto one hall.
//!
//! ```text
//! cli          one file a command
//! config       one file a section; the only reader of the environment
//! app          Config -> App: the only file that knows everybody
//! router       every route and every layer on one screen
//! doctor       what an operator got wrong
//! server       the accept loop, what a connection may take, and the drain at the end
//! tls          the certificate, and its exchange while requests go on
//! lifecycle    whether a stop has begun
//! middleware   what every request passes before a door opens
//! rest         the REST door
//! graphql      the GraphQL door
//! transfer     films in files: the door of import and export
//! playground   the pages
//! limits       policies, buckets, the limiter
//! service      the hall: the use cases behind both doors
//! issuer       tokens of an external issuer, and its keys
//! clock        time as a parameter
//! telemetry    where log lines go
//! fuzzing      promises about whatever comes in, for tests and fuzzers alone
//! ```
//!
//! A request goes `server -> middleware -> rest | graphql -> limits -> service`, and a use case has the same name in
//! every room. `tests/it/architecture.rs` holds the walls: the doors never see each other nor the database, and the
//! hall sees no transport.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod doctor;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod graphql;
pub mod issuer;
pub mod lifecycle;
pub mod limits;
pub mod middleware;
pub mod playground;
pub mod rest;
pub mod router;
pub mod server;
pub mod service;
pub mod telemetry;
pub mod tls;
pub mod transfer;
