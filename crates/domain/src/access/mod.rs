//! Who may do what: [`Permission`] (an enum and one marker type each), built-in [`Role`]s, the [`Scope`] a
//! role is held in, and the [`Actor`] that every use case takes first. Not sign-in: that is `services::identity`. To add a permission: a line in `permission.rs`, then the
//! roles that have it in `role.rs`.

mod actor;
mod email;
mod grant;
mod permission;
mod role;
mod scope;

pub use actor::{Actor, Forbidden, Held, Origin, StepUpNeeded};
pub use email::{EMAIL_MAX, is_email};
pub use grant::{Grant, GrantReach, GrantedRole};
pub use permission::{Permission, PermissionMarker, marker};
pub use role::Role;
pub use scope::{Place, Reach, Scope, user_key};
