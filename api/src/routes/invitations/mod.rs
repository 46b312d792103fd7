//! Invitations: sent and withdrawn by administrators, accepted by whoever has the link.

pub mod accept;
pub mod create;
pub mod delete;
pub mod list;
pub mod resend;
mod view;
