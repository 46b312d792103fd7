//! `Query<T>`: the query string as a struct that refuses unknown parameters, or 400 `invalid_query` that names the parameter.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::NUL_MESSAGE;
use crate::error::ApiError;

/// The query string. `T` should `deny_unknown_fields`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// What the query string says.
///
/// # Errors
/// 400 `invalid_query` that names the parameter.
pub(crate) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query).map_err(|e| ApiError::query("query", "malformed", e.to_string()))?;
    if let Some((name, _)) = pairs.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err(ApiError::query(&name.replace('\0', ""), "nul", NUL_MESSAGE));
    }
    let pairs = pairs.into_iter().map(|(name, value)| (name, Text(value)));
    let deserializer = serde::de::value::MapDeserializer::<_, serde::de::value::Error>::new(pairs);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let message = error.inner().to_string();
        let (name, field_code) = match backticked(&message) {
            Some(name) if message.starts_with("unknown field") => (name, "unknown"),
            Some(name) if message.starts_with("duplicate field") => (name, "duplicate"),
            Some(name) if message.starts_with("missing field") => (name, "missing"),
            _ => (error.path().to_string(), "invalid"),
        };
        ApiError::query(&name, field_code, message)
    })
}

/// The first name between backticks in one of serde's messages.
pub(super) fn backticked(message: &str) -> Option<String> {
    message.split('`').nth(1).map(str::to_owned)
}

/// One value of the query string: text, or what the text says when a number or a bool is wanted.
struct Text(String);

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty, $what:literal;)+) => {$(
        fn $method<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let value: $type = self.0.parse().map_err(|_| {
                serde::de::Error::custom(format_args!(concat!("{:?} is not ", $what), self.0))
            })?;
            visitor.$visit(value)
        }
    )+};
}

impl<'de> serde::Deserializer<'de> for Text {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: serde::de::Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    parsed! {
        deserialize_bool visit_bool bool, "true or false";
        deserialize_u32 visit_u32 u32, "a whole number from 0";
        deserialize_u64 visit_u64 u64, "a whole number from 0";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct enum identifier ignored_any
    }
}

impl<'de> serde::de::IntoDeserializer<'de, serde::de::value::Error> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use contract::accounts::SyncRunQuery;
    use contract::workspaces::WorkspaceQuery;

    use super::*;

    fn refused<T: DeserializeOwned + std::fmt::Debug>(query: &str) -> (String, String) {
        let error = parse::<T>(query).unwrap_err();
        assert_eq!(error.code(), contract::problem::code::INVALID_QUERY, "{query}");
        (error.errors()[0].field.clone(), error.errors()[0].code.clone())
    }

    #[test]
    fn good_queries_are_read() {
        let query: WorkspaceQuery = parse("q=a%20b&state=STOPPED,AVAILABLE&limit=7&gone=true").unwrap();
        assert_eq!(query.q.as_deref(), Some("a b"));
        assert_eq!(query.limit, Some(7));
        assert_eq!(query.gone, Some(true));
        assert!(parse::<SyncRunQuery>("account=0190b6a0-0000-7000-8000-000000000000").unwrap().account.is_some());
    }

    #[test]
    fn wrong_ones_are_named() {
        let pair = |f: &str, c: &str| (f.to_owned(), c.to_owned());
        assert_eq!(refused::<WorkspaceQuery>("stat=x"), pair("stat", "unknown"));
        assert_eq!(refused::<WorkspaceQuery>("limit=ten"), pair("limit", "invalid"));
        assert_eq!(refused::<WorkspaceQuery>("limit=-1"), pair("limit", "invalid"));
        assert_eq!(refused::<WorkspaceQuery>("gone=yes"), pair("gone", "invalid"));
        assert_eq!(refused::<WorkspaceQuery>("q=a&q=b"), pair("q", "duplicate"));
        assert_eq!(refused::<WorkspaceQuery>("q=a%00b"), pair("q", "nul"));
        assert_eq!(refused::<SyncRunQuery>("account=7"), pair("account", "invalid"));
    }
}
