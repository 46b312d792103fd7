//! What the schema promises of grants, and that nobody's role was lost when roles became grants.

use domain::ids::SessionId;
use migrations::{Migrator, MigratorTrait as _};

use super::*;
use crate::db::Backend;
use crate::error::StoreError;
use crate::repo::roles::{RoleRecord, role_delete, role_insert};
use crate::repo::sessions::{NewSession, session_fetch_by_token, session_insert};
use crate::repo::teams::{
    TeamRecord, team_delete, team_insert, team_members_add, team_members_remove, team_memberships,
};
use crate::repo::users::{NewUser, user_insert};
use crate::testing::{TestDb, db_test};

async fn person(test: &TestDb, email: &str) -> UserId {
    let id = UserId(test.env.new_id());
    let (email, display_name) = (email.to_owned(), "A Person".to_owned());
    user_insert(&test.db, &NewUser { id, email, display_name, password_hash: None, at: test.now() }).await.unwrap();
    id
}

async fn give(test: &TestDb, user_id: UserId, role: GrantedRole, reach: GrantReach) -> Result<(), StoreError> {
    // Ids made within one millisecond come in any order.
    test.advance(chrono::Duration::milliseconds(1));
    let id = GrantId(test.env.new_id());
    grant_insert(&test.db, &NewGrant { id, user_id, grant: Grant { role, reach }, at: test.now() }).await
}

async fn role(test: &TestDb, name: &str) -> RoleId {
    let (id, at) = (RoleId(test.env.new_id()), test.now());
    let permissions = BTreeSet::from([Permission::WorkspaceRead, Permission::JobRead]);
    let (name, description) = (name.to_owned(), String::new());
    let role = RoleRecord { id, name, description, permissions, version: 1, created_at: at, updated_at: at };
    role_insert(&test.db, &role).await.unwrap();
    id
}

async fn team(test: &TestDb, name: &str) -> TeamId {
    let (id, at) = (TeamId(test.env.new_id()), test.now());
    let (name, description) = (name.to_owned(), String::new());
    team_insert(&test.db, &TeamRecord { id, name, description, version: 1, created_at: at, updated_at: at })
        .await
        .unwrap();
    id
}

const VIEWER: GrantedRole = GrantedRole::BuiltIn(Role::Viewer);

