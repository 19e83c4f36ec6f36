//! filmgate: REST and GraphQL as two equal surfaces over one service layer.
//!
//! ```text
//! cli          one file a command
//! config       one file a section; the only reader of the environment
//! app          Config -> App: the composition root
//! router       every route and every layer on one screen
//! admin        the second listener: metrics, for whoever runs the server
//! doctor       what an operator got wrong
//! server       the accept loop, what a connection may take, and the drain at the end
//! tls          the certificate, and its exchange while requests go on
//! lifecycle    whether a stop has begun
//! front        what every request passes before a surface
//! http         what both surfaces know of HTTP
//! operations   the table of operations: name, action, bucket, REST calls, GraphQL fields
//! admission    policy and price of an operation, asked by both surfaces
//! rest         the REST surface
//! graphql      the GraphQL surface
//! transfer     films in files: what import and export read and write
//! playground   the pages
//! limits       policies, buckets, the limiter, in memory or in Redis
//! quotas       what an operator asks about limits
//! service      the use cases behind both surfaces
//! issuer       tokens of an external issuer, and its keys
//! clock        time and randomness as parameters
//! metrics      what is measured, each metric once in a table
//! telemetry    where log lines go
//! ```
//!
//! A request goes `server -> front -> rest | graphql -> admission -> service`, and a use case has the same name in every
//! folder. `tests/it/project/architecture.rs` holds the walls: the surfaces never see each other nor the database, and
//! the service sees no transport.

pub mod admin;
pub mod admission;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod front;
pub mod graphql;
pub mod http;
pub mod issuer;
pub mod lifecycle;
pub mod limits;
pub mod metrics;
pub mod operations;
pub mod playground;
pub mod quotas;
pub mod rest;
pub mod router;
pub mod server;
pub mod service;
pub mod telemetry;
pub mod tls;
pub mod transfer;
