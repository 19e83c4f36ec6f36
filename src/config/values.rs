//! How a value is read where its type alone does not say it, and what is wrong with it.
//!
//! A list may be written as a list, or as one string with commas: so it fits into a variable too. Who calls adds the
//! key to a fault.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer as _};
use serde::{Deserialize, Deserializer, Serializer};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::limits::{Policy, parse_policies};

/// One of a few words. config-rs reads enums in its own way, and does not name the words.
pub(super) fn word<'de, D: Deserializer<'de>, T: DeserializeOwned>(input: D) -> Result<T, D::Error> {
    let text: StringDeserializer<D::Error> = String::deserialize(input)?.into_deserializer();
    T::deserialize(text)
}

pub(super) fn optional_word<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    input: D,
) -> Result<Option<T>, D::Error> {
    word(input).map(Some)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<String>),
    One(String),
}

pub(super) fn strings<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    match OneOrMany::deserialize(input) {
        Ok(OneOrMany::Many(list)) => Ok(list),
        Ok(OneOrMany::One(text)) => {
            Ok(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
        }
        Err(_) => Err(D::Error::custom("expected a list of strings")),
    }
}

pub(super) fn networks<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: String| {
        text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
            D::Error::custom(format!(
                "{text:?} is neither an address nor a network, such as 10.0.0.5 or 10.0.0.0/8"
            ))
        })
    };
    strings(input)?.into_iter().map(network).collect()
}

pub(super) fn origins<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<String>>, D::Error> {
    let origins = strings(input)?;
    match origins.iter().find(|origin| *origin != "*" && !is_origin(origin)) {
        Some(origin) => Err(D::Error::custom(format!(
            "{origin:?} is not an origin; write scheme and host without a path, such as \"https://films.example\""
        ))),
        None => Ok(Some(origins)),
    }
}

fn is_origin(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, authority)| {
        ["http", "https"].contains(&scheme)
            && !authority.contains(['/', '?', '#', '@', '*'])
            && authority.parse::<http::uri::Authority>().is_ok()
    })
}

pub(super) fn log_level<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let text = String::deserialize(input)?;
    // A directive without `=` could be a target as well; a misspelt level would then silence everything.
    let is_level = |text: &str| {
        !text.trim().is_empty() && (text.contains('=') || text.trim().parse::<LevelFilter>().is_ok())
    };
    if text.split(',').all(is_level) && EnvFilter::try_new(&text).is_ok() {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "{text:?} is not a level; use error, warn, info, debug, trace or off, or directives such as filmgate=debug"
    )))
}

/// An empty list is a bucket without a limit; an empty string is more likely a variable that somebody forgot to fill,
/// and is refused.
pub(super) fn policies<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Policy>, D::Error> {
    let texts = match OneOrMany::deserialize(input) {
        Ok(OneOrMany::Many(texts)) => texts,
        Ok(OneOrMany::One(text)) => vec![text],
        Err(_) => {
            return Err(D::Error::custom(
                "expected a rate limit or a list of them, such as \"1/second, 50/hour\"",
            ));
        }
    };
    let mut policies = Vec::new();
    for text in texts {
        policies.extend(parse_policies(&text).map_err(D::Error::custom)?);
    }
    let mut windows = HashSet::new();
    match policies.iter().find(|policy| !windows.insert(policy.window())) {
        Some(twin) => Err(D::Error::custom(format!(
            "{twin} has the same window as another policy; keep the smaller one"
        ))),
        None => Ok(policies),
    }
}

pub(super) fn policy_texts<S: Serializer>(policies: &[Policy], output: S) -> Result<S::Ok, S::Error> {
    output.collect_seq(policies.iter().map(Policy::to_string))
}
