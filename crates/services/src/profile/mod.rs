//! One's own page: name and password. Second factors are in `crate::identity`, sessions in `crate::sessions`, keys in `crate::keys`,
//! export and deletion in `crate::privacy`. To add a field: a column of the user's row, its field in [`Profile`], a use case in `service.rs`.

pub mod service;

#[cfg(test)]
mod tests;

pub use crate::identity::IdentityError as ProfileError;
pub use service::{Profile, change_display_name, change_password, fetch_profile};
