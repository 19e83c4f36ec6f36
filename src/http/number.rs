//! Numbers in JSON.

use serde_json::Number;

/// Whole, in JSON, is a number whose fraction is zero: 5.0 is 5.
#[must_use]
pub fn whole(number: &Number) -> Option<i64> {
    /// Up to which every whole number is a float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
    (-EXACT..=EXACT).contains(&float).then_some(float as i64)
}
