//! Usage: who is connected when and for how long. `state.rs` reads the address, `words.rs` makes charts' data of answers; each
//! figure reads its own part of the API.

mod compared;
mod days;
mod figures;
mod filters;
mod groups;
mod head;
#[cfg(test)]
mod in_browser;
mod lists;
mod more;
#[cfg(test)]
mod page_in_browser;
mod period;
mod split;
mod state;
mod teams;
mod view;
pub mod words;

pub use more::{More, MoreRows, Part};
pub use period::{PeriodPicker, ZoomOut};
pub use state::Period;
pub use view::UsagePage;
