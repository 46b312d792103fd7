//! One WorkSpace: what it is, how much it is used, what it costs, what is recommended, what happened to it, how it is set up, and what can be done with it
//! now. `state.rs` reads the address, `words.rs` says what happened; each tab reads its own of the API. The figures of usage are a
//! file of their own, shared with the page of usage.

mod action_bar;
mod activity;
#[cfg(test)]
mod activity_in_browser;
mod advice;
mod asked;
mod configuration;
mod cost;
mod events;
mod figures;
#[cfg(test)]
mod in_browser;
mod overview;
mod parts;
mod state;
mod usage;
mod view;
mod words;

pub use view::WorkspaceDetailPage;
