//! Requests: what somebody with a desktop asks those who run the fleet for. Not what is done about it, nor who answers: a
//! request is open until whoever made it withdraws it.

mod model;
pub mod rules;

pub use model::{RequestKind, RequestStatus};
