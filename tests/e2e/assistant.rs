//! The assistant: ask, follow the sources, keep conversations, stop an answer, see who answered.

use anyhow::{Context as _, Result};
use contract::assistant::{ConversationDetailView, ConversationView, Thumb, TurnState};
use contract::page::Page;
use contract::paths;
use contract::roles::RoleView;
use contract::users::UserView;
use contract::workspaces::WorkspaceView;
use domain::access::Role;
use platform::config::{AiConfig, Config};
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};
use testkit::browser::Browser;
use testkit::client::Request;
use testkit::model::{Model, Says};

use crate::begun::fleet_with;
use crate::pages::{AdminPage, AssistantPage, WorkspaceListPage, fits, shown, shown_in_both, signed_in};

const QUESTION: &str = "How many WorkSpaces are stopped?";
/// Its answer has more than one sentence.
const LONGER: &str = "How many WorkSpaces are there by state?";

async fn begin(ai: Option<AiConfig>) -> Result<TestApp> {
    fleet_with(TestAppOptions { simulated_workspaces: 60, ai, ..TestAppOptions::default() }).await
}

async fn stopped(app: &TestApp) -> Result<u64> {
    let page: Page<WorkspaceView> = app.client().get(&format!("{}?state=STOPPED", paths::WORKSPACES)).await?.ok()?;
    Ok(page.total)
}

/// The newest conversation as the API has it.
async fn kept(app: &TestApp) -> Result<ConversationDetailView> {
    let all: Page<ConversationView> = app.client().get(paths::CONVERSATIONS).await?.ok()?;
    let newest = all.items.first().context("there is no conversation")?;
    app.client().get(&paths::with_id(paths::CONVERSATION, newest.id)).await?.ok()
}

