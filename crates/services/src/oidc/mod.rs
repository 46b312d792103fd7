//! Signing in at an OpenID provider: beginning, coming back, who that is here, and joining a provider's person to oneself.
//! The protocol is `platform::oidc`; what a provider's groups give is the configuration's (`[oidc] roles`).

mod error;
mod roles;
mod service;

pub use error::OidcFault;
pub use service::{Begun, Finished, Return, SingleSignOn, begin, finish, provider, unlink};
