//! Who phrases an answer: each level where it is the best, one after the other, what is made up, and who is left alone for a
//! while.

use anyhow::Result;
use chrono::TimeDelta;
use contract::assistant::{AssistantStatsView, AssistantView, LevelView};
use contract::paths::{ASSISTANT, ASSISTANT_STATS};
use domain::assistant::{Level, LevelFailure};
use platform::config::AiConfig;
use serde_json::json;
use testkit::client::ApiClient;
use testkit::db::Backend;
use testkit::model::{Model, Says};

use super::{QUESTION, asked_anew, no_models, reasons, with_models};

on_both! {
    each_level_speaks_where_it_is_the_best
    one_level_after_the_other_is_tried
    what_a_model_makes_up_is_never_shown
    a_remote_model_that_fails_again_and_again_is_left_alone_for_a_while
}

async fn each_level_speaks_where_it_is_the_best(backend: Backend) -> Result<()> {
    let written = {
        let Some(app) = with_models(backend, no_models()).await? else { return Ok(()) };
        let written = asked_anew(app.client(), QUESTION).await?;
        assert_eq!(written.level, Some(Level::Template));
        app.stop().await?;
        written.answer
    };
    let levels =
        [(Level::Accelerator, "cuda"), (Level::Processor, "cpu"), (Level::Small, "cpu"), (Level::Remote, "unknown")];
    for (level, device) in levels {
        let model = Model::start(device).await?;
        model.says(Says::Text(written.join(" ")));
        let mut ai = no_models();
        match level {
            Level::Small => ai.small_url = Some(model.url().to_owned()),
            Level::Remote => {
                (ai.remote_url, ai.remote_model) = (Some(format!("{}/v1/", model.url())), Some("far".to_owned()));
            }
            _ => ai.url = Some(model.url().to_owned()),
        }
        let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
        let status: AssistantView = app.client().get(ASSISTANT).await?.ok()?;
        let available: Vec<_> =
            status.levels.iter().filter(|one| one.unavailable.is_none()).map(|one| one.level).collect();
        assert_eq!(available, [level, Level::Template]);
        let turn = asked_anew(app.client(), QUESTION).await?;
        assert_eq!((turn.level, &turn.answer), (Some(level), &written), "{turn:?}");
        let better: Vec<_> = Level::ALL.iter().take_while(|one| **one != level).copied().collect();
        assert_eq!(turn.passed_over.iter().map(|passed| passed.level).collect::<Vec<_>>(), better);
        let asked = model.asked();
        let name = if level == Level::Remote { "far" } else { "scripted" };
        assert_eq!((asked.len(), &asked[0]["model"]), (1, &json!(name)));
        // Nobody elsewhere learns who asks.
        assert_eq!(asked[0].get("user").is_some(), level != Level::Remote);
        let stats: AssistantStatsView = app.client().get(ASSISTANT_STATS).await?.ok()?;
        let counted: Vec<_> = stats.levels.iter().map(|one| (one.level, one.answers)).filter(|(_, n)| *n > 0).collect();
        assert_eq!((stats.answers, counted), (1, vec![(level, 1)]));
        app.stop().await?;
    }
    Ok(())
}

async fn one_level_after_the_other_is_tried(backend: Backend) -> Result<()> {
    let (local, small, remote) =
        (Model::start("cpu").await?, Model::start("cpu").await?, Model::start("unknown").await?);
    let ai = AiConfig {
        url: Some(local.url().to_owned()),
        small_url: Some(small.url().to_owned()),
        remote_url: Some(remote.url().to_owned()),
        answer_seconds: 1,
        ..no_models()
    };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    local.says(Says::Status(503));
    small.says(Says::Status(429));
    remote.says(Says::Garbage);
    let turn = asked_anew(app.client(), QUESTION).await?;
    let nobody = (Level::Accelerator, LevelFailure::NotConfigured);
    let expected = [
        nobody,
        (Level::Processor, LevelFailure::Unreachable),
        (Level::Small, LevelFailure::Busy),
        (Level::Remote, LevelFailure::Failed),
    ];
    assert_eq!((turn.level, reasons(&turn)), (Some(Level::Template), expected.to_vec()));
    let written = turn.answer;
    // One that does not come to a word in time is passed over; the next one speaks.
    local.says(Says::Stuck(String::new()));
    small.says(Says::Text(written.join(" ")));
    let turn = asked_anew(app.client(), QUESTION).await?;
    assert_eq!((turn.level, &turn.answer), (Some(Level::Small), &written));
    assert_eq!(reasons(&turn), [nobody, (Level::Processor, LevelFailure::TooSlow)]);
    let stats: AssistantStatsView = app.client().get(&format!("{ASSISTANT_STATS}?days=7")).await?.ok()?;
    let processor = &stats.levels[1];
    let failures: Vec<_> = processor.failures.iter().map(|one| (one.reason, one.count)).collect();
    assert_eq!(failures, [(LevelFailure::Unreachable, 1), (LevelFailure::TooSlow, 1)]);
    assert_eq!((stats.days, stats.answers, stats.levels[0].failures.len()), (7, 2, 0));
    app.stop().await
}

