//! The members of a JSON object, each of which is given once.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, map};

/// A value in which, at any depth, no member of an object is given twice.
#[derive(Debug)]
pub struct Unambiguous(pub Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ValueReader).map(Self)
    }
}

struct ValueReader;

impl<'de> Visitor<'de> for ValueReader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Unambiguous(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Unambiguous(value))) = map.next_entry::<String, _>()? {
            match members.entry(name) {
                map::Entry::Vacant(free) => drop(free.insert(value)),
                map::Entry::Occupied(taken) => {
                    let twice = format_args!("the member {:?} is given twice", taken.key());
                    return Err(de::Error::custom(twice));
                }
            }
        }
        Ok(Value::Object(members))
    }
}

/// The members of an object, in their order.
pub type Members<V> = IndexMap<String, V>;

/// An object as it was written. Of two values of one name nobody can tell which is meant.
#[derive(Debug)]
pub struct JsonObject<V> {
    members: Members<V>,
    twice: BTreeSet<String>,
}

impl<V> JsonObject<V> {
    /// # Errors
    /// The names that are given more than once.
    pub fn members(self) -> Result<Members<V>, BTreeSet<String>> {
        if self.twice.is_empty() { Ok(self.members) } else { Err(self.twice) }
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for JsonObject<V> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(Reader(PhantomData))
    }
}

struct Reader<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Reader<V> {
    type Value = JsonObject<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut members, mut twice) = (Members::new(), BTreeSet::new());
        while let Some((name, value)) = map.next_entry::<String, V>()? {
            match members.entry(name) {
                Entry::Vacant(free) => drop(free.insert(value)),
                Entry::Occupied(taken) => drop(twice.insert(taken.key().clone())),
            }
        }
        Ok(JsonObject { members, twice })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &[u8]) -> Option<Map<String, Value>> {
        match serde_json::from_slice(text) {
            Ok(Unambiguous(Value::Object(members))) => Some(members),
            _ => None,
        }
    }

    #[test]
    fn a_doubled_member_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(object(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn everything_else_is_read_as_usual() {
        let text = br#"{"a":[null,true,-1,18446744073709551615,1.5,"x"],"b":{"a":{}}}"#;
        let usual: Map<String, Value> = serde_json::from_slice(text).expect("an object");
        assert_eq!(object(text), Some(usual));
        for text in ["[]", "1", "", "{}x", "{\"a\":\"\u{0}\"}"] {
            assert_eq!(object(text.as_bytes()), None, "{text}");
        }
        assert_eq!(object(format!("{{\"a\":{}", "[".repeat(10_000)).as_bytes()), None);
    }
}
