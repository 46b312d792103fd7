//! The administration: users, roles, teams, invitations, API keys, the assistant, settings.

mod assistant;
mod grants;
mod invitations;
#[cfg(test)]
mod invitations_in_browser;
mod parts;
mod roles;
mod settings;
mod teams;
mod users;

pub use parts::AdminPages;
