//! Connected AWS accounts: list, connect, look at, test, sync.

pub mod create;
mod error;
pub mod fetch;
pub mod list;
pub mod sync;
pub mod test;
pub mod view;
