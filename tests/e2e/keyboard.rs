//! The ten main tasks without a pointer: everything is come to by Tab, shows that it has the focus, and does what it is for by its
//! keys; a dialog gives the focus back to what opened it.

use anyhow::{Context as _, Result, ensure};
use contract::accounts::StartedJobsView;
use contract::paths::{SCHEDULE_RUN, with_id};
use domain::access::Role;
use domain::sync::SyncKind;
use fantoccini::key::Key;
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::begun::first;
use crate::pages::{AuditPage, DesktopPage, JobsPage, Keyboard, UsagePage, WorkspaceListPage, WorkspacePage, told};
use crate::tasks::Task;

/// WorkSpaces in the one region that is connected: three tenths of the simulated ones.
const FLEET: u64 = 18;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_tasks_without_a_pointer() -> Result<()> {
    let options = TestAppOptions {
        simulated_workspaces: 60,
        transition_seconds: Some(4),
        portal: true,
        ..TestAppOptions::default()
    };
    let app = TestApp::start(options).await?.expect("SQLite is always there");
    app.create_owner().await?;
    let browser = Browser::open(1440, 900, false).await?;

    for task in Task::ALL {
        let beside = || format!("{task:?} by keys; with a pointer it is {}", task.by_pointer());
        do_by_keys(task, &app, &browser).await.with_context(beside)?;
    }
    browser.close().await?;
    app.stop().await
}

async fn do_by_keys(task: Task, app: &TestApp, browser: &Browser) -> Result<()> {
    match task {
        Task::SignIn => {
            sign_in(app, browser, OWNER_EMAIL).await?;
            browser.find("nav-accounts").await.map(drop)
        }
        Task::ConnectAndSync => connect_and_sync(app, browser).await,
        Task::FindAndStopOne => find_and_stop_one(browser).await,
        Task::StopSeveral => stop_several(browser).await,
        Task::ReadUsage => read_usage(app, browser).await,
        Task::KeepABudget => keep_a_budget(app, browser).await,
        Task::HaveAReportMade => have_a_report_made(browser).await,
        Task::MakeATeam => make_a_team(browser).await,
        Task::ReadTheLog => read_the_log(browser).await,
        Task::UseOnesDesktop => use_ones_desktop(app, browser).await,
    }
}

async fn sign_in(app: &TestApp, browser: &Browser, email: &str) -> Result<()> {
    let keyboard = Keyboard(browser);
    browser.goto(&format!("{}/sign-in", app.url())).await?;
    keyboard.fill("signin-email", email).await?;
    keyboard.fill("signin-password", OWNER_PASSWORD).await?;
    keyboard.key(Key::Enter).await
}

/// An account, and what AWS has there.
async fn connect_and_sync(app: &TestApp, browser: &Browser) -> Result<()> {
    let keyboard = Keyboard(browser);
    keyboard.choose("nav-accounts").await?;
    keyboard.choose("account-add").await?;
    keyboard.fill("account-name", "Demo").await?;
    keyboard.reach("[data-testid='account-regions']").await?;
    keyboard.press("eu-central-1,").await?;
    keyboard.reach("[data-testid='account-credentials']").await?;
    keyboard.press("Sim").await?;
    keyboard.fill("account-endpoint", app.simulator_url()).await?;
    keyboard.choose("account-save").await?;
    keyboard.choose("account-sync").await?;
    keyboard.choose("nav-jobs").await?;
    let jobs = JobsPage(browser);
    let done = || async { Ok(jobs.states().await?.iter().any(|state| state.contains("done")).then_some(())) };
    browser.until("the fleet is read", done).await
}

