//! People and what they hold. Their sessions are in `routes::sessions`, their keys in `routes::api_keys`.

pub(crate) mod error;
pub mod fetch;
pub mod grants;
pub mod list;
pub mod update;
pub(crate) mod view;
