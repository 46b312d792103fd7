//! Tokens of a month: a person's, and those of all who are in a team.

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::Datelike as _;
use contract::assistant::{AssistantStatsView, AssistantView, QuotaView};
use contract::paths::{ASSISTANT, ASSISTANT_STATS, TEAM_MEMBERS, TEAMS, with_id};
use contract::teams::TeamDetailView;
use domain::access::Role;
use domain::assistant::{Level, LevelFailure};
use platform::config::AiConfig;
use serde_json::json;
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::client::{ApiClient, Request};
use testkit::db::Backend;
use testkit::model::{Model, Says, TOKENS};

use super::{QUESTION, asked_anew, no_models, reasons, with_models};
use crate::authz::objects::person;

on_both! {
    who_has_used_up_their_tokens_is_answered_in_written_sentences
    what_a_team_has_used_counts_for_each_of_its_people
}

/// Adds to what somebody used this month.
async fn use_up(app: &TestApp, email: &str, tokens: u64) -> Result<()> {
    let (ctx, who) = (app.context(), person(app, email).await?);
    let month = ctx.env.now().date_naive().with_day(1).context("a first day")?;
    Ok(store::repo::assistant::assistant_tokens_add(&ctx.db, who, month, tokens).await?)
}

async fn who_has_used_up_their_tokens_is_answered_in_written_sentences(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), tokens_per_person: 10_000, ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    model.says(Says::Text("Nothing that holds.".to_owned()));
    let client = app.client();
    let quota = async || Ok::<_, anyhow::Error>(client.get(ASSISTANT).await?.ok::<AssistantView>()?.quota);
    asked_anew(client, QUESTION).await?;
    let used = quota().await?;
    assert_eq!((used.used, used.limit, used.warning), (TOKENS.0 + TOKENS.1, Some(10_000), false));
    use_up(&app, OWNER_EMAIL, 8000 - used.used).await?;
    assert!(quota().await?.warning, "four fifths");
    assert_eq!(model.asked().len(), 1);
    use_up(&app, OWNER_EMAIL, 2000).await?;
    let status: AssistantView = client.get(ASSISTANT).await?.ok()?;
    assert_eq!(status.levels[1].unavailable, Some(LevelFailure::Quota));
    let turn = asked_anew(client, QUESTION).await?;
    assert_eq!(turn.level, Some(Level::Template));
    assert_eq!(reasons(&turn)[1], (Level::Processor, LevelFailure::Quota));
    assert_eq!((model.asked().len(), quota().await?.used), (1, 10_000), "nobody was asked");
    app.stop().await
}

async fn what_a_team_has_used_counts_for_each_of_its_people(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), tokens_per_team: 10_000, ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    let (ada, grace) = ("ada@example.com", "grace@example.com");
    let asks = app.create_user_named(ada, Role::Viewer).await?;
    let used_most = app.create_user_named(grace, Role::Viewer).await?;
    let alone = app.create_user_named("joan@example.com", Role::Viewer).await?;
    let team: TeamDetailView = app.client().post(TEAMS, &json!({ "name": "Design" })).await?.ok()?;
    let members = json!({ "user_ids": [person(&app, ada).await?, person(&app, grace).await?] });
    let put = Request::new(Method::PUT, with_id(TEAM_MEMBERS, team.team.id)).json(&members);
    assert_eq!(app.client().send(put).await?.ok::<TeamDetailView>()?.members.len(), 2);
    let status = async |client: &ApiClient| client.get(ASSISTANT).await?.ok::<AssistantView>();
    let quota = |used, warning| QuotaView { whose: "Design".to_owned(), used, limit: Some(10_000), warning };

    model.says(Says::Text("Nothing that holds.".to_owned()));
    asked_anew(&asks, QUESTION).await?;
    let own = TOKENS.0 + TOKENS.1;
    assert_eq!(status(&asks).await?.team_quotas, [quota(own, false)]);
    use_up(&app, grace, 7_999 - own).await?;
    assert_eq!(status(&asks).await?.team_quotas, [quota(7_999, false)]);
    use_up(&app, grace, 1).await?;
    let seen = status(&asks).await?;
    assert_eq!((seen.team_quotas, seen.quota.warning), (vec![quota(8_000, true)], false), "four fifths");
    assert_eq!(seen.levels[1].unavailable, None, "a warning is none yet");
    use_up(&app, grace, 2_000).await?;
    let asked = model.asked().len();
    for client in [&asks, &used_most] {
        assert_eq!(status(client).await?.levels[1].unavailable, Some(LevelFailure::Quota));
        let turn = asked_anew(client, QUESTION).await?;
        assert_eq!((turn.level, reasons(&turn)[1]), (Some(Level::Template), (Level::Processor, LevelFailure::Quota)));
        assert!(turn.answer[0].contains("40"), "{:?}", turn.answer);
    }
    assert_eq!(model.asked().len(), asked, "nobody was asked");
    assert_eq!(status(&asks).await?.team_quotas, [quota(10_000, true)]);
    let stats: AssistantStatsView = app.client().get(ASSISTANT_STATS).await?.ok()?;
    assert!(
        stats.levels[1].failures.iter().any(|one| (one.reason, one.count) == (LevelFailure::Quota, 2)),
        "{stats:?}"
    );
    // Who is in no team uses up nobody's but their own.
    let turn = asked_anew(&alone, QUESTION).await?;
    assert_eq!((reasons(&turn)[1].1, model.asked().len()), (LevelFailure::Refused, asked + 1));
    assert!(status(&alone).await?.team_quotas.is_empty());
    app.stop().await
}
