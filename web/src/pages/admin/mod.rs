//! The administration: users, roles, teams, invitations, API keys, the assistant.

mod assistant;
mod grants;
mod invitations;
mod parts;
mod roles;
mod teams;
mod users;

pub use parts::AdminPages;
