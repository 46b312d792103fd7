//! Connected AWS accounts: their regions and freshness, connecting one, testing the connection, syncing.

mod card;
#[cfg(test)]
mod card_in_browser;
mod connect;
mod data;
#[cfg(test)]
mod in_browser;
mod regions_field;
mod state;
mod test;
mod view;

pub use view::AccountListPage;
