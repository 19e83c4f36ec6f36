//! GraphQL over HTTP.

mod audits;
mod http;
mod limits;
mod nesting;
mod oracle;
