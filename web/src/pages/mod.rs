//! One folder per page: `state.rs` decides (pure where it can be, and tested), `view.rs` shows, `mod.rs` joins the two into
//! `…Page`. To add a page: such a folder, its line in [`chunks`], then its route in `app.rs`.

pub mod accounts;
pub mod admin;
pub mod assistant;
pub mod audit;
pub mod chunks;
pub mod costs;
pub mod desktop;
pub mod errors;
pub mod job;
pub mod jobs;
pub mod keys;
pub mod overview;
pub mod palette;
pub mod places;
pub mod profile;
pub mod reports;
pub mod requests;
pub mod setup;
pub mod sign_in;
pub mod usage;
pub mod views;
pub mod workspace;
pub mod workspaces;
