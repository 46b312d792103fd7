//! What people may ask of us about their own data: take it along, be forgotten. How long things are kept is in the configuration.

pub mod delete_own;
pub mod delete_user;
mod error;
pub mod export;