db_test! {
    async fn every_kind_of_grant_is_read_as_it_was_written(test) {
        let ada = person(test, "ada@example.com").await;
        let other = person(test, "other@example.com").await;
        let account = test.account().await.account_id;
        let (desk, lab) = (role(test, "Desk").await, team(test, "Lab").await);
        team_members_add(&test.db, lab, &[ada, other]).await.unwrap();
        team_members_add(&test.db, lab, &[ada]).await.unwrap();
        let mut members = team_memberships(&test.db).await.unwrap();
        members.sort_unstable();
        let of_lab = |email: &str| (email.to_owned(), "Lab".to_owned());
        assert_eq!(members, [of_lab("ada@example.com"), of_lab("other@example.com")]);
        let reaches = [
            GrantReach::Everything,
            GrantReach::Account(account),
            GrantReach::Region("eu-central-1".parse().unwrap()),
            GrantReach::Own,
            GrantReach::Team(lab),
        ];
        for reach in &reaches {
            give(test, ada, GrantedRole::Custom(desk), reach.clone()).await.unwrap();
        }
        give(test, other, VIEWER, GrantReach::Everything).await.unwrap();
        let held = grant_list(&test.db, ada).await.unwrap();
        assert_eq!(held.iter().map(|one| one.grant.reach.clone()).collect::<Vec<_>>(), reaches);
        assert!(held.iter().all(|one| one.role_name == "Desk" && one.permissions.len() == 2));
        assert_eq!(held[4].team, ["ada@example.com", "other@example.com"]);
        assert!(held[..4].iter().all(|one| one.team.is_empty()));
        assert_eq!(grant_list_of(&test.db, &[ada, other]).await.unwrap().len(), 6);
        let over: Vec<_> = grant_list_over_team(&test.db, lab).await.unwrap();
        assert_eq!(over.iter().map(|(user, grant)| (*user, grant.team.len())).collect::<Vec<_>>(), [(ada, 2)]);

        // The look of each request reads the same in one statement.
        let session = NewSession {
            id: SessionId(test.env.new_id()),
            user_id: ada,
            token_hash: "h".to_owned(),
            at: test.now(),
            expires_at: test.now() + chrono::Duration::hours(1),
            user_agent: None,
            ip_address: None,
            method: "password".to_owned(),
        };
        session_insert(&test.db, &session).await.unwrap();
        let (_, whose, found) = session_fetch_by_token(&test.db, "h", test.now()).await.unwrap().unwrap();
        let sorted = |mut grants: Vec<GrantRecord>| {
            for grant in &mut grants {
                grant.team.sort();
            }
            grants
        };
        assert_eq!((whose.id, sorted(found)), (ada, held));

        let names = reach_names(&test.db, reaches.iter()).await.unwrap();
        assert_eq!((names.len(), names[&lab.0].as_str()), (2, "Lab"));
        let holders = role_holder_counts(&test.db).await.unwrap();
        assert_eq!((holders[&GrantedRole::Custom(desk)], holders[&VIEWER], holders.len()), (1, 1, 2));
        assert_eq!(role_holders(&test.db, desk).await.unwrap(), [ada]);
        team_members_remove(&test.db, lab, &[other]).await.unwrap();
        assert_eq!(grant_list(&test.db, ada).await.unwrap()[4].team, ["ada@example.com"]);
    }

    async fn a_role_that_is_held_stays_and_what_a_team_gave_goes_with_it(test) {
        let ada = person(test, "ada@example.com").await;
        let (desk, lab) = (role(test, "Desk").await, team(test, "Lab").await);
        give(test, ada, GrantedRole::Custom(desk), GrantReach::Team(lab)).await.unwrap();
        assert!(matches!(role_delete(&test.db, desk).await, Err(StoreError::Missing { .. })));
        assert!(team_delete(&test.db, lab).await.unwrap());
        assert_eq!(grant_list(&test.db, ada).await.unwrap(), []);
        assert!(role_delete(&test.db, desk).await.unwrap());
        let nobody = UserId(test.env.new_id());
        for (user, reach) in [(nobody, GrantReach::Own), (ada, GrantReach::Team(lab))] {
            assert!(matches!(give(test, user, VIEWER, reach).await, Err(StoreError::Missing { .. })));
        }
        assert!(!reach_exists(&test.db, &GrantReach::Team(lab)).await.unwrap());
        assert!(!role_exists(&test.db, GrantedRole::Custom(desk)).await.unwrap());
    }

    async fn a_grant_of_two_roles_or_of_a_reach_without_its_object_can_not_be_written(test) {
        let ada = person(test, "ada@example.com").await;
        let desk = role(test, "Desk").await;
        let insert = async |columns: &str, values: &str| {
            let sql = Sql::new(&test.db).text("INSERT INTO role_grant (id, user_id, created_at, ").text(columns);
            let sql = sql.text(") VALUES (").bind(test.env.new_id()).text(", ").bind(ada.0).text(", ");
            sql.bind(test.now()).text(", ").text(values).text(")").execute(&test.db).await
        };
        insert("reach_kind, role", "'own', 'viewer'").await.unwrap();
        for (columns, values) in [
            ("reach_kind", "'own'"),
            ("reach_kind, role", "'account', 'viewer'"),
            ("reach_kind, role, region", "'own', 'viewer', 'eu-west-1'"),
            ("reach_kind, role, region", "'team', 'viewer', 'eu-west-1'"),
        ] {
            let refused = insert(columns, values).await;
            assert!(matches!(refused, Err(StoreError::Check { .. })), "{columns} {values}: {refused:?}");
        }
        let sql = Sql::new(&test.db).text("UPDATE role_grant SET role_id = ").bind(desk.0);
        assert!(matches!(sql.execute(&test.db).await, Err(StoreError::Check { .. })));
    }

    async fn owners_who_can_not_sign_in_do_not_count(test) {
        let owner = GrantedRole::BuiltIn(Role::Owner);
        let (ada, bob) = (person(test, "ada@example.com").await, person(test, "bob@example.com").await);
        assert_eq!(enabled_owner_count(&test.db).await.unwrap(), 0);
        for user in [ada, bob] {
            give(test, user, owner, GrantReach::Everything).await.unwrap();
        }
        assert_eq!(enabled_owner_count(&test.db).await.unwrap(), 2);
        let sql = Sql::new(&test.db).text("UPDATE app_user SET enabled = ").bind(false).text(" WHERE id = ").bind(bob.0);
        sql.execute(&test.db).await.unwrap();
        assert_eq!(enabled_owner_count(&test.db).await.unwrap(), 1);
    }
}

/// The migrations before roles became grants.
const BEFORE: u32 = 11;

async fn roles_become_grants(backend: Backend) {
    let Some(test) = TestDb::empty(backend).await else { return };
    let tx = test.db.begin().await.unwrap();
    Migrator::up(tx.inner(), Some(BEFORE)).await.unwrap();
    tx.commit().await.unwrap();
    let mut people = Vec::new();
    for role in Role::ALL {
        let id = UserId(test.env.new_id());
        let sql = Sql::new(&test.db).text("INSERT INTO app_user (id, email, display_name, role, enabled, created_at, ");
        let sql = sql.text("updated_at) VALUES (").bind(id.0).text(", ").bind(format!("{role}@example.com"));
        let sql = sql.text(", 'A Person', ").bind(role.as_str()).text(", ").bind(true).text(", ").bind(test.now());
        sql.text(", ").bind(test.now()).text(")").execute(&test.db).await.unwrap();
        people.push((id, *role));
    }
    crate::db::migrate(&test.db).await.unwrap();
    for (id, role) in people {
        let held = grant_list(&test.db, id).await.unwrap();
        assert_eq!(held.iter().map(|one| one.grant.clone()).collect::<Vec<_>>(), [Grant::usual(role)]);
    }
    test.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_become_grants_sqlite() {
    roles_become_grants(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_become_grants_postgres() {
    roles_become_grants(Backend::Postgres).await;
}
