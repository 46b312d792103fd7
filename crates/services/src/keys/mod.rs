//! API keys: made for a program by somebody, never more able than they are, shown once, kept as a digest. Not the look that
//! each request takes (`crate::credentials`).

pub mod error;
pub mod service;
mod text;

#[cfg(test)]
mod tests;

pub use error::KeyError;
pub use service::{
    KeyChange, KeyItem, KeyState, MadeKey, NewKey, create_key, create_key_for, create_key_once, fetch_key, list_keys,
    rename_key, revoke_key, rotate_key, rotate_key_once,
};
pub use store::repo::api_keys::{ApiKeyFilter, ApiKeyRecord, ApiKeySort};
pub(crate) use text::is_key;
