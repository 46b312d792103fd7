//! One job: how far it is, how its attempts went, what it reported, and its log.

mod address;
#[cfg(test)]
mod in_browser;
mod items;
mod report;
mod state;
mod view;

pub use view::JobDetailPage;
