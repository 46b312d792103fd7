//! Sessions of signed-in people: begin, look up, end. Not how somebody proves who they are (`crate::identity`).

pub mod error;
pub mod service;

pub use error::SessionError;
pub(crate) use service::begin;
pub use service::{NewSession, SessionMeta, SignedIn, authenticate, sign_out, still_signed_in};
