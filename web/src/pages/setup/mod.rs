//! First run: the one-time link leads here, and the owner is created. Not for further users.

#[cfg(test)]
mod in_browser;
mod state;
mod view;

pub use state::token;
pub use view::SetupPage;
