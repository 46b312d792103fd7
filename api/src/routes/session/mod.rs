//! Signing in, signing out, who is signed in. Passwords and sessions themselves are in `services::identity`.

pub mod cookie;
pub mod create;
pub mod delete;
mod error;
pub mod fetch;
pub mod limit;
pub mod view;
