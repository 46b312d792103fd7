//! Who may do what: the people, what they were given, roles that people make, teams, invitations. Not who somebody is
//! (`crate::identity`), not how long they stay signed in (`crate::sessions`).
//!
//! Three rules hold over all of it: nobody gives away more than they hold, an owner is made and unmade by owners only, and
//! one enabled owner is always left. Whatever changes who may do what takes [`store::repo::grants::access_lock`] first and
//! looks again at what the asking person holds: of two who would demote each other, one does.
//! To add a rule: a check in `check.rs`, an error in `error.rs`, its trial in `tests/`.

mod actor;
mod check;
pub mod error;
pub mod grants;
pub mod invitations;
pub mod roles;
pub mod teams;
pub mod users;

#[cfg(test)]
mod tests;

pub(crate) use actor::grants_of;
pub use actor::{actor_from, actor_of, role_name};
pub use error::AccessError;
