//! Signing in, signing out, who is signed in. Passwords, codes and sessions themselves are in
//! `services::identity` and `services::sessions`.

pub mod cookie;
pub mod create;
pub mod delete;
pub mod email_code;
pub mod email_code_verify;
pub(crate) mod error;
pub mod fetch;
pub mod limit;
pub mod proof;
pub mod second_factor;
pub mod view;
