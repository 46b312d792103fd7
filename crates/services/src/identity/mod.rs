//! First run, sign-in, sessions and users. Not what a user may do (`domain::access`).

pub mod error;
pub mod password;
pub mod service;

#[cfg(test)]
mod tests;

pub use error::IdentityError;
pub use password::{PasswordHasher, WeakPassword};
pub use service::{
    NewSession, NewUser, SessionMeta, SetupState, SignedIn, authenticate, create_owner, create_user, issue_setup_link,
    setup_state, sign_in, sign_out, still_signed_in,
};
