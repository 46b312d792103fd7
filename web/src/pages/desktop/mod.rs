//! My desktop: one's own desktops in plain words with what can be done, and what one has asked for.

mod ask;
mod begun;
mod card;
#[cfg(test)]
mod in_browser;
mod outcome;
mod requests;
#[cfg(test)]
mod requests_in_browser;
mod state;
mod view;

pub use state::status_look;
pub use view::DesktopPage;
