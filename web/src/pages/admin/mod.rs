//! The administration: users, roles, teams, invitations, API keys, the assistant, the audit log.

mod assistant;
mod audit;
mod grants;
mod invitations;
mod parts;
mod roles;
mod teams;
mod users;

pub use parts::AdminPages;
