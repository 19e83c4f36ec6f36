//! GraphQL over HTTP.

mod arguments;
mod audits;
mod http;
mod limits;
mod mistakes;
mod nesting;
mod nodes;
mod oracle;
mod persisted;
