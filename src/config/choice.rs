//! A value that is one of a few words. config-rs reads enums in its own way, and does not name the words.

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use serde::{Deserialize as _, Deserializer};

pub(super) fn choice<'de, D: Deserializer<'de>, T: DeserializeOwned>(input: D) -> Result<T, D::Error> {
    let text = String::deserialize(input)?;
    let text: StringDeserializer<D::Error> = text.into_deserializer();
    T::deserialize(text)
}

pub(super) fn optional<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    input: D,
) -> Result<Option<T>, D::Error> {
    choice(input).map(Some)
}
