//! Lists that may be written as a list, or as one string with commas: so they fit into a variable too.

use ipnet::IpNet;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

use crate::limits::{Policy, parse_policies};

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<String>),
    One(String),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::Many(list) => list,
            Self::One(text) => {
                text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
            }
        }
    }
}

pub(super) fn strings<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    OneOrMany::deserialize(input)
        .map(OneOrMany::into_vec)
        .map_err(|_| D::Error::custom("expected a list of strings"))
}

pub(super) fn optional_strings<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<String>>, D::Error> {
    strings(input).map(Some)
}

pub(super) fn networks<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<IpNet>, D::Error> {
    strings(input)?
        .iter()
        .map(|text| {
            text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(
                |_| {
                    D::Error::custom(format!(
                        "{text:?} is neither an address nor a network, such as 10.0.0.5 or 10.0.0.0/8"
                    ))
                },
            )
        })
        .collect()
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
    Ok(policies)
}

pub(super) fn policy_texts<S: Serializer>(policies: &[Policy], output: S) -> Result<S::Ok, S::Error> {
    output.collect_seq(policies.iter().map(Policy::to_string))
}
