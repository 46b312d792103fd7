//! The sessions of a person: one's own, and those of others for whoever manages users. Beginning one is `routes::session`.

pub mod end_others;
pub mod end_own;
pub mod end_user;
pub mod list_own;
pub mod list_user;
mod view;
