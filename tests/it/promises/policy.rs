//! Policies of the limiter.

use filmgate::limits::{Policy, parse_policies};

/// A policy that parses says what it is: written out, it is the same one again, and it names an amount, a time and
/// nothing else.
pub(crate) fn holds(text: &str) {
    let Ok(policy) = text.parse::<Policy>() else { return };
    let written = policy.to_string();
    assert_eq!(written.parse(), Ok(policy), "{text:?} is {written:?}");
    assert!(!policy.window().is_zero() && policy.amount.get() > 0);
    let rest = text.to_ascii_lowercase().replacen(" per ", "/", 1);
    let rest = rest.replace(|character: char| character.is_ascii_digit() || character.is_whitespace(), "");
    let unit = rest.trim_start_matches('/').trim_end_matches('s');
    assert!(["second", "minute", "hour", "day", "month", "year"].contains(&unit), "{text:?}");
    assert!(!text.contains([',', ';', '|']));
    assert_eq!(parse_policies(&format!("{text};{written}")), Ok(vec![policy; 2]));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const UNITS: [(&str, u64); 6] = [
        ("second", 1),
        ("minute", 60),
        ("hour", 3_600),
        ("day", 86_400),
        ("month", 30 * 86_400),
        ("year", 360 * 86_400),
    ];

    proptest! {
        #![proptest_config(crate::promises::config())]

        #[test]
        fn anything_holds(text in "\\PC{0,40}") {
            holds(&text);
        }

        #[test]
        fn what_is_nearly_a_policy_holds(text in "[0-9+-]{0,12} ?(/|//| per |PER)? ?[0-9]{0,10} ?(second|Minutes|hours?|day|month|years|fortnight)?s?[ ,;]?") {
            holds(&text);
        }

        #[test]
        fn what_is_legal_is_taken(
            amount in 1..=u32::MAX,
            multiple in 1..=10_u32,
            unit in prop::sample::select(UNITS.to_vec()),
            separator in "( ?/ ?| per | PER )",
            plural in "[sS]?",
        ) {
            let (name, seconds) = unit;
            let read: Policy = format!("{amount}{separator}{multiple} {name}{plural}").parse().expect("a policy");
            prop_assert_eq!(read.amount.get(), amount);
            prop_assert_eq!(read.window(), Duration::from_secs(seconds * u64::from(multiple)));
        }
    }
}
