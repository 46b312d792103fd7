//! What the portal tells of itself.

pub mod create;
