//! First run, signing in by password, mailed code and second factor, new passwords. Not what a user may do (`domain::access`),
//! not the sessions that sign-in begins (`crate::sessions`), not one's own page (`crate::profile`).

pub mod email_code;
pub mod error;
mod letters;
pub mod password;
pub mod proof;
pub mod reset;
pub mod second_factor;
pub mod service;
pub mod sign_in;
mod totp;

#[cfg(test)]
mod factor_tests;
#[cfg(test)]
mod mail_tests;
#[cfg(test)]
mod tests;

pub use email_code::{request_email_code, verify_email_code};
pub use error::IdentityError;
pub use letters::Notice;
pub(crate) use letters::notify;
pub use password::{PasswordHasher, WeakPassword};
pub use proof::{Proof, prove};
pub use reset::{confirm_password_reset, request_password_reset};
pub use second_factor::{begin_totp, confirm_totp, finish_sign_in, new_recovery_codes, remove_totp};
pub use service::{
    NewUser, SetupOffer, SetupState, create_owner, create_user, issue_setup_link, offer_setup_link, setup_state,
};
pub use sign_in::{Challenge, SignIn, sign_in};
pub(crate) use sign_in::{begin_noted, refused};
pub use totp::TotpSetup;
