//! Teams and who is in them.

use domain::access::Scope;
use domain::ids::TeamId;
use store::repo::grants::grant_list;

use super::*;
use crate::access::grants::set_grants;
use crate::access::invitations::invite;
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
        // Nor ahead of an invitation to a role over a team that nobody holds anything over yet.
        let (owner, list) = (usual(ctx, "boss2@example.com", Role::Owner).await, team(ctx, "Wanted").await);
        let invited = invite(ctx, &owner, "new@example.com", &[over(OPERATOR, GrantReach::Team(list))]).await.unwrap();
        let ahead = set_members(ctx, &schemer, list, None, &[id(&boss)]).await;
        assert!(matches!(ahead, Err(AccessError::TooMuch { .. })), "{ahead:?}");
        crate::access::invitations::revoke(ctx, &owner, invited.detail.invitation.id).await.unwrap();
        set_members(ctx, &schemer, list, None, &[id(&boss)]).await.unwrap();
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

    async fn to_give_over_a_team_takes_the_team_itself(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let (lab, other) = (team(ctx, "Lab").await, team(ctx, "Other").await);
        let people = role(ctx, "People", &[Permission::UserWrite]).await;
        let clerk = person(ctx, "clerk@example.com", vec![everywhere(people)]).await;
        let grants = vec![everywhere(people), over(OPERATOR, GrantReach::Team(lab))];
        let lead = person(ctx, "lead@example.com", grants).await;
        let grace = person(ctx, "grace@example.com", Vec::new()).await;
        let admin = GrantedRole::BuiltIn(Role::Admin);
        // Nobody is in either team yet: who is given something over it reaches those who join it.
        for (giver, grant) in [
            (&clerk, over(OPERATOR, GrantReach::Team(lab))),
            (&lead, over(OPERATOR, GrantReach::Team(other))),
            (&lead, over(admin, GrantReach::Team(lab))),
        ] {
            let given = set_grants(ctx, giver, id(&grace), None, std::slice::from_ref(&grant)).await;
            assert!(matches!(given, Err(AccessError::TooMuch { .. })), "{grant:?}: {given:?}");
            let invited = invite(ctx, giver, "new@example.com", &[grant]).await;
            assert!(matches!(invited, Err(AccessError::TooMuch { .. })), "{invited:?}");
        }
        assert_eq!(grant_list(&ctx.db, id(&grace)).await.unwrap(), []);
        set_grants(ctx, &lead, id(&grace), None, &[over(OPERATOR, GrantReach::Team(lab))]).await.unwrap();
        // And to take it away likewise, whatever today's members are.
        let taken = set_grants(ctx, &clerk, id(&grace), None, &[]).await;
        assert!(matches!(taken, Err(AccessError::TooMuch { .. })), "{taken:?}");
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        set_grants(ctx, &owner, id(&grace), None, &[over(OPERATOR, GrantReach::Team(other))]).await.unwrap();
    }

    async fn nobody_takes_more_than_they_hold_by_a_team(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let lab = team(ctx, "Lab").await;
        let teams = role(ctx, "Teams", &[Permission::TeamWrite, Permission::UserRead]).await;
        let keeper = person(ctx, "keeper@example.com", vec![everywhere(teams)]).await;
        let lead = person(ctx, "lead@example.com", vec![over(OPERATOR, GrantReach::Team(lab))]).await;
        let ada = usual(ctx, "ada@example.com", Role::Member).await;
        set_members(ctx, &owner, lab, None, &[id(&ada)]).await.unwrap();
        let emptied = set_members(ctx, &keeper, lab, None, &[]).await;
        assert!(matches!(emptied, Err(AccessError::TooMuch { .. })), "{emptied:?}");
        let deleted = delete_team(ctx, &keeper, lab, None).await;
        assert!(matches!(deleted, Err(AccessError::TooMuch { .. })), "{deleted:?}");
        assert_eq!(fetch_team(ctx, &keeper, lab).await.unwrap().members.len(), 1);
        assert_eq!(grant_list(&ctx.db, id(&lead)).await.unwrap().len(), 1);
        // One that nobody holds anything over is theirs to remove.
        set_grants(ctx, &owner, id(&lead), None, &[]).await.unwrap();
        set_members(ctx, &keeper, lab, None, &[]).await.unwrap();
        delete_team(ctx, &keeper, lab, None).await.unwrap();
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
