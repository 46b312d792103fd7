//! Roles that people make.

use domain::access::Scope;

use super::*;
use crate::access::grants::set_grants;
use crate::access::invitations::{invite, revoke};
use crate::access::roles::{RoleChange, RoleDetail, delete_role, fetch_role, list_roles, update_role};
use crate::testing::both_databases;

fn permissions(all: &[Permission]) -> RoleChange {
    RoleChange { permissions: Some(all.iter().copied().collect()), ..RoleChange::default() }
}

fn named(name: &str) -> NewRole {
    NewRole { name: name.to_owned(), description: String::new(), permissions: [Permission::WorkspaceRead].into() }
}

both_databases! {
    async fn a_role_holds_no_more_than_its_maker(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let account = harness.account().await;
        let maker = role(ctx, "Maker", &[Permission::RoleWrite, Permission::WorkspaceRead]).await;
        let stop_there = role(ctx, "Stopper", &[Permission::WorkspaceStop]).await;
        // May stop desktops of one account only: a role can be given over everything.
        let there = over(GrantedRole::Custom(stop_there), GrantReach::Account(account));
        let actor = person(ctx, "maker@example.com", vec![everywhere(maker), there]).await;
        let made = create_role(ctx, &actor, named("Readers")).await.unwrap().0;
        for too_much in [Permission::WorkspaceStop, Permission::UserWrite] {
            let mut new = named("More");
            new.permissions.insert(too_much);
            let refused = create_role(ctx, &actor, new).await;
            assert!(matches!(refused, Err(AccessError::TooMuch { .. })), "{refused:?}");
            let change = permissions(&[Permission::WorkspaceRead, too_much]);
            let refused = update_role(ctx, &actor, made.id, None, change).await;
            assert!(matches!(refused, Err(AccessError::TooMuch { .. })), "{refused:?}");
        }
        // Nor take from others what they do not have themselves.
        let refused = update_role(ctx, &actor, stop_there, None, permissions(&[])).await;
        assert!(matches!(refused, Err(AccessError::TooMuch { .. })), "{refused:?}");
        let words = RoleChange { description: Some(" for a trial ".into()), ..RoleChange::default() };
        assert_eq!(update_role(ctx, &actor, made.id, None, words).await.unwrap().0.description, "for a trial");
        let viewer = usual(ctx, "viewer@example.com", Role::Viewer).await;
        assert!(matches!(create_role(ctx, &viewer, named("x")).await, Err(AccessError::Forbidden(_))));
    }

    async fn a_change_holds_at_once_for_all_who_hold_it(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let desk = role(ctx, "Desk", &[Permission::WorkspaceRead]).await;
        person(ctx, "grace@example.com", vec![everywhere(desk)]).await;
        let token = sign_in(ctx, "grace@example.com").await;
        let may = async |permission| {
            let session = crate::sessions::authenticate(ctx, &token).await.unwrap().unwrap();
            assert_eq!(session.role, "Desk");
            session.actor.scope(permission) == Scope::Everything
        };
        assert!(!may(Permission::WorkspaceStop).await);
        let change = permissions(&[Permission::WorkspaceRead, Permission::WorkspaceStop]);
        let (changed, holders) = update_role(ctx, &owner, desk, Some(1), change).await.unwrap();
        assert_eq!((changed.version, holders), (2, 1));
        assert!(may(Permission::WorkspaceStop).await);
        let stale = update_role(ctx, &owner, desk, Some(1), permissions(&[])).await;
        assert!(matches!(stale, Err(AccessError::Changed)), "{stale:?}");
        update_role(ctx, &owner, desk, Some(2), permissions(&[])).await.unwrap();
        assert!(!may(Permission::WorkspaceStop).await && !may(Permission::WorkspaceRead).await);
        let log = log_of(ctx, desk).await;
        let actions: Vec<_> = log.iter().map(|entry| entry.record.action.as_str()).collect();
        assert_eq!(actions, ["role.create", "role.change", "role.change"]);
    }

    async fn names_are_unique_and_not_a_built_in_role_s(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let made = create_role(ctx, &owner, named(" Night shift ")).await.unwrap().0;
        assert_eq!(made.name, "Night shift");
        let taken = create_role(ctx, &owner, named("NIGHT SHIFT")).await;
        assert!(matches!(taken, Err(AccessError::NameTaken { what: "role" })), "{taken:?}");
        create_role(ctx, &owner, named("Day shift")).await.unwrap();
        let rename = RoleChange { name: Some("day SHIFT".into()), ..RoleChange::default() };
        let taken = update_role(ctx, &owner, made.id, None, rename).await;
        assert!(matches!(taken, Err(AccessError::NameTaken { .. })), "{taken:?}");
        assert_eq!(field(create_role(ctx, &owner, named("Admin")).await), ("name".to_owned(), "reserved"));
        for wrong in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert_eq!(field(create_role(ctx, &owner, named(wrong)).await), ("name".to_owned(), "invalid"), "{wrong:?}");
        }
        let all = list_roles(ctx, &owner).await.unwrap();
        let names: Vec<_> = all[7..].iter().map(|role| match role {
            RoleDetail::Custom(role, 0) => role.name.as_str(),
            other => panic!("{other:?}"),
        }).collect();
        assert_eq!(names, ["Day shift", "Night shift"]);
        assert_eq!(all[0], RoleDetail::BuiltIn(Role::Owner, 1));
    }

    async fn a_role_in_use_stays(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let desk = role(ctx, "Desk", &[Permission::WorkspaceRead]).await;
        let grace = person(ctx, "grace@example.com", vec![everywhere(desk)]).await;
        let used = delete_role(ctx, &owner, desk, None).await;
        assert!(matches!(used, Err(AccessError::RoleInUse { holders: 1, invited: 0 })), "{used:?}");
        set_grants(ctx, &owner, id(&grace), None, &[]).await.unwrap();
        let invited = invite(ctx, &owner, "new@example.com", &[everywhere(desk)]).await.unwrap();
        let used = delete_role(ctx, &owner, desk, None).await;
        assert!(matches!(used, Err(AccessError::RoleInUse { holders: 0, invited: 1 })), "{used:?}");
        revoke(ctx, &owner, invited.detail.invitation.id).await.unwrap();
        let stale = delete_role(ctx, &owner, desk, Some(7)).await;
        assert!(matches!(stale, Err(AccessError::Changed)), "{stale:?}");
        delete_role(ctx, &owner, desk, Some(1)).await.unwrap();
        let gone = fetch_role(ctx, &owner, desk).await;
        assert!(matches!(gone, Err(AccessError::NotFound("role"))), "{gone:?}");
    }

    async fn giving_a_role_and_removing_it_are_never_both_done(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let grace = usual(ctx, "grace@example.com", Role::Viewer).await;
        for round in 0..6 {
            let desk = role(ctx, &format!("Desk {round}"), &[Permission::WorkspaceRead]).await;
            let (ctx_one, ctx_two, one, two, target) = (ctx.clone(), ctx.clone(), owner.clone(), owner.clone(), id(&grace));
            let (given, removed) = tokio::join!(
                tokio::spawn(async move { set_grants(&ctx_one, &one, target, None, &[everywhere(desk)]).await.map(drop) }),
                tokio::spawn(async move { delete_role(&ctx_two, &two, desk, None).await }),
            );
            match (given.unwrap(), removed.unwrap()) {
                (Ok(()), Err(AccessError::RoleInUse { holders: 1, invited: 0 })) => {}
                (Err(AccessError::Field { code: "unknown", .. }), Ok(())) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}