/// By its name, and by its state; opened, stopped.
async fn find_and_stop_one(browser: &Browser) -> Result<()> {
    let (keyboard, list, one) = (Keyboard(browser), WorkspaceListPage(browser), WorkspacePage(browser));
    let all = all_workspaces(browser).await?;
    keyboard.fill("ws-search", "no such person").await?;
    browser.until("nobody is found", || async { Ok((list.total().await? == 0).then_some(())) }).await?;
    keyboard.fill("ws-search", &char::from(Key::Delete).to_string()).await?;
    browser.until("all are back", || async { Ok((list.total().await? == all).then_some(())) }).await?;
    narrow(browser).await?;
    keyboard.reach("[data-testid='ws-row'] a").await?;
    keyboard.key(Key::Enter).await?;
    keyboard.choose("action-stop").await?;
    keyboard.choose("preview-confirm").await?;
    browser.until("it is stopped", || async { Ok((one.state().await?.trim() == "stopped").then_some(())) }).await
}

/// Two at once, on second thoughts.
async fn stop_several(browser: &Browser) -> Result<()> {
    let (keyboard, list) = (Keyboard(browser), WorkspaceListPage(browser));
    all_workspaces(browser).await?;
    narrow(browser).await?;
    for row in 1..=2 {
        keyboard.reach(&format!("[data-testid='ws-row']:nth-of-type({row}) [data-testid='ws-select']")).await?;
        keyboard.press(" ").await?;
    }
    browser.until("two are chosen", || async { Ok((list.chosen().await? == 2).then_some(())) }).await?;
    keyboard.choose("bulk-stop").await?;
    browser.find("preview-confirm").await?;
    keyboard.key(Key::Escape).await?;
    closed(browser).await?;
    ensure!(keyboard.at("[data-testid='bulk-stop']").await?, "the dialog keeps the focus");
    keyboard.key(Key::Enter).await?;
    keyboard.choose("preview-confirm").await?;
    told(browser, "begun for 2 WorkSpaces").await
}

/// To the list, by the navigation; how many there are.
async fn all_workspaces(browser: &Browser) -> Result<u64> {
    Keyboard(browser).choose("nav-workspaces").await?;
    let list = WorkspaceListPage(browser);
    browser.until("all are there", || async { Ok(Some(list.total().await?).filter(|all| *all == FLEET)) }).await
}

/// To those that can be stopped.
async fn narrow(browser: &Browser) -> Result<()> {
    let (keyboard, list) = (Keyboard(browser), WorkspaceListPage(browser));
    for (facet, value) in [("state", "AVAILABLE"), ("running_mode", "AUTO_STOP")] {
        let before = list.total().await?;
        keyboard.choose(&format!("facet-{facet}")).await?;
        keyboard.reach(&format!("[data-testid='facet-option-{value}'] input")).await?;
        keyboard.press(" ").await?;
        browser.until("fewer are left", || async { Ok((list.total().await? < before).then_some(())) }).await?;
        keyboard.key(Key::Escape).await?;
        ensure!(keyboard.at(&format!("[data-testid='facet-{facet}']")).await?, "the menu keeps the focus");
    }
    Ok(())
}

/// What its schedule would have read by and by; reading it is nobody's task.
async fn is_read(app: &TestApp, kind: SyncKind) -> Result<()> {
    let started: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, kind)).await?.ok()?;
    for job in started.job_ids {
        app.wait_for_job(job).await?;
    }
    Ok(())
}

/// The days as a table, beside the days before, and told apart.
async fn read_usage(app: &TestApp, browser: &Browser) -> Result<()> {
    is_read(app, SyncKind::Usage).await?;
    let (keyboard, usage) = (Keyboard(browser), UsagePage(browser));
    keyboard.choose("nav-usage").await?;
    browser.find("usage-hours").await?;
    keyboard.choose("usage-trend-table").await?;
    browser.find_css("[data-testid='figure-usage-trend'] table th[scope='row']").await?;
    keyboard.reach("[data-testid='usage-compare']").await?;
    keyboard.key(Key::Down).await?;
    let compared = || async { Ok(usage.search().await?.contains("compare=previous").then_some(())) };
    browser.until("the days before are beside", compared).await?;
    // What was chosen keeps the focus while the figure is drawn anew.
    keyboard.reach("[data-testid='usage-split']").await?;
    for by in ["account", "region"] {
        keyboard.key(Key::Down).await?;
        let title = format!("by day and {by}");
        let apart = || async { Ok(browser.text("figure-usage-trend").await?.contains(&title).then_some(())) };
        browser.until("the days are told apart", apart).await?;
        ensure!(keyboard.at("[data-testid='usage-split']").await?, "the choice by {by} loses the focus");
    }
    Ok(())
}

