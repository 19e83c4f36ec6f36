//! The id by which a request is found in the log.

const BITS: u32 = 128;

/// A new one: lower-case hexadecimal digits.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "an id needs to be unique, never to be foreseen in a test")]
pub fn new_request_id() -> String {
    let digits = (BITS / 4) as usize;
    format!("{:0digits$x}", rand::random::<u128>())
}