async fn what_a_model_makes_up_is_never_shown(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    model.says(Says::Text(
        "There are 987,654 WorkSpaces. Mallory has them all. See https://evil.example/x. Ask again at 9 o'clock."
            .to_owned(),
    ));
    let turn = asked_anew(app.client(), QUESTION).await?;
    assert_eq!(turn.level, Some(Level::Template));
    assert_eq!(reasons(&turn).last(), Some(&(Level::Processor, LevelFailure::Refused)));
    let text = turn.answer.join(" ");
    assert!(!["987", "Mallory", "evil", "clock"].iter().any(|invented| text.contains(invented)), "{text}");
    // One true sentence among others is let out, and the rest is said in written ones.
    let truth = turn.answer[0].clone();
    model.says(Says::Text(format!("Zorb has 5 moons. {truth} And 12,345 more.")));
    let mixed = asked_anew(app.client(), QUESTION).await?;
    let (mut found, mut expected) = (mixed.answer.clone(), turn.answer.clone());
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let stats: AssistantStatsView = app.client().get(ASSISTANT_STATS).await?.ok()?;
    assert!(stats.levels[1].refused_sentences >= 4, "{stats:?}");
    app.stop().await
}

async fn a_remote_model_that_fails_again_and_again_is_left_alone_for_a_while(backend: Backend) -> Result<()> {
    let model = Model::start("unknown").await?;
    let ai = AiConfig { remote_url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    let client = app.client();
    let remote = async |client: &ApiClient| {
        let status: AssistantView = client.get(ASSISTANT).await?.ok()?;
        anyhow::Ok::<LevelView>(
            status.levels.into_iter().find(|one| one.level == Level::Remote).expect("each is there"),
        )
    };
    model.says(Says::Status(500));
    let mut written = Vec::new();
    for _ in 0..3 {
        assert_eq!(remote(client).await?.unavailable, None, "it may yet recover");
        let turn = asked_anew(client, QUESTION).await?;
        assert_eq!(reasons(&turn).last(), Some(&(Level::Remote, LevelFailure::Failed)));
        written = turn.answer;
    }
    let paused = remote(client).await?;
    assert_eq!(paused.unavailable, Some(LevelFailure::Paused));
    let now = app.clock().now();
    let again_at = paused.again_at.expect("it is asked again");
    assert!(now < again_at && again_at <= now + TimeDelta::seconds(30), "{again_at}");
    let turn = asked_anew(client, QUESTION).await?;
    assert_eq!((turn.level, &turn.answer), (Some(Level::Template), &written));
    assert_eq!(reasons(&turn).last(), Some(&(Level::Remote, LevelFailure::Paused)));
    assert_eq!(model.asked().len(), 3, "nobody asked it");

    // One question tries it again, and it fails; the next one finds it well.
    app.clock().advance(TimeDelta::seconds(31));
    assert_eq!(remote(client).await?.unavailable, None);
    asked_anew(client, QUESTION).await?;
    assert_eq!((model.asked().len(), remote(client).await?.unavailable), (4, Some(LevelFailure::Paused)));
    app.clock().advance(TimeDelta::seconds(31));
    model.says(Says::Text(written.join(" ")));
    let turn = asked_anew(client, QUESTION).await?;
    assert_eq!((turn.level, &turn.answer), (Some(Level::Remote), &written));
    let well = remote(client).await?;
    assert_eq!((well.unavailable, well.again_at), (None, None));
    // What failed is counted; that it was spared is not.
    let stats: AssistantStatsView = client.get(ASSISTANT_STATS).await?.ok()?;
    let failures: Vec<_> = stats.levels[3].failures.iter().map(|one| (one.reason, one.count)).collect();
    assert_eq!((stats.levels[3].answers, failures), (1, vec![(LevelFailure::Failed, 4)]));
    // Too much to do is an answer.
    model.says(Says::Status(429));
    for _ in 0..4 {
        let turn = asked_anew(client, QUESTION).await?;
        assert_eq!(reasons(&turn).last(), Some(&(Level::Remote, LevelFailure::Busy)));
    }
    app.stop().await
}
