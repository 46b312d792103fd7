//! What people ask for, as those see it who run the fleet: narrowed by status and kind in the address, one in a drawer. What one asks
//! for oneself is on one's own page (`pages::desktop`).

mod drawer;
#[cfg(test)]
mod in_browser;
mod view;

pub use view::RequestsPage;
