//! People, roles, teams and invitations over HTTP: what is answered, with which code and field, and that it holds at once.

use anyhow::Result;
use axum::http::Method;
use chrono::TimeDelta;
use contract::invitations::{InvitationView, InvitedView};
use contract::page::Page;
use contract::paths::{
    INVITATION, INVITATION_ACCEPT, INVITATION_RESEND, INVITATIONS, PERMISSIONS, ROLE, ROLES, SESSION, TEAM,
    TEAM_MEMBERS, TEAMS, USER, USER_GRANTS, USERS, WORKSPACES, with_id,
};
use contract::problem::code;
use contract::roles::{PermissionsView, RoleView, RolesView};
use contract::session::SessionView;
use contract::teams::{TeamDetailView, TeamView};
use contract::users::UserView;
use contract::workspaces::WorkspaceView;
use domain::access::{Permission, Reach, Role, Scope};
use serde_json::{Value, json};
use testkit::app::{OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request};
use uuid::Uuid;

use crate::support::{whole_list, workspaces};

fn small() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

async fn put(client: &ApiClient, path: &str, body: &Value) -> Result<Answer> {
    client.send(Request::new(Method::PUT, path).json(body)).await
}

async fn patch(client: &ApiClient, path: &str, body: &Value) -> Result<Answer> {
    client.send(Request::new(Method::PATCH, path).json(body)).await
}

async fn patch_if(client: &ApiClient, path: &str, etag: &str, body: &Value) -> Result<Answer> {
    client.send(Request::new(Method::PATCH, path).header("if-match", etag).json(body)).await
}

/// The status, the code and the first field of a refusal.
fn refusal(answer: &Answer) -> Result<(u16, String, Option<String>)> {
    let problem = answer.problem()?;
    Ok((problem.status, problem.code, problem.errors.into_iter().next().map(|error| error.field)))
}

fn refused(status: u16, code: &str, field: Option<&str>) -> (u16, String, Option<String>) {
    (status, code.to_owned(), field.map(str::to_owned))
}

async fn user_of(app: &TestApp, email: &str) -> Result<UserView> {
    let page: Page<UserView> = app.client().get(&format!("{USERS}?q={email}")).await?.ok()?;
    page.items.into_iter().next().ok_or_else(|| anyhow::anyhow!("nobody is called {email}"))
}

