//! Roles, teams and what people hold, as an administrator edits them; one's own keys and data.

use anyhow::{Context as _, Result};
use contract::page::Page;
use contract::paths;
use contract::roles::RolesView;
use contract::teams::TeamView;
use contract::users::UserView;
use domain::access::Role;
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::pages::{AdminPage, Drawer, ProfilePage, Question, SignInPage, shown, shown_in_both};

const ANA: &str = "ana@example.com";

async fn begin(workspaces: u32) -> Result<(TestApp, Browser)> {
    let options = TestAppOptions { simulated_workspaces: workspaces, portal: true, ..TestAppOptions::default() };
    let app = TestApp::start(options).await?.expect("SQLite is always there");
    app.create_owner().await?;
    app.create_user_named(ANA, Role::Operator).await?;
    let browser = Browser::open(1440, 900, false).await?;
    browser.goto(&format!("{}/sign-in", app.url())).await?;
    Ok((app, browser))
}

/// From now on, the answer to the next POST is lost on its way.
const LOSE_AN_ANSWER: &str = "
    const real = window.fetch;
    window.fetch = async (...request) => {
        const answer = await real(...request);
        if (request[0].method !== 'POST') return answer;
        window.fetch = real;
        throw new TypeError('the answer was lost');
    };
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn roles_teams_and_grants_are_edited() -> Result<()> {
    let (app, browser) = begin(10).await?;
    app.connect_simulated_and_sync().await?;
    SignInPage(&browser).sign_in(OWNER_EMAIL, OWNER_PASSWORD).await?;
    let (admin, drawer) = (AdminPage(&browser), Drawer(&browser));

    admin.open("roles").await?;
    drawer.begin().await?;
    browser.fill("role-name", "Help desk").await?;
    drawer.tick("See WorkSpaces").await?;
    shown_in_both(&browser, "40-role").await?;
    drawer.save("role-save", "Help desk").await?;
    drawer.change("Help desk").await?;
    browser.fill("role-description", "First line").await?;
    drawer.save("role-save", "Help desk").await?;
    browser
        .until("the role is described", || async {
            let roles: RolesView = app.client().get(paths::ROLES).await?.ok()?;
            Ok(roles
                .items
                .iter()
                .any(|role| role.name == "Help desk" && role.description == "First line")
                .then_some(()))
        })
        .await?;
    drawer.ask_to_delete("Help desk").await?;
    shown_in_both(&browser, "41-role-delete").await?;
    drawer.deleted("Help desk").await?;

    // A team whose answer was lost is not made twice: the second try has the key of the first.
    admin.open("teams").await?;
    drawer.begin().await?;
    browser.fill("team-name", "Design").await?;
    drawer.tick(ANA).await?;
    browser.client().execute(LOSE_AN_ANSWER, Vec::new()).await?;
    browser.click("team-save").await?;
    browser.find_css("[data-testid='object-dialog'] [role='alert']").await?;
    drawer.save("team-save", "Design").await?;
    shown(&browser, "41-teams").await?;
    let teams: Page<TeamView> = app.client().get(paths::TEAMS).await?.ok()?;
    let teams: Vec<_> = teams.items.iter().map(|team| (team.name.as_str(), team.member_count)).collect();
    assert_eq!(teams, [("Design", 1)]);

    admin.open("users").await?;
    admin.open_user(ANA).await?;
    admin.reach("directory").await?;
    shown_in_both(&browser, "42-grants").await?;
    browser.click("grants-save").await?;
    // Not the toast: one of before may still be there.
    browser
        .until("Ana holds her roles in a directory", || async {
            let people: Page<UserView> = app.client().get(paths::USERS).await?.ok()?;
            let ana = people.items.into_iter().find(|user| user.email == ANA).context("Ana is gone")?;
            let saved = ana.grants.iter().all(|held| held.grant.directory_id.is_some() && held.reach_name.is_some());
            Ok(saved.then_some(()))
        })
        .await?;
    browser.close().await?;
    app.stop().await
}

/// Fetches what the link leads to, as the browser would save it: status, kind, first letters.
const TAKE_ALONG: &str = "
    const done = arguments[1];
    fetch(arguments[0]).then(async answer => {
        const bytes = new Uint8Array(await answer.arrayBuffer());
        done([answer.status, answer.headers.get('content-disposition'), String.fromCharCode(bytes[0], bytes[1])]);
    });
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ones_own_keys_are_replaced_and_ones_data_is_taken_along_and_removed() -> Result<()> {
    let (app, browser) = begin(0).await?;
    SignInPage(&browser).sign_in(ANA, OWNER_PASSWORD).await?;
    let profile = ProfilePage(&browser);
    profile.open("keys").await?;
    profile.make_key("Nightly report", "workspace:read").await?;
    let first = browser.text("key-secret").await?;
    browser.click("key-kept").await?;
    browser.click("key-rotate").await?;
    let second = browser
        .until("another secret is shown", || async {
            let shown = browser.text("key-secret").await?;
            Ok((shown != first).then_some(shown))
        })
        .await?;
    assert!(second.starts_with("whk_"), "{second}");
    shown_in_both(&browser, "43-key-replaced").await?;
    browser.click("key-kept").await?;
    let rows = "[data-testid='key-row'][data-name='Nightly report']";
    browser.until("old and new are there", || async { Ok((browser.count(rows).await? == 2).then_some(())) }).await?;
    browser.picture("43-keys").await?;
    let question = Question(&browser);
    question.begin("key-revoke").await?;
    shown_in_both(&browser, "43-key-revoke").await?;
    question.yes().await?;
    let buttons = "[data-testid='key-revoke']";
    browser.until("one is revoked", || async { Ok((browser.count(buttons).await? == 1).then_some(())) }).await?;

    profile.open("account").await?;
    let link = browser.find("profile-export").await?.attr("href").await?.context("no link")?;
    let taken = browser.client().execute_async(TAKE_ALONG, vec![link.into()]).await?;
    let (status, kind, begins): (u16, String, String) = serde_json::from_value(taken)?;
    assert!(status == 200 && begins == "PK" && kind.contains(".zip"), "{status} {kind} {begins}");
    browser.click("profile-leave").await?;
    // Nothing happens before the own address is typed.
    browser.click("confirm-do").await?;
    shown_in_both(&browser, "44-leave").await?;
    browser.fill("typed-word", ANA).await?;
    browser.click("confirm-do").await?;
    browser.find("signin-email").await?;
    let people: Page<UserView> = app.client().get(paths::USERS).await?.ok()?;
    assert!(people.items.iter().all(|user| user.email != ANA), "they are gone");
    browser.close().await?;
    app.stop().await
}
