//! First run: the one-time link leads here, and the owner is created. Not for further users.

mod state;
mod view;

pub use state::token;
pub use view::SetupPage;
