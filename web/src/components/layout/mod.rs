//! The frame around every page: side bar, banner, page heads, the palette's keys, what dialogs fetch, and the card of the pages before sign-in.

pub mod banner;
pub mod fetched;
pub mod gate;
#[cfg(test)]
mod in_browser;
pub mod nav;
pub mod page_head;
pub mod palette;
pub mod shell;
pub mod step_up;
#[cfg(test)]
mod step_up_in_browser;