/// The owner, at the assistant's page.
async fn at_the_assistant(app: &TestApp, window: (u32, u32, bool)) -> Result<Browser> {
    let browser = signed_in(app, OWNER_EMAIL, "/assistant", window).await?;
    browser.find("suggestion").await?;
    Ok(browser)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_answered_and_its_sources_show_the_same() -> Result<()> {
    let app = begin(None).await?;
    let browser = at_the_assistant(&app, (1440, 900, false)).await?;
    let (assistant, list) = (AssistantPage(&browser), WorkspaceListPage(&browser));
    shown(&browser, "50-assistant").await?;

    assistant.ask(QUESTION).await?;
    let answer = assistant.answer(1).await?;
    let count = stopped(&app).await?;
    assert!(answer.contains(&count.to_string()), "{count} are stopped, but: {answer}");
    assert!(browser.text("level").await?.contains("Level 5"), "there is no model");
    shown(&browser, "51-assistant-answer").await?;
    let address = browser.client().current_url().await?;

    let sources = assistant.sources().await?;
    assert!(sources.iter().any(|(_, href)| href.contains("state=STOPPED")), "{sources:?}");
    browser.find_css("[data-testid='source'][href*='state=STOPPED']").await?.click().await?;
    browser
        .until("the list is the one that was counted", || async {
            Ok((list.total().await? == count && list.row_states().await?.iter().all(|s| s == "STOPPED")).then_some(()))
        })
        .await?;

    // The conversation has an address, and is as it was.
    browser.goto(address.as_str()).await?;
    assert_eq!(assistant.answer(1).await?, answer);
    assistant.press("thumb-up").await?;
    browser.find_css("[data-testid='thumb-up'][aria-pressed='true']").await?;
    // It is shown before it is kept.
    browser
        .until("the thumb is kept", || async {
            Ok((kept(&app).await?.turns.items[0].thumb == Some(Thumb::Up)).then_some(()))
        })
        .await?;
    assistant.press("answer-copy").await?;
    browser.find("toast").await?;
    assistant.press("answer-retry").await?;
    browser.find_css("[data-testid='thumb-up'][aria-pressed='false']").await?;
    assert_eq!(assistant.answer(1).await?, answer, "the facts are the same");

    assistant.ask("And by region?").await?;
    assistant.answer(2).await?;
    assert_eq!(kept(&app).await?.turns.items.len(), 2);
    shown(&browser, "52-assistant-follow-up").await?;

    AdminPage(&browser).open("assistant").await?;
    let spoke = browser.find_css("[data-testid='level-row'][data-level='template']").await?.text().await?;
    assert!(spoke.contains('3') && spoke.contains("100 %"), "{spoke}");
    shown(&browser, "53-assistant-levels").await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_are_kept_renamed_and_deleted() -> Result<()> {
    let app = begin(None).await?;
    let browser = at_the_assistant(&app, (1440, 900, false)).await?;
    let assistant = AssistantPage(&browser);
    browser.click("suggestion").await?;
    assistant.answer(1).await?;
    browser.click("conversation-new").await?;
    browser.find("suggestion").await?;
    assistant.ask(QUESTION).await?;
    assistant.answer(1).await?;
    assistant.press_in_list(QUESTION, "rename").await?;
    browser.fill("rename-title", "At rest").await?;
    shown_in_both(&browser, "54-assistant-rename").await?;
    browser.click("rename-save").await?;
    browser
        .until("both list and page have the new title", || async {
            let here = browser.text("conversation-title").await?;
            Ok((here == "At rest" && assistant.titles().await?.contains(&here)).then_some(()))
        })
        .await?;
    assistant.press_in_list("At rest", "delete").await?;
    shown_in_both(&browser, "55-assistant-delete").await?;
    browser.click("confirm-do").await?;
    browser.find("suggestion").await?;
    browser
        .until("one is left", || async {
            let titles = assistant.titles().await?;
            Ok((titles.len() == 1 && titles[0] != "At rest").then_some(()))
        })
        .await?;
    browser.close().await?;

    for (name, width, height, dark) in [("dark", 1440, 900, true), ("phone", 390, 844, false)] {
        let browser = at_the_assistant(&app, (width, height, dark)).await?;
        let assistant = AssistantPage(&browser);
        shown(&browser, &format!("{name}-assistant")).await?;
        assistant.ask(QUESTION).await?;
        assistant.answer(1).await?;
        shown(&browser, &format!("{name}-assistant-answer")).await?;
        fits(&browser).await?;
        assistant.ask("How many WorkSpaces are there by region?").await?;
        assistant.answer(2).await?;
        let script = "return [...document.querySelectorAll('.said .whole')].map(code => code.getClientRects().length);";
        let lines: Vec<u32> = serde_json::from_value(browser.client().execute(script, Vec::new()).await?)?;
        assert!(lines.len() >= 2 && lines.iter().all(|lines| *lines == 1), "{name}: a region is broken: {lines:?}");
        shown(&browser, &format!("{name}-assistant-regions")).await?;
        browser.close().await?;
    }
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_use_it_is_told_what_they_lack() -> Result<()> {
    let app = begin(None).await?;
    let email = "clerk@example.com";
    app.create_user_named(email, Role::Viewer).await?;
    let role = serde_json::json!({ "name": "Clerk", "description": "", "permissions": ["workspace:read"] });
    let role: RoleView = app.client().post(paths::ROLES, &role).await?.ok()?;
    let people: Page<UserView> = app.client().get(paths::USERS).await?.ok()?;
    let clerk = people.items.iter().find(|user| user.email == email).context("the clerk is gone")?.id;
    let grants = serde_json::json!({ "grants": [{ "role_id": role.id, "reach": "everything" }] });
    let put = Request::new(axum::http::Method::PUT, paths::with_id(paths::USER_GRANTS, clerk)).json(&grants);
    assert_eq!(app.client().send(put).await?.status, 200);
    for (name, width, height, dark) in [("60", 1440, 900, false), ("phone", 390, 844, true)] {
        let browser = signed_in(&app, email, "/assistant", (width, height, dark)).await?;
        browser
            .until("they are told what they lack", || async {
                let text = browser.find_css("main").await?.text().await?;
                Ok((text.contains("You may not use the assistant") && text.contains("assistant:use")).then_some(()))
            })
            .await?;
        let there = async |css: &str| browser.count(css).await;
        assert_eq!((there("[data-testid='question']").await?, there("[data-testid='nav-assistant']").await?), (0, 0));
        shown(&browser, &format!("{name}-assistant-forbidden")).await?;
        browser.close().await?;
    }
    app.stop().await
}

/// From now on, the next answer begins and breaks off. What it says is no fact.
const BREAK_OFF: &str = "
    const real = window.fetch;
    window.fetch = async (request, ...more) => {
        if (!request.url?.endsWith('/answer')) return real(request, ...more);
        window.fetch = real;
        const event = { event: 'sentence', text: 'There are some.' };
        const body = `event: ${event.event}\\ndata: ${JSON.stringify(event)}\\n\\n`;
        return new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } });
    };
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_seen_as_it_is_written_and_can_be_stopped() -> Result<()> {
    let model = Model::start("cpu").await?;
    model.says(Says::Status(500));
    let ai = AiConfig { url: Some(model.url().to_owned()), ..Config::default().ai };
    let app = begin(Some(ai)).await?;
    let browser = at_the_assistant(&app, (1440, 900, false)).await?;
    let assistant = AssistantPage(&browser);
    assistant.ask(LONGER).await?;
    let answer = assistant.answer(1).await?;
    browser.find_css("[data-testid='who'] summary").await?.click().await?;
    let who = browser.text("who").await?;
    assert!(who.contains("Level 5 · Written sentences") && who.contains("answered with an error"), "{who}");
    shown(&browser, "56-assistant-why").await?;

    // The first sentence is there while the model is still busy with the second.
    let written = kept(&app).await?.turns.items.remove(0).answer;
    model.says(Says::Stuck(format!("{} There are", written[0])));
    assistant.press("answer-retry").await?;
    browser
        .until("the first sentence is there", || async {
            Ok((browser.text("answer").await? == written[0]).then_some(()))
        })
        .await?;
    assert!(browser.text("working").await?.contains("Phi-3 on the processor is writing"));
    shown(&browser, "57-assistant-writing").await?;
    browser.click("stop").await?;
    browser.find("unanswered").await?;
    model.until_cut(1).await?;
    browser
        .until("the question waits again", || async {
            Ok((kept(&app).await?.turns.items[0].state == TurnState::Asked).then_some(()))
        })
        .await?;
    shown(&browser, "58-assistant-stopped").await?;

    model.says(Says::Text(written.join(" ")));
    browser.client().execute(BREAK_OFF, Vec::new()).await?;
    browser.click("answer-again").await?;
    assert!(browser.text("answer-failed").await?.contains("broke off"));
    shown(&browser, "59-assistant-broke-off").await?;
    browser.click("answer-again").await?;
    assert_eq!(assistant.answer(1).await?, answer, "the figures are the facts', whoever phrases them");
    assert_eq!(browser.text("level").await?, "Level 2 · Phi-3 on the processor");
    browser.close().await?;
    app.stop().await
}
