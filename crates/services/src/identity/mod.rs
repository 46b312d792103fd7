//! First run, sign-in and users. Not what a user may do (`domain::access`), not the sessions that sign-in begins (`crate::sessions`).

pub mod error;
pub mod password;
pub mod service;

#[cfg(test)]
mod tests;

pub use error::IdentityError;
pub use password::{PasswordHasher, WeakPassword};
pub use service::{NewUser, SetupState, create_owner, create_user, issue_setup_link, setup_state, sign_in};
