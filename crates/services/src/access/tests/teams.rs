//! Teams and who is in them.

use domain::access::Scope;
use domain::ids::TeamId;
use store::repo::grants::grant_list;

use super::*;
use crate::access::grants::set_grants;
use crate::access::teams::{TeamChange, create_team, delete_team, fetch_team, list_teams, set_members, update_team};
use crate::testing::both_databases;

const OPERATOR: GrantedRole = GrantedRole::BuiltIn(Role::Operator);

async fn team(ctx: &Context, name: &str) -> TeamId {
    create_team(ctx, &Actor::system(), name, "").await.unwrap().team.id
}

both_databases! {
    async fn who_holds_a_role_over_a_team_reaches_its_members_desktops(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let lab = team(ctx, "Lab").await;
        let lead = person(ctx, "lead@example.com", vec![over(OPERATOR, GrantReach::Team(lab))]).await;
        let (ada, bob) = (usual(ctx, "Ada@example.com", Role::Member).await, usual(ctx, "bob@example.com", Role::Member).await);
        assert!(!lead.may(Permission::WorkspaceStop), "a team of nobody is nothing");
        let detail = set_members(ctx, &owner, lab, Some(1), &[id(&ada), id(&bob), id(&ada)]).await.unwrap();
        assert_eq!((detail.team.version, detail.members.len()), (2, 2));
        let scope = again(ctx, id(&lead)).await.scope(Permission::WorkspaceStop);
        assert_eq!(scope, Scope::desktops(["ada", "bob"]));
        set_members(ctx, &owner, lab, Some(2), &[id(&bob)]).await.unwrap();
        assert_eq!(again(ctx, id(&lead)).await.scope(Permission::WorkspaceStop), Scope::desktops(["bob"]));
        let stale = set_members(ctx, &owner, lab, Some(2), &[]).await;
        assert!(matches!(stale, Err(AccessError::Changed)), "{stale:?}");
        let nobody = UserId(uuid::Uuid::from_u128(404));
        let unknown = set_members(ctx, &owner, lab, None, &[id(&bob), nobody]).await;
        assert_eq!(field(unknown), ("user_ids[1]".to_owned(), "unknown"));
        delete_team(ctx, &owner, lab, None).await.unwrap();
        assert_eq!(grant_list(&ctx.db, id(&lead)).await.unwrap(), [], "what was held over it is gone");
        assert!(matches!(fetch_team(ctx, &owner, lab).await, Err(AccessError::NotFound("team"))));
        let actions: Vec<_> = log_of(ctx, lab).await.into_iter().map(|entry| entry.record.action).collect();
        assert_eq!(actions, ["team.create", "team.members", "team.members", "team.delete"]);
    }

    async fn nobody_reaches_further_by_adding_members(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let lab = team(ctx, "Lab").await;
        let teams = role(ctx, "Teams", &[Permission::TeamWrite, Permission::UserRead]).await;
        // Holds a role over the team themselves, and may say who is in it.
        let grants = vec![everywhere(teams), over(OPERATOR, GrantReach::Team(lab))];
        let schemer = person(ctx, "schemer@example.com", grants).await;
        let boss = usual(ctx, "boss@example.com", Role::Member).await;
        let refused = set_members(ctx, &schemer, lab, None, &[id(&boss)]).await;
        assert!(matches!(refused, Err(AccessError::TooMuch { .. })), "{refused:?}");
        assert!(fetch_team(ctx, &schemer, lab).await.unwrap().members.is_empty());
        // A team that nobody holds anything over is harmless.
        let list = team(ctx, "List").await;
        set_members(ctx, &schemer, list, None, &[id(&boss)]).await.unwrap();
        // And to give a role over a team with members takes what it reaches.
        let giver = role(ctx, "Giver", &[Permission::UserWrite]).await;
        let giver = person(ctx, "giver@example.com", vec![everywhere(giver)]).await;
        let given = set_grants(ctx, &giver, id(&boss), None, &[over(OPERATOR, GrantReach::Team(list))]).await;
        assert!(matches!(given, Err(AccessError::TooMuch { .. })), "{given:?}");
        let mut late = usual(ctx, "owner@example.com", Role::Owner).await;
        late.origin.proved_at = None;
        assert!(matches!(set_members(ctx, &late, list, None, &[]).await, Err(AccessError::StepUp(_))));
        assert!(matches!(delete_team(ctx, &late, list, None).await, Err(AccessError::StepUp(_))));
    }

    async fn names_pages_and_changes(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        for name in ["beta", "Alpha", "gamma 5%"] {
            team(ctx, name).await;
        }
        let taken = create_team(ctx, &owner, " ALPHA ", "").await;
        assert!(matches!(taken, Err(AccessError::NameTaken { what: "team" })), "{taken:?}");
        assert_eq!(field(create_team(ctx, &owner, " ", "").await), ("name".to_owned(), "invalid"));
        assert_eq!(field(create_team(ctx, &owner, "x", &"y".repeat(501)).await), ("description".to_owned(), "invalid"));
        let first = list_teams(ctx, &owner, None, PageRequest { limit: 2, cursor: None }).await.unwrap();
        let names: Vec<_> = first.items.iter().map(|(team, _)| team.name.as_str()).collect();
        assert_eq!((names, first.total), (vec!["Alpha", "beta"], 3));
        let second = list_teams(ctx, &owner, None, PageRequest { limit: 2, cursor: first.next_cursor.clone() }).await.unwrap();
        assert_eq!((second.items[0].0.name.as_str(), second.next_cursor), ("gamma 5%", None));
        let other = list_teams(ctx, &owner, Some("a".into()), PageRequest { limit: 2, cursor: first.next_cursor }).await;
        assert!(matches!(other, Err(AccessError::Store(store::StoreError::BadCursor))), "{other:?}");
        let found = list_teams(ctx, &owner, Some("5%".into()), PageRequest { limit: 2, cursor: None }).await.unwrap();
        assert_eq!(found.total, 1);
        let gamma = found.items[0].0.id;
        let change = TeamChange { name: Some("Gamma".into()), description: None };
        assert_eq!(update_team(ctx, &owner, gamma, Some(1), change.clone()).await.unwrap().team.version, 2);
        assert!(matches!(update_team(ctx, &owner, gamma, Some(1), change).await, Err(AccessError::Changed)));
        let viewer = usual(ctx, "viewer@example.com", Role::Viewer).await;
        assert!(matches!(create_team(ctx, &viewer, "x", "").await, Err(AccessError::Forbidden(_))));
        assert!(matches!(fetch_team(ctx, &viewer, gamma).await, Err(AccessError::Forbidden(_))));
    }
}
