//! Giving and taking roles, disabling people.

use std::collections::BTreeSet;

use domain::access::{Scope, StepUpNeeded};
use domain::ids::{AccountId, TeamId};
use store::repo::grants::{enabled_owner_count, grant_list};
use store::repo::users::user_fetch_by_email;
use uuid::Uuid;

use super::*;
use crate::PageRequest;
use crate::access::grants::set_grants;
use crate::access::users::{
    Filter, Sort, SortDirection, UserChange, end_user_sessions, fetch_user, list_users, may_remove, update_user,
};
use crate::testing::both_databases;

const VIEWER: GrantedRole = GrantedRole::BuiltIn(Role::Viewer);
const OPERATOR: GrantedRole = GrantedRole::BuiltIn(Role::Operator);

async fn demote(ctx: &Context, actor: &Actor, target: UserId) -> Result<(), AccessError> {
    set_grants(ctx, actor, target, None, &[Grant::usual(Role::Viewer)]).await.map(drop)
}

fn disable() -> UserChange {
    UserChange { enabled: Some(false), display_name: None }
}

both_databases! {
    async fn of_two_owners_who_demote_each_other_one_does(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        // With a third owner the second of them would not be the last, and is no owner any more all the same.
        for (round, spectators) in [(0, 0), (1, 0), (2, 1), (3, 1)] {
            let one = usual(ctx, &format!("one{round}@example.com"), Role::Owner).await;
            let two = usual(ctx, &format!("two{round}@example.com"), Role::Owner).await;
            for number in 0..spectators {
                usual(ctx, &format!("third{round}{number}@example.com"), Role::Owner).await;
            }
            let before = enabled_owner_count(&ctx.db).await.unwrap();
            let (ctx_one, ctx_two) = (ctx.clone(), ctx.clone());
            let (id_one, id_two) = (id(&one), id(&two));
            let (first, second) = tokio::join!(
                tokio::spawn(async move { demote(&ctx_one, &one, id_two).await }),
                tokio::spawn(async move { demote(&ctx_two, &two, id_one).await }),
            );
            let results = [first.unwrap(), second.unwrap()];
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
            let refused = |result: &Result<(), _>| matches!(result, Err(AccessError::Forbidden(_)));
            assert!(results.iter().any(refused), "who was demoted may do nothing any more: {results:?}");
            assert_eq!(enabled_owner_count(&ctx.db).await.unwrap(), before - 1);
            // The next round begins with none of them.
            for name in ["one", "two", "third"] {
                for suffix in ["", "0"] {
                    let email = format!("{name}{round}{suffix}@example.com");
                    let Some(user) = user_fetch_by_email(&ctx.db, &email).await.unwrap() else { continue };
                    drop(update_user(ctx, &Actor::system(), user.id, None, disable()).await);
                }
            }
        }
    }

    async fn both_of_the_last_two_owners_can_not_leave_at_once(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let one = usual(ctx, "one@example.com", Role::Owner).await;
        let two = usual(ctx, "two@example.com", Role::Owner).await;
        let (ctx_one, ctx_two) = (ctx.clone(), ctx.clone());
        let (first, second) = tokio::join!(
            tokio::spawn(async move { demote(&ctx_one, &one, id(&one)).await }),
            tokio::spawn(async move { update_user(&ctx_two, &two, id(&two), None, disable()).await.map(drop) }),
        );
        let results = [first.unwrap(), second.unwrap()];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.iter().any(|result| matches!(result, Err(AccessError::LastOwner))), "{results:?}");
        assert_eq!(enabled_owner_count(&ctx.db).await.unwrap(), 1);
    }

    async fn the_last_owner_stays(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let asleep = usual(ctx, "asleep@example.com", Role::Owner).await;
        update_user(ctx, &owner, id(&asleep), None, disable()).await.unwrap();
        let demoted = demote(ctx, &owner, id(&owner)).await;
        assert!(matches!(demoted, Err(AccessError::LastOwner)), "{demoted:?}");
        let disabled = update_user(ctx, &Actor::system(), id(&owner), None, disable()).await;
        assert!(matches!(disabled, Err(AccessError::LastOwner)), "{disabled:?}");
        let tx = ctx.db.begin().await.unwrap();
        let user = user_fetch(&tx, id(&owner)).await.unwrap().unwrap();
        assert!(matches!(may_remove(&tx, ctx, &owner, &user).await, Err(AccessError::LastOwner)));
        let other = user_fetch(&tx, id(&asleep)).await.unwrap().unwrap();
        may_remove(&tx, ctx, &owner, &other).await.unwrap();
        tx.rollback().await.unwrap();
        // One who can't sign in is no owner to count on; once they can, the other may go.
        let enable = UserChange { enabled: Some(true), display_name: None };
        update_user(ctx, &owner, id(&asleep), None, enable).await.unwrap();
        demote(ctx, &owner, id(&owner)).await.unwrap();
        assert_eq!(enabled_owner_count(&ctx.db).await.unwrap(), 1);
    }

    async fn owners_are_made_and_unmade_by_owners(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let admin = usual(ctx, "admin@example.com", Role::Admin).await;
        let mut other = usual(ctx, "other@example.com", Role::Viewer).await;
        let owners = [Grant::usual(Role::Owner)];
        for target in [id(&admin), id(&other)] {
            let made = set_grants(ctx, &admin, target, None, &owners).await;
            assert!(matches!(made, Err(AccessError::OwnersOnly)), "{made:?}");
        }
        assert!(matches!(demote(ctx, &admin, id(&owner)).await, Err(AccessError::OwnersOnly)));
        let off = update_user(ctx, &admin, id(&owner), None, disable()).await;
        assert!(matches!(off, Err(AccessError::OwnersOnly)), "{off:?}");
        set_grants(ctx, &owner, id(&other), None, &owners).await.unwrap();
        other = again(ctx, id(&other)).await;
        demote(ctx, &other, id(&owner)).await.unwrap();
        // An admin does give and take what an admin has.
        set_grants(ctx, &admin, id(&owner), None, &[Grant::usual(Role::Admin)]).await.unwrap();
    }

    async fn nobody_gives_or_takes_more_than_they_hold(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let account = harness.account().await;
        let people = role(ctx, "People", &[Permission::UserRead, Permission::UserWrite]).await;
        let clerk_grants = vec![everywhere(people), over(VIEWER, GrantReach::Account(account))];
        let clerk = person(ctx, "clerk@example.com", clerk_grants.clone()).await;
        let grace = person(ctx, "grace@example.com", Vec::new()).await;
        let give = async |grant: Grant| set_grants(ctx, &clerk, id(&grace), None, &[grant]).await.map(drop);
        for too_much in [
            Grant::usual(Role::Viewer),
            Grant::usual(Role::Admin),
            Grant::usual(Role::Member),
            over(OPERATOR, GrantReach::Account(account)),
            over(VIEWER, GrantReach::Region("eu-central-1".parse().unwrap())),
        ] {
            let given = give(too_much.clone()).await;
            assert!(matches!(given, Err(AccessError::TooMuch { .. })), "{too_much:?}: {given:?}");
        }
        assert_eq!(grant_list(&ctx.db, id(&grace)).await.unwrap(), [], "nothing of it was kept");
        give(over(VIEWER, GrantReach::Account(account))).await.unwrap();
        give(everywhere(people)).await.unwrap();
        // Nor to themselves, nor take from somebody who holds more, nor disable them.
        let mut more = clerk_grants.clone();
        more.push(Grant::usual(Role::Operator));
        let own = set_grants(ctx, &clerk, id(&clerk), None, &more).await;
        assert!(matches!(own, Err(AccessError::TooMuch { .. })), "{own:?}");
        let operator = usual(ctx, "operator@example.com", Role::Operator).await;
        let taken = set_grants(ctx, &clerk, id(&operator), None, &[]).await;
        assert!(matches!(taken, Err(AccessError::TooMuch { .. })), "{taken:?}");
        let off = update_user(ctx, &clerk, id(&operator), None, disable()).await;
        assert!(matches!(off, Err(AccessError::TooMuch { .. })), "{off:?}");
        // What somebody has already is not given: others' grants may stay beside.
        let kept = [Grant::usual(Role::Operator), everywhere(people)];
        set_grants(ctx, &clerk, id(&operator), None, &kept).await.unwrap();
        // The permission over a part is not enough to manage people.
        let part = person(ctx, "part@example.com", vec![over(GrantedRole::BuiltIn(Role::Admin), GrantReach::Account(account))]).await;
        let local = set_grants(ctx, &part, id(&grace), None, &[]).await;
        assert!(matches!(local, Err(AccessError::Forbidden(_))), "{local:?}");
    }

    async fn a_change_counts_at_once_also_for_who_makes_it(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let stale = usual(ctx, "admin@example.com", Role::Admin).await;
        let grace = usual(ctx, "grace@example.com", Role::Viewer).await;
        demote(ctx, &owner, id(&stale)).await.unwrap();
        // The actor of a request that began before.
        let given = set_grants(ctx, &stale, id(&grace), None, &[Grant::usual(Role::Operator)]).await;
        assert!(matches!(given, Err(AccessError::Forbidden(_))), "{given:?}");
        let stale = usual(ctx, "admin2@example.com", Role::Admin).await;
        update_user(ctx, &owner, id(&stale), None, disable()).await.unwrap();
        let given = set_grants(ctx, &stale, id(&grace), None, &[Grant::usual(Role::Operator)]).await;
        assert!(matches!(given, Err(AccessError::Forbidden(_))), "{given:?}");
    }

    async fn sessions_of_others_are_ended_by_who_holds_as_much(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let admin = usual(ctx, "admin@example.com", Role::Admin).await;
        let operator = usual(ctx, "operator@example.com", Role::Operator).await;
        let people = role(ctx, "People", &[Permission::UserWrite]).await;
        let clerk = person(ctx, "clerk@example.com", vec![everywhere(people)]).await;
        let (boss, run) = (sign_in(ctx, "owner@example.com").await, sign_in(ctx, "operator@example.com").await);
        let good = async |token: &str| crate::sessions::authenticate(ctx, token).await.unwrap().is_some();
        let above = end_user_sessions(ctx, &admin, id(&owner)).await;
        assert!(matches!(above, Err(AccessError::OwnersOnly)), "{above:?}");
        let more = end_user_sessions(ctx, &clerk, id(&operator)).await;
        assert!(matches!(more, Err(AccessError::TooMuch { .. })), "{more:?}");
        let may_not = end_user_sessions(ctx, &operator, id(&clerk)).await;
        assert!(matches!(may_not, Err(AccessError::Forbidden(_))), "{may_not:?}");
        let mut late = again(ctx, id(&admin)).await;
        late.origin.proved_at = None;
        let late = end_user_sessions(ctx, &late, id(&operator)).await;
        assert!(matches!(late, Err(AccessError::StepUp(StepUpNeeded::Confirm))), "{late:?}");
        let nobody = end_user_sessions(ctx, &admin, UserId(Uuid::from_u128(404))).await;
        assert!(matches!(nobody, Err(AccessError::NotFound("user"))), "{nobody:?}");
        assert!(good(&boss).await && good(&run).await);
        assert_eq!(end_user_sessions(ctx, &admin, id(&operator)).await.unwrap(), 1);
        assert!(good(&boss).await && !good(&run).await, "at once");
        assert_eq!(log_of(ctx, id(&operator)).await.last().unwrap().record.action, "session.end_all");
    }

    async fn proofs_and_keys(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let mut owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let grace = usual(ctx, "grace@example.com", Role::Viewer).await;
        harness.advance(601);
        let late = demote(ctx, &owner, id(&grace)).await;
        assert!(matches!(late, Err(AccessError::StepUp(StepUpNeeded::Confirm))), "{late:?}");
        let off = update_user(ctx, &owner, id(&grace), None, disable()).await;
        assert!(matches!(off, Err(AccessError::StepUp(StepUpNeeded::Confirm))), "{off:?}");
        let name = UserChange { display_name: Some(" Grace ".into()), enabled: None };
        let renamed = update_user(ctx, &owner, id(&grace), None, name.clone()).await.unwrap();
        assert_eq!(renamed.user.display_name, "Grace", "a name needs no proof");
        owner.origin.proved_at = Some(ctx.env.now());
        owner.origin.key_id = Some(domain::ids::ApiKeyId(Uuid::from_u128(1)));
        let keyed = set_grants(ctx, &owner, id(&grace), None, &[]).await;
        assert!(matches!(keyed, Err(AccessError::StepUp(StepUpNeeded::NotByKey))), "{keyed:?}");
        // A key that was made for less does less, whatever its owner may.
        let less = owner.narrowed(&BTreeSet::from([Permission::UserRead]));
        assert!(matches!(update_user(ctx, &less, id(&grace), None, name).await, Err(AccessError::Forbidden(_))));
    }

    async fn wrong_grants_name_their_field_and_versions_are_kept_to(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let grace = usual(ctx, "grace@example.com", Role::Viewer).await;
        let nobody = Uuid::from_u128(404);
        let viewer = Grant::usual(Role::Viewer);
        for (grant, wrong) in [
            (over(GrantedRole::Custom(RoleId(nobody)), GrantReach::Everything), ("grants[1].role_id", "unknown")),
            (over(VIEWER, GrantReach::Account(AccountId(nobody))), ("grants[1].account_id", "unknown")),
            (over(VIEWER, GrantReach::Team(TeamId(nobody))), ("grants[1].team_id", "unknown")),
            (over(VIEWER, GrantReach::Directory(nobody.into())), ("grants[1].directory_id", "unknown")),
            (over(GrantedRole::BuiltIn(Role::Owner), GrantReach::Own), ("grants[1].reach", "misfit")),
            (over(GrantedRole::BuiltIn(Role::Member), GrantReach::Everything), ("grants[1].reach", "misfit")),
        ] {
            let refused = set_grants(ctx, &owner, id(&grace), None, &[viewer.clone(), grant]).await;
            assert_eq!(field(refused), (wrong.0.to_owned(), wrong.1));
        }
        let nobody = set_grants(ctx, &owner, UserId(nobody), None, &[]).await;
        assert!(matches!(nobody, Err(AccessError::NotFound("user"))), "{nobody:?}");
        let wanted = [Grant::usual(Role::Operator), Grant::usual(Role::Operator)];
        let first = set_grants(ctx, &owner, id(&grace), Some(1), &wanted).await.unwrap();
        assert_eq!((first.user.version, first.grants.len()), (2, 1));
        let stale = set_grants(ctx, &owner, id(&grace), Some(1), &[]).await;
        assert!(matches!(stale, Err(AccessError::Changed)), "{stale:?}");
        let stale = update_user(ctx, &owner, id(&grace), Some(1), disable()).await;
        assert!(matches!(stale, Err(AccessError::Changed)), "{stale:?}");
        // The same again is no change.
        let same = set_grants(ctx, &owner, id(&grace), Some(2), &wanted).await.unwrap();
        assert_eq!(same.user.version, 2);
        let blank = UserChange { display_name: Some(" \t".into()), enabled: None };
        let blank = update_user(ctx, &owner, id(&grace), None, blank).await;
        assert_eq!(field(blank), ("display_name".to_owned(), "invalid"));
    }

    async fn who_is_disabled_is_signed_out_and_stays_out(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let grace = usual(ctx, "grace@example.com", Role::Viewer).await;
        let session = sign_in(ctx, "grace@example.com").await;
        assert!(crate::sessions::authenticate(ctx, &session).await.unwrap().is_some());
        update_user(ctx, &owner, id(&grace), None, disable()).await.unwrap();
        assert!(crate::sessions::authenticate(ctx, &session).await.unwrap().is_none());
        let enable = UserChange { enabled: Some(true), display_name: None };
        update_user(ctx, &owner, id(&grace), None, enable).await.unwrap();
        assert!(crate::sessions::authenticate(ctx, &session).await.unwrap().is_none(), "the old session stays ended");
    }

    async fn what_somebody_may_do_is_the_sum_of_what_they_hold(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let account = harness.account().await;
        let stopper = role(ctx, "Stopper", &[Permission::WorkspaceStop]).await;
        let grants = vec![
            over(VIEWER, GrantReach::Account(account)),
            over(GrantedRole::Custom(stopper), GrantReach::Own),
            over(OPERATOR, GrantReach::Region("eu-west-1".parse().unwrap())),
        ];
        let actor = person(ctx, "Grace@example.com", grants).await;
        let part = |reach| Scope::only(reach);
        let region = part(domain::access::Reach::Region { region: "eu-west-1".parse().unwrap() });
        assert_eq!(
            actor.scope(Permission::WorkspaceRead),
            part(domain::access::Reach::Account { account_id: account }).union(region.clone())
        );
        assert_eq!(actor.scope(Permission::WorkspaceStop), region.union(Scope::own("grace@example.com")));
        assert!(!actor.may(Permission::UserRead));
        let none = person(ctx, "none@example.com", Vec::new()).await;
        assert_eq!(none.permissions().count(), 0);
    }

    async fn the_list_is_filtered_sorted_and_paged(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let auditor = usual(ctx, "auditor@example.com", Role::Auditor).await;
        let custom = role(ctx, "Custom", &[Permission::WorkspaceRead]).await;
        for (name, role) in [("b", Role::Viewer), ("a_1", Role::Viewer), ("ab1", Role::Operator)] {
            harness.advance(1);
            usual(ctx, &format!("{name}@example.com"), role).await;
        }
        person(ctx, "c@example.org", vec![everywhere(custom)]).await;
        let list = async |filter: Filter, sort: Sort, direction: SortDirection| {
            let (mut emails, mut cursor) = (Vec::new(), None);
            loop {
                let page = PageRequest { limit: 2, cursor };
                let page = list_users(ctx, &auditor, filter.clone(), (sort, direction), page).await.unwrap();
                emails.extend(page.items.iter().map(|item| item.user.email.split('@').next().unwrap().to_owned()));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    assert_eq!(page.total, emails.len() as u64);
                    return emails;
                }
            }
        };
        let (up, down) = (SortDirection::Ascending, SortDirection::Descending);
        assert_eq!(list(Filter::default(), Sort::Email, up).await, ["a_1", "ab1", "auditor", "b", "c"]);
        assert_eq!(list(Filter::default(), Sort::CreatedAt, down).await.len(), 5);
        assert_eq!(list(Filter::default(), Sort::CreatedAt, up).await[..3], ["auditor", "b", "a_1"]);
        assert_eq!(list(Filter::default(), Sort::LastSignInAt, down).await.len(), 5);
        assert_eq!(list(Filter::default(), Sort::DisplayName, down).await[0], "c");
        let q = |text: &str| Filter { q: Some(text.to_owned()), ..Filter::default() };
        assert_eq!(list(q("A_1"), Sort::Email, up).await, ["a_1"], "wildcards are letters");
        assert_eq!(list(q("example.org"), Sort::Email, up).await, ["c"]);
        let roles = |roles: Vec<GrantedRole>| Filter { roles, ..Filter::default() };
        assert_eq!(list(roles(vec![VIEWER]), Sort::Email, up).await, ["a_1", "b"]);
        let both = roles(vec![OPERATOR, GrantedRole::Custom(custom)]);
        assert_eq!(list(both, Sort::Email, up).await, ["ab1", "c"]);
        let off = Filter { enabled: Some(false), ..Filter::default() };
        assert_eq!(list(off, Sort::Email, up).await, Vec::<String>::new());
        let refused = list_users(ctx, &harness.actor(Role::Operator), Filter::default(), (Sort::Email, up), PageRequest { limit: 1, cursor: None }).await;
        assert!(matches!(refused, Err(AccessError::Forbidden(_))), "{refused:?}");
        let missing = fetch_user(ctx, &auditor, UserId(Uuid::from_u128(404))).await;
        assert!(matches!(missing, Err(AccessError::NotFound("user"))), "{missing:?}");
    }
}
