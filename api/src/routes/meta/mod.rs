//! The API itself.

pub mod openapi;