app_test! {
    async fn roles_are_given_and_taken(app: small()) {
        app.create_owner().await?;
        let client = app.client();
        let admin = app.create_user_named("admin@example.com", Role::Admin).await?;
        let grace = app.create_user_named("grace@example.com", Role::Viewer).await?;
        let user = user_of(app, "grace@example.com").await?;
        assert_eq!((user.grants.len(), user.grants[0].role_name.as_str(), user.version), (1, "viewer", 1));
        let grants = with_id(USER_GRANTS, user.id);
        let viewer = json!({ "role": "viewer", "reach": "everything" });
        let operator = json!({ "role": "operator", "reach": "region", "region": "eu-central-1" });

        // Wrong bodies name their field.
        for (grant, field) in [
            (json!({ "role": "king", "reach": "own" }), "grants[1].role"),
            (json!({ "reach": "own" }), "grants[1].role"),
            (json!({ "role": "viewer", "reach": "moon" }), "grants[1].reach"),
            (json!({ "role": "viewer", "reach": "account" }), "grants[1].account_id"),
            (json!({ "role": "viewer", "reach": "account", "account_id": Uuid::nil() }), "grants[1].account_id"),
            (json!({ "role_id": Uuid::nil(), "reach": "own" }), "grants[1].role_id"),
            (json!({ "role": "owner", "reach": "own" }), "grants[1].reach"),
            (json!({ "role": "viewer", "reach": "own", "king": 1 }), "grants[1].king"),
        ] {
            let answer = put(client, &grants, &json!({ "grants": [viewer, grant] })).await?;
            assert_eq!(refusal(&answer)?, refused(422, code::INVALID_BODY, Some(field)), "{grant}");
        }
        let nobody = put(client, &with_id(USER_GRANTS, Uuid::nil()), &json!({ "grants": [] })).await?;
        assert_eq!(refusal(&nobody)?, refused(404, code::NOT_FOUND, None));

        // What is given holds on the session that is there.
        assert_eq!(grace.get(USERS).await?.status, 403);
        let body = json!({ "grants": [operator, { "role": "auditor", "reach": "everything" }] });
        let answer = put(client, &grants, &body).await?;
        assert_eq!(answer.header("etag"), "\"2\"");
        let changed: UserView = answer.ok()?;
        let mut roles: Vec<_> = changed.grants.iter().map(|grant| grant.role_name.as_str()).collect();
        roles.sort_unstable();
        assert_eq!(roles, ["auditor", "operator"]);
        assert_eq!(grace.get(USERS).await?.status, 200);
        let session: SessionView = grace.get(SESSION).await?.ok()?;
        assert_eq!(session.role, "operator");
        let stale = client.send(Request::new(Method::PUT, &grants).header("if-match", "\"1\"").json(&body)).await?;
        assert_eq!(refusal(&stale)?, refused(412, code::PRECONDITION_FAILED, None));

        // Owners are the owners' business, the last one stays, and who lacks the permission is told so.
        let owner = with_id(USER_GRANTS, user_of(app, "owner@example.com").await?.id);
        let body = json!({ "grants": [viewer] });
        assert_eq!(refusal(&put(&admin, &owner, &body).await?)?, refused(403, code::FORBIDDEN, None));
        let make = json!({ "grants": [{ "role": "owner", "reach": "everything" }] });
        assert_eq!(refusal(&put(&admin, &grants, &make).await?)?, refused(403, code::FORBIDDEN, None));
        assert_eq!(refusal(&put(client, &owner, &body).await?)?, refused(409, code::CONFLICT, None));
        assert_eq!(refusal(&put(&grace, &grants, &body).await?)?, refused(403, code::FORBIDDEN, None));

        // A proof that is old is asked for again.
        app.clock().advance(TimeDelta::minutes(11));
        assert_eq!(refusal(&put(client, &grants, &body).await?)?, refused(403, code::STEP_UP, None));
        Ok(())
    }

    async fn who_is_disabled_is_out(app: small()) {
        app.create_owner().await?;
        let client = app.client();
        let grace = app.create_user_named("grace@example.com", Role::Viewer).await?;
        let path = with_id(USER, user_of(app, "grace@example.com").await?.id);
        let read = client.get(&path).await?;
        let etag = read.header("etag").to_owned();
        let renamed = patch_if(client, &path, &etag, &json!({ "display_name": "Grace H." })).await?;
        assert_eq!(renamed.ok::<UserView>()?.display_name, "Grace H.");
        let stale = patch_if(client, &path, &etag, &json!({ "enabled": false })).await?;
        assert_eq!(refusal(&stale)?, refused(412, code::PRECONDITION_FAILED, None));
        let wrong = patch(client, &path, &json!({ "display_name": "x".repeat(81) })).await?;
        assert_eq!(refusal(&wrong)?, refused(422, code::INVALID_BODY, Some("display_name")));
        assert_eq!(grace.get(SESSION).await?.status, 200);
        patch(client, &path, &json!({ "enabled": false })).await?.ok::<UserView>()?;
        assert_eq!(grace.get(SESSION).await?.status, 401);
        let owner = with_id(USER, user_of(app, "owner@example.com").await?.id);
        let last = patch(client, &owner, &json!({ "enabled": false })).await?;
        assert_eq!(refusal(&last)?, refused(409, code::CONFLICT, None));
        let off: Page<UserView> = client.get(&format!("{USERS}?enabled=false&sort=-display_name&role=viewer")).await?.ok()?;
        assert_eq!((off.total, off.items[0].enabled), (1, false));
        for wrong in ["sort=name", "role=king", "enabled=no", "q=x&q=y", "limit=0"] {
            assert_eq!(client.get(&format!("{USERS}?{wrong}")).await?.problem()?.code, code::INVALID_QUERY, "{wrong}");
        }
        Ok(())
    }

    async fn roles_people_make(app: small()) {
        app.create_owner().await?;
        let client = app.client();
        let matrix: PermissionsView = client.get(PERMISSIONS).await?.ok()?;
        assert_eq!(matrix.items.len(), Permission::ALL.len());
        let stop = matrix.items.iter().find(|one| one.name == "workspace:stop").expect("it is there");
        assert_eq!(stop.words, "Stop WorkSpaces.");
        assert_eq!(stop.built_in_roles, ["owner", "admin", "operator", "member"]);

        let body = json!({ "name": "Desk", "description": "Sees desktops", "permissions": ["workspace:read"] });
        let answer = client.post(ROLES, &body).await?;
        let location = answer.header("location").to_owned();
        let made: RoleView = answer.ok()?;
        let id = made.id.expect("an id");
        assert_eq!(location, with_id(ROLE, id));
        assert_eq!(refusal(&client.post(ROLES, &body).await?)?, refused(409, code::CONFLICT, Some("name")));
        for (body, field) in [
            (json!({ "name": "owner", "permissions": [] }), "name"),
            (json!({ "name": "", "permissions": [] }), "name"),
            (json!({ "name": "x", "permissions": ["workspace:read", "world:rule"] }), "permissions[1]"),
            (json!({ "name": "x" }), "permissions"),
        ] {
            let answer = client.post(ROLES, &body).await?;
            assert_eq!(refusal(&answer)?, refused(422, code::INVALID_BODY, Some(field)), "{body}");
        }
        let grace = app.create_user_named("grace@example.com", Role::Member).await?;
        let user = user_of(app, "grace@example.com").await?;
        let give = json!({ "grants": [{ "role_id": id, "reach": "everything" }] });
        put(client, &with_id(USER_GRANTS, user.id), &give).await?.ok::<UserView>()?;
        let session: SessionView = grace.get(SESSION).await?.ok()?;
        assert_eq!((session.role.as_str(), session.permissions), ("Desk", vec!["workspace:read".to_owned()]));
        let change = json!({ "permissions": ["workspace:read", "job:read"] });
        let changed: RoleView = patch_if(client, &location, "\"1\"", &change).await?.ok()?;
        assert_eq!((changed.version, changed.holders), (Some(2), 1));
        let session: SessionView = grace.get(SESSION).await?.ok()?;
        assert_eq!(session.permissions, ["workspace:read", "job:read"], "at once");
        assert_eq!(patch_if(client, &location, "\"1\"", &change).await?.status, 412);
        assert_eq!(refusal(&client.delete(&location).await?)?, refused(409, code::CONFLICT, None));
        put(client, &with_id(USER_GRANTS, user.id), &json!({ "grants": [] })).await?.ok::<UserView>()?;
        assert_eq!(client.delete(&location).await?.status, 204);
        assert_eq!(refusal(&client.delete(&location).await?)?, refused(404, code::NOT_FOUND, None));
        let all: RolesView = client.get(ROLES).await?.ok()?;
        assert_eq!(all.items.iter().filter(|role| role.built_in).count(), all.items.len());
        let session: SessionView = grace.get(SESSION).await?.ok()?;
        assert_eq!((session.role.as_str(), session.permissions.len()), ("none", 0));
        assert_eq!(grace.get(WORKSPACES).await?.status, 403);
        Ok(())
    }

    async fn a_team_lead_sees_the_team(app: TestAppOptions { simulated_workspaces: 12, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let client = app.client();
        let all: Vec<WorkspaceView> = workspaces(client, "sort=user_name").await?;
        let (first, second) = (all[0].user_name.clone(), all[1].user_name.clone());
        app.create_user_named(&format!("{first}@example.com"), Role::Member).await?;
        app.create_user_named(&format!("{second}@example.com"), Role::Member).await?;
        let lead = app.create_user_with("lead@example.com", &[]).await?;
        let team: TeamDetailView = client.post(TEAMS, &json!({ "name": "Lab" })).await?.ok()?;
        let (id, path) = (team.team.id, with_id(TEAM, team.team.id));
        let give = json!({ "grants": [{ "role": "operator", "reach": "team", "team_id": id }] });
        let lead_id = user_of(app, "lead@example.com").await?.id;
        let given: UserView = put(client, &with_id(USER_GRANTS, lead_id), &give).await?.ok()?;
        assert_eq!(given.grants[0].reach_name.as_deref(), Some("Lab"));
        let members = |names: &[&str]| {
            let emails: Vec<String> = names.iter().map(|name| format!("{name}@example.com").to_lowercase()).collect();
            async move {
                let mut ids = Vec::new();
                for email in emails {
                    ids.push(user_of(app, &email).await?.id);
                }
                let body = json!({ "user_ids": ids });
                put(client, &with_id(TEAM_MEMBERS, id), &body).await?.ok::<TeamDetailView>()
            }
        };
        assert_eq!(members(&[&first, &second]).await?.members.len(), 2);
        let own = |name: &str| all.iter().filter(|one| one.user_name.eq_ignore_ascii_case(name)).count();
        assert_eq!(workspaces(&lead, "").await?.len(), own(&first) + own(&second));
        members(&[&second]).await?;
        let seen = workspaces(&lead, "").await?;
        assert!(seen.len() == own(&second) && seen.iter().all(|one| one.user_name == second), "{seen:?}");
        let member = user_of(app, &format!("{second}@example.com").to_lowercase()).await?;
        assert_eq!(member.teams[0].name, "Lab");
        let unknown = put(client, &with_id(TEAM_MEMBERS, id), &json!({ "user_ids": [Uuid::nil()] })).await?;
        assert_eq!(refusal(&unknown)?, refused(422, code::INVALID_BODY, Some("user_ids[0]")));
        let taken = client.post(TEAMS, &json!({ "name": "LAB" })).await?;
        assert_eq!(refusal(&taken)?, refused(409, code::CONFLICT, Some("name")));
        let (teams, _) = whole_list::<TeamView>(client, TEAMS, "q=la&limit=1").await?;
        assert_eq!((teams.len(), teams[0].member_count), (1, 1));
        assert_eq!(patch_if(client, &path, "\"1\"", &json!({ "name": "Lab 2" })).await?.status, 412);
        patch(client, &path, &json!({ "name": "Lab 2" })).await?.ok::<TeamDetailView>()?;
        assert_eq!(client.delete(&path).await?.status, 204);
        assert_eq!(lead.get(WORKSPACES).await?.status, 403, "what was held over the team is gone");
        Ok(())
    }

    async fn scopes_of_several_roles_add_up(app: TestAppOptions { simulated_workspaces: 12, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated_and_sync().await?;
        let all = workspaces(app.client(), "").await?;
        let region: domain::ids::Region = all[0].region.clone();
        let here = [(Role::Viewer, Scope::only(Reach::Region { region: region.clone() }))];
        let viewer = app.create_user_with("region@example.com", &here).await?;
        assert_eq!(workspaces(&viewer, "").await?.len(), all.iter().filter(|one| one.region == region).count());
        let whole = [(Role::Viewer, Scope::only(Reach::Account { account_id: account.id })), here[0].clone()];
        let whole = app.create_user_with("account@example.com", &whole).await?;
        assert_eq!(workspaces(&whole, "").await?.len(), all.len());
        Ok(())
    }

    async fn invitations_over_the_wire(app: small()) {
        app.create_owner().await?;
        let client = app.client();
        let viewer = json!([{ "role": "viewer", "reach": "everything" }]);
        let body = json!({ "email": "New@Example.com", "grants": viewer });
        let answer = client.post(INVITATIONS, &body).await?;
        assert_eq!(answer.status, 201);
        let invited: InvitedView = answer.ok()?;
        assert!(invited.mailed && invited.link.is_none(), "a link that is on its way is not told");
        let token = || {
            let mail = app.context().mail.kept().pop().expect("a mail");
            let begin = format!("{}/invitation#token=", app.context().policy.now().base_url);
            mail.text.lines().find_map(|line| line.strip_prefix(&begin)).expect("a link").to_owned()
        };
        let first = token();
        assert_eq!(refusal(&client.post(INVITATIONS, &body).await?)?, refused(409, code::CONFLICT, Some("email")));
        for (body, field) in [
            (json!({ "email": "nobody", "grants": viewer }), "email"),
            (json!({ "email": "a@example.com", "grants": [] }), "grants"),
            (json!({ "email": "a@example.com", "grants": [{ "role": "viewer", "reach": "team" }] }), "grants[0].team_id"),
        ] {
            let answer = client.post(INVITATIONS, &body).await?;
            assert_eq!(refusal(&answer)?, refused(422, code::INVALID_BODY, Some(field)), "{body}");
        }
        let listed: Page<InvitationView> = client.get(&format!("{INVITATIONS}?state=open&q=new")).await?.ok()?;
        assert_eq!((listed.total, listed.items[0].state.as_str()), (1, "open"));
        assert_eq!(listed.items[0].invited_by_email.as_deref(), Some("owner@example.com"));
        let id = invited.invitation.id;
        let again: InvitedView = client.post_empty(&with_id(INVITATION_RESEND, id)).await?.ok()?;
        assert!(again.mailed);
        let second = token();

        let stranger = client.stranger()?;
        let accept = |token: &str, password: &str| {
            json!({ "token": token, "display_name": "New Person", "password": password })
        };
        let spent = stranger.post(INVITATION_ACCEPT, &accept(&first, OWNER_PASSWORD)).await?;
        assert_eq!(refusal(&spent)?, refused(410, code::LINK_SPENT, None));
        let weak = stranger.post(INVITATION_ACCEPT, &accept(&second, "password1")).await?;
        assert_eq!(refusal(&weak)?, refused(422, code::INVALID_BODY, Some("password")));
        let answer = stranger.post(INVITATION_ACCEPT, &accept(&second, OWNER_PASSWORD)).await?;
        assert_eq!(answer.status, 201);
        let session: SessionView = answer.ok()?;
        assert_eq!((session.email.as_str(), session.role.as_str()), ("new@example.com", "viewer"));
        assert_eq!(stranger.get(SESSION).await?.status, 200, "signed in");
        let spent = client.stranger()?.post(INVITATION_ACCEPT, &accept(&second, OWNER_PASSWORD)).await?;
        assert_eq!(refusal(&spent)?, refused(410, code::LINK_SPENT, None));
        assert_eq!(refusal(&client.delete(&with_id(INVITATION, id)).await?)?, refused(409, code::CONFLICT, None));
        let other: InvitedView =
            client.post(INVITATIONS, &json!({ "email": "other@example.com", "grants": viewer })).await?.ok()?;
        assert_eq!(client.delete(&with_id(INVITATION, other.invitation.id)).await?.status, 204);
        let spent = client.stranger()?.post(INVITATION_ACCEPT, &accept(&token(), OWNER_PASSWORD)).await?;
        assert_eq!(refusal(&spent)?, refused(410, code::LINK_SPENT, None));
        Ok(())
    }
}
