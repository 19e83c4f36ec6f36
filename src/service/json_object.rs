//! The members of a JSON object, each of which is given once.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

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
