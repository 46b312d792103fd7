//! Sessions of signed-in people: begin, look up, list, confirm, end. Not how somebody proves who they are (`crate::identity`);
//! the look that each request takes is `crate::credentials`.

pub mod error;
mod list;
mod proof;
pub mod service;

#[cfg(test)]
mod tests;

pub use error::SessionError;
pub use list::{SessionItem, end_other_sessions, end_own_session, list_own_sessions, list_user_sessions};
pub use proof::prove_by_password;
pub(crate) use proof::{proof_entry, proved};
pub use service::{Method, NewSession, SessionMeta, SignedIn, authenticate, sign_out, still_signed_in, token_digest};
pub(crate) use service::{begin, end_all};
