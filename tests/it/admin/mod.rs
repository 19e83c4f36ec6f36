//! The second listener, for whoever runs the server.

mod listener;
mod metrics;
mod prometheus;
mod reload;
mod scrape;
