//! Signing in at an OpenID provider. What a browser meets here is sent on to a page, errors too: nobody reads JSON after a
//! redirect. What is checked is in `services::oidc`.

mod cookie;
pub mod error;
pub mod fetch;
pub mod finish;
pub mod link;
pub mod proof;
pub mod start;
pub mod unlink;
