//! What must hold for whatever comes in: one function for each place that reads what strangers send. Each takes anything,
//! and panics when a promise is broken.
//!
//! They are the bodies of the fuzz targets in `fuzz/`, and run over generated cases in the unit tests, where `document`
//! and `policies` also hold what is legal against what is refused. Not compiled into the program.

mod client_ip;
mod document;
mod policy;
mod rest;

pub use client_ip::client_ip;
pub use document::{document, json};
pub use policy::policy;
pub use rest::rest;

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, RngSeed};

    /// The same cases each time; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` for others, and for more of them.
    pub(super) fn config() -> Config {
        let config = Config::default();
        match config.rng_seed {
            RngSeed::Random => Config { rng_seed: RngSeed::Fixed(20_261_124), ..config },
            RngSeed::Fixed(_) => config,
        }
    }
}
