//! Signing in at an OpenID provider: beginning, coming back, who that is here, joining a provider's person to oneself, and
//! proving there that it is still oneself.
//! The protocol is `platform::oidc`; what a provider's groups give is the configuration's (`[oidc] roles`).

mod error;
mod join;
mod roles;
mod service;
mod sign_in;

pub use error::OidcFault;
pub use join::unlink;
pub use service::{Begun, Failed, Finished, Purpose, Return, SingleSignOn, begin, finish, provider};
