//! Connected AWS accounts: connect, list, test the connection. Not how AWS is called (crate `aws`), nor what is read from
//! it (`sync`).

pub(crate) mod access;
mod check;
pub mod connection;
pub mod error;
pub mod service;
pub mod simulated;
pub mod trial;

pub use connection::{ConnectionCheck, ConnectionTest, test_connection};
pub use error::AccountError;
pub(crate) use service::whole_account;
pub use service::{
    AccountOverview, NewAccount, RegionOverview, connect, create_account, create_account_once, fetch_account,
    list_accounts,
};
pub use simulated::ensure_simulated;
pub use store::repo::accounts::{AccountRecord, AccountRegionRecord};
pub use trial::{Trial, connect_trial, disconnect_trial};

pub use crate::page::PageRequest;
