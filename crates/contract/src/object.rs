//! [`Object`]: a struct that is read from a JSON object and from nothing else. What serde derives takes an array too, field after
//! field, which no schema says. It is for what clients send: a body, and lists of objects in one ([`each`]).

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// What an object said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<T>(pub T);

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// A list of objects, for `#[serde(deserialize_with = "object::each")]`.
///
/// # Errors
/// It is no list, or something in it is no object of that kind.
pub fn each<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Vec::<Object<T>>::deserialize(deserializer)?.into_iter().map(|object| object.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::{GrantBody, SetGrantsRequest};

    #[test]
    fn an_array_is_no_object() {
        let read = serde_json::from_str::<Object<GrantBody>>;
        assert_eq!(read(r#"{"role":"viewer","reach":"own"}"#).unwrap().0.reach, "own");
        for other in [r#"["viewer",null,"own"]"#, "null", "1", "\"own\"", "{}", r#"{"reach":"own","x":1}"#] {
            assert!(read(other).is_err(), "{other}");
        }
        assert!(read("[]").unwrap_err().to_string().contains("expected an object"));
        let list = serde_json::from_str::<SetGrantsRequest>;
        assert_eq!(list(r#"{"grants":[{"reach":"own"}]}"#).unwrap().grants.len(), 1);
        assert!(list(r#"{"grants":[["viewer",null,"own"]]}"#).is_err());
    }
}
