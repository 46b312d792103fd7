//! Roles, built in and made by people, and the permissions they are made of.

pub mod create;
pub mod delete;
pub mod fetch;
pub mod list;
pub mod permissions;
pub mod update;
mod view;
