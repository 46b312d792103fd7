//! The rules of access on both databases: what is refused, what is given, and who wins a race.

mod grants;
mod invitations;
mod roles;
mod teams;

use domain::access::{Actor, Grant, GrantReach, GrantedRole, Permission, Role};
use domain::ids::{RoleId, UserId};
use store::Backend;
use store::repo::users::user_fetch;

use super::roles::{NewRole, create_role};
use super::{AccessError, actor_of};
use crate::audit::{AuditFilter, AuditRecord, list_entries};
use crate::identity::{NewUser, create_user};
use crate::sessions::SessionMeta;
use crate::testing::{FakeFleet, Harness};
use crate::{Context, PageRequest};

const PASSWORD: &str = "moth in relay 70";

async fn house(backend: Backend) -> Option<Harness> {
    Harness::on(backend, FakeFleet::default()).await
}

/// A user with these grants who has just proved who they are.
async fn person(ctx: &Context, email: &str, grants: Vec<Grant>) -> Actor {
    let new = NewUser { email: email.to_owned(), grants, password: PASSWORD.to_owned() };
    let id = create_user(ctx, &Actor::system(), new).await.unwrap();
    again(ctx, id).await
}

async fn usual(ctx: &Context, email: &str, role: Role) -> Actor {
    person(ctx, email, vec![Grant::usual(role)]).await
}

/// The same user as they are now, with a fresh proof.
async fn again(ctx: &Context, id: UserId) -> Actor {
    let user = user_fetch(&ctx.db, id).await.unwrap().unwrap();
    let mut actor = actor_of(&ctx.db, &user).await.unwrap();
    actor.origin.proved_at = Some(ctx.env.now());
    actor
}

fn id(actor: &Actor) -> UserId {
    actor.user_id.unwrap()
}

fn over(role: GrantedRole, reach: GrantReach) -> Grant {
    Grant { role, reach }
}

fn everywhere(role: RoleId) -> Grant {
    over(GrantedRole::Custom(role), GrantReach::Everything)
}

/// A role with these permissions.
async fn role(ctx: &Context, name: &str, permissions: &[Permission]) -> RoleId {
    let permissions = permissions.iter().copied().collect();
    let new = NewRole { name: name.to_owned(), description: String::new(), permissions };
    create_role(ctx, &Actor::system(), new).await.unwrap().0.id
}

/// The field and the code that a change was refused for.
fn field<T: std::fmt::Debug>(result: Result<T, AccessError>) -> (String, &'static str) {
    match result {
        Err(AccessError::Field { field, code, .. }) => (field, code),
        other => panic!("not refused for a field: {other:?}"),
    }
}

/// The token of a new session of that user.
async fn sign_in(ctx: &Context, email: &str) -> String {
    let session = crate::identity::sign_in(ctx, email, PASSWORD, SessionMeta::default()).await.unwrap();
    session.done().unwrap().token
}

/// What the audit log says was done with that object, oldest first.
async fn log_of(ctx: &Context, object: impl std::fmt::Display) -> Vec<AuditRecord> {
    let filter = AuditFilter { object_id: Some(object.to_string()), ..AuditFilter::default() };
    let page = PageRequest { limit: 100, cursor: None };
    let mut entries = list_entries(ctx, &Actor::system(), &filter, page).await.unwrap().items;
    entries.reverse();
    entries
}
