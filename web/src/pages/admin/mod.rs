//! The administration: users, roles, teams, invitations, API keys, the assistant, settings.

mod assistant;
mod grants;
mod invitations;
#[cfg(test)]
mod invitations_in_browser;
mod parts;
mod roles;
#[cfg(test)]
mod roles_in_browser;
mod settings;
mod teams;
#[cfg(test)]
mod teams_in_browser;
mod users;

pub use parts::AdminPages;
