//! One's own account: who one is and how one signs in, sessions, API keys, how the portal looks.

mod account;
#[cfg(test)]
mod account_in_browser;
mod data;
mod factor;
#[cfg(test)]
mod in_browser;
mod keys;
mod parts;
mod sessions;
#[cfg(test)]
mod sessions_in_browser;
mod sso;
mod theme;

pub use parts::ProfilePages;
