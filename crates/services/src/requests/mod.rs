//! Requests: what people with desktops ask those who run the fleet for. Making one, seeing one's own and those within one's
//! reach, taking one back. Who answers them, and what then happens, is not here.

pub mod error;
pub mod service;

pub use error::RequestError;
pub use service::{
    MOST_OPEN, RequestDetail, Wish, create_request_once, fetch_request, list_requests, withdraw_request,
};
pub use store::repo::requests::{RequestFilter, RequestRecord, RequestStep};
