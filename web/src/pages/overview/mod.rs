//! The overview: the fleet in numbers, how fresh they are, and what is going on.

mod morning;
mod state;
mod view;

pub use morning::sync_all;
pub use view::OverviewPage;