async fn keep_a_budget(app: &TestApp, browser: &Browser) -> Result<()> {
    is_read(app, SyncKind::Billing).await?;
    let keyboard = Keyboard(browser);
    keyboard.choose("nav-costs").await?;
    browser.find("costs-groups").await?;
    keyboard.choose("object-add").await?;
    keyboard.fill("budget-name", "Desktops").await?;
    keyboard.fill("budget-amount", "100").await?;
    keyboard.choose("budget-save").await?;
    browser.find_css("[data-testid='budget-row'][data-name='Desktops']").await?;
    closed(browser).await
}

async fn make_a_team(browser: &Browser) -> Result<()> {
    let keyboard = Keyboard(browser);
    keyboard.choose("nav-admin").await?;
    keyboard.reach("[data-tab='teams']").await?;
    keyboard.key(Key::Enter).await?;
    keyboard.choose("object-add").await?;
    keyboard.fill("team-name", "Night shift").await?;
    keyboard.choose("team-save").await?;
    browser.find_css("[data-name='Night shift']").await?;
    closed(browser).await
}

async fn have_a_report_made(browser: &Browser) -> Result<()> {
    let keyboard = Keyboard(browser);
    keyboard.choose("nav-reports").await?;
    keyboard.choose("object-add").await?;
    keyboard.fill("report-name", "The fleet").await?;
    keyboard.choose("report-save").await?;
    browser.find_css("[data-name='The fleet']").await?;
    closed(browser).await?;
    keyboard.choose("report-runs-open").await?;
    keyboard.choose("report-run").await?;
    browser.find_css("[data-state='done'] [data-testid='report-download']").await?;
    keyboard.reach("[data-testid='report-download']").await?;
    keyboard.key(Key::Escape).await?;
    closed(browser).await
}

/// What was done here, and one entry in full.
async fn read_the_log(browser: &Browser) -> Result<()> {
    let (keyboard, audit) = (Keyboard(browser), AuditPage(browser));
    keyboard.choose("nav-audit").await?;
    keyboard.reach("[data-tab='log']").await?;
    keyboard.key(Key::Enter).await?;
    let team = || async { Ok(audit.actions().await?.iter().any(|action| action == "team.create").then_some(())) };
    browser.until("the team is in the log", team).await?;
    keyboard.choose("audit-open").await?;
    browser.find("audit-drawer").await?;
    keyboard.key(Key::Escape).await?;
    closed(browser).await?;
    ensure!(keyboard.at("[data-testid='audit-open']").await?, "the drawer keeps the focus");
    Ok(())
}

/// Signed in as somebody whose desktop is stopped: it is started, and another is asked for.
async fn use_ones_desktop(app: &TestApp, browser: &Browser) -> Result<()> {
    let email = format!("{}@example.com", first(app, "state=STOPPED&running_mode=AUTO_STOP").await?.user_name);
    app.create_user_named(&email, Role::Member).await?;
    let (keyboard, page) = (Keyboard(browser), DesktopPage(browser));
    keyboard.choose("user-menu").await?;
    keyboard.choose("sign-out").await?;
    browser.find("signin-email").await?;
    sign_in(app, browser, &email).await?;
    keyboard.choose("my-start").await?;
    keyboard.choose("preview-confirm").await?;
    let runs =
        || async { Ok(Some(page.state().await?).filter(|state| ["Ready to use", "In use"].contains(&state.as_str()))) };
    browser.until("it runs", runs).await?;
    keyboard.choose("ask").await?;
    keyboard.fill("ask-note", "A second screen, please").await?;
    keyboard.choose("ask-send").await?;
    browser.until("it is listed", || async { Ok((page.requests("open").await? == 1).then_some(())) }).await?;
    closed(browser).await
}

async fn closed(browser: &Browser) -> Result<()> {
    browser.until("it is closed", || async { Ok((browser.count("dialog[open]").await? == 0).then_some(())) }).await
}
