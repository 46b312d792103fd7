//! What is looked up: by the rules, by a model where they understand nothing, and what a question knows of those before it.

use anyhow::{Context as _, Result};
use contract::assistant::{AssistantStatsView, TurnView};
use contract::paths::ASSISTANT_STATS;
use domain::assistant::{Level, LevelFailure};
use platform::config::AiConfig;
use serde_json::{Value, json};
use testkit::client::ApiClient;
use testkit::db::Backend;
use testkit::model::{Model, Says};

use super::{answered, ask, asked_anew, begin, no_models, with_models};

/// No rule understands it, since no tool knows why.
const WHY: &str = "Why are so many WorkSpaces stopped?";
/// What a model may look up for it, and the question by which the rules look up the same.
const PLAN: &str = r#"{"calls":[{"tool":"fleet","filters":{"states":["STOPPED"]},"by":"region"}]}"#;
const SAME: &str = "How many stopped WorkSpaces are there per region?";

on_both! {
    what_no_rule_understands_a_model_plans
    a_plan_that_is_none_gets_help
    who_takes_no_plan_phrases_all_the_same
    a_question_goes_on_from_the_last_answer_and_knows_nothing_else
}

/// What was asked of a model, as its two messages: the rules and the question.
fn messages(asked: &Value) -> Result<(String, String)> {
    let text = |at: usize| asked["messages"][at]["content"].as_str().map(str::to_owned).context("a message");
    anyhow::ensure!(asked["messages"].as_array().is_some_and(|messages| messages.len() == 2), "{asked}");
    Ok((text(0)?, text(1)?))
}

fn is_planning(asked: &Value) -> bool {
    asked.get("response_format").is_some()
}

async fn what_no_rule_understands_a_model_plans(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    let client = app.client();
    model.says(Says::Text(String::new()));
    let same = asked_anew(client, SAME).await?;
    assert!(same.answer.len() > 1 && !is_planning(&model.asked()[0]), "the rules understand it: {same:?}");

    model.says(Says::Planned { plan: PLAN.to_owned(), text: same.answer.join(" ") });
    let turn = asked_anew(client, WHY).await?;
    assert_eq!((turn.level, &turn.answer, &turn.sources), (Some(Level::Processor), &same.answer, &same.sources));
    let asked = model.asked().split_off(1);
    assert_eq!(asked.iter().map(is_planning).collect::<Vec<_>>(), [true, false]);
    let (rules, question) = messages(&asked[0])?;
    assert!(rules.starts_with("You turn a question") && !rules.contains(WHY), "{rules}");
    assert!(question.starts_with("Today is ") && question.ends_with(&format!("Question: {WHY}")), "{question}");
    let schema = &asked[0]["response_format"]["json_schema"]["schema"];
    let regions = &schema["properties"]["calls"]["items"]["properties"]["filters"]["properties"]["regions"];
    assert_eq!(regions["items"]["enum"], json!(["us-east-1", "eu-central-1"]), "{schema}");
    // The facts are those of the plan, and stand in the block of them.
    let (_, facts) = messages(&asked[1])?;
    assert!(facts.contains("--- facts") && facts.contains("in us-east-1: "), "{facts}");

    // Whatever it plans, what it says is checked.
    model.says(Says::Planned { plan: PLAN.to_owned(), text: "It is because 77 people left.".to_owned() });
    let turn = asked_anew(client, WHY).await?;
    assert_eq!((turn.level, &turn.answer), (Some(Level::Template), &same.answer));
    app.stop().await
}

async fn a_plan_that_is_none_gets_help(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    let client = app.client();
    let help = asked_anew(client, "What can I ask you?").await?;
    assert!(model.asked().is_empty() && !help.answer.is_empty());
    let bad = [
        "",
        "I'd look at the stopped ones.",
        r#"{"calls":[]}"#,
        r#"{"calls":[{"tool":"terminate"}]}"#,
        r#"{"calls":[{"tool":"fleet","sql":"DROP TABLE workspace"}]}"#,
        r#"{"calls":[{"tool":"fleet","filters":{"regions":["mars-north-1"]}}]}"#,
        r#"{"calls":[{"tool":"fleet"},{"tool":"fleet"},{"tool":"fleet"},{"tool":"fleet"}]}"#,
    ];
    for plan in bad {
        model.says(Says::Planned { plan: plan.to_owned(), text: "There are 9,999 WorkSpaces.".to_owned() });
        let turn = asked_anew(client, WHY).await?;
        assert_eq!((turn.level, &turn.answer), (Some(Level::Template), &help.answer), "{plan}");
    }
    let asked = model.asked();
    assert!(asked.len() == bad.len() && asked.iter().all(is_planning), "nothing was found out that could be phrased");
    let stats: AssistantStatsView = client.get(ASSISTANT_STATS).await?.ok()?;
    let failures: Vec<_> = stats.levels[1].failures.iter().map(|one| (one.reason, one.count)).collect();
    assert_eq!(failures, [(LevelFailure::Failed, bad.len() as u64)]);
    // Nobody can plan it: that is no failure of the question either.
    model.says(Says::Status(503));
    assert_eq!(asked_anew(client, WHY).await?.answer, help.answer);
    app.stop().await
}

async fn who_takes_no_plan_phrases_all_the_same(backend: Backend) -> Result<()> {
    let (local, remote) = (Model::start("cpu").await?, Model::start("unknown").await?);
    let (url, remote_url) = (Some(local.url().to_owned()), Some(remote.url().to_owned()));
    let Some(app) = with_models(backend, AiConfig { url, remote_url, ..no_models() }).await? else { return Ok(()) };
    let client = app.client();
    local.says(Says::Status(503));
    remote.says(Says::Text(String::new()));
    let same = asked_anew(client, SAME).await?;
    assert_eq!(same.level, Some(Level::Template));
    let words = same.answer.join(" ");

    // More often than a remote model may fail in a row; a plan that is refused is no failure of that kind.
    for status in [400, 413, 422, 400] {
        remote.says(Says::Planless { status, text: words.clone() });
        let turn = asked_anew(client, WHY).await?;
        assert_eq!(turn.level, Some(Level::Template), "nobody plans it, which gets help");
        let phrased = asked_anew(client, SAME).await?;
        assert_eq!((phrased.level, &phrased.answer), (Some(Level::Remote), &same.answer), "{status}: {phrased:?}");
    }
    for _ in 0..4 {
        asked_anew(client, WHY).await?;
    }
    let asked = remote.asked();
    assert_eq!(asked.iter().filter(|asked| is_planning(asked)).count(), 8, "it was never left alone");
    assert!(asked.iter().all(|asked| asked["response_format"]["json_schema"].get("strict").is_none()));

    // Where another one plans, whoever could not still phrases it.
    local.says(Says::Planless { status: 400, text: words.clone() });
    remote.says(Says::Planned { plan: PLAN.to_owned(), text: "Nothing that holds.".to_owned() });
    let turn = asked_anew(client, WHY).await?;
    assert_eq!((turn.level, &turn.answer), (Some(Level::Processor), &same.answer), "{turn:?}");

    // Who is away for a plan is away for all of it.
    remote.says(Says::Planless { status: 401, text: words });
    local.says(Says::Status(503));
    for _ in 0..3 {
        asked_anew(client, WHY).await?;
    }
    let turn = asked_anew(client, SAME).await?;
    let paused = turn.passed_over.iter().find(|passed| passed.level == Level::Remote).map(|passed| passed.reason);
    assert_eq!((turn.level, paused), (Some(Level::Template), Some(LevelFailure::Paused)));
    app.stop().await
}

/// Asks in that conversation and hears the answer.
async fn next(client: &ApiClient, conversation: domain::ids::ConversationId, question: &str) -> Result<TurnView> {
    let turn = ask(client, conversation, question).await?;
    Ok(answered(client, turn.id).await?.1)
}

async fn a_question_goes_on_from_the_last_answer_and_knows_nothing_else(backend: Backend) -> Result<()> {
    let model = Model::start("cpu").await?;
    let ai = AiConfig { url: Some(model.url().to_owned()), ..no_models() };
    let Some(app) = with_models(backend, ai).await? else { return Ok(()) };
    let client = app.client();
    let talk = begin(client).await?.id;
    model.says(Says::Planned { plan: PLAN.to_owned(), text: "Nothing that holds.".to_owned() });
    let first = next(client, talk, WHY).await?;
    let questions = ["How many WorkSpaces are in us-east-1?", "How many AutoStop WorkSpaces are there?", SAME];
    for question in questions.iter().cycle().take(12) {
        next(client, talk, question).await?;
    }
    // A question that has no answer is none to go on from.
    ask(client, talk, "How many WorkSpaces are in state ERROR?").await?;
    let follow = next(client, talk, "and in eu-central-1?").await?;
    let alone = asked_anew(client, "How many stopped WorkSpaces are there per region in eu-central-1?").await?;
    assert_eq!(follow.answer, alone.answer);
    next(client, talk, SAME).await?;
    let again = next(client, talk, WHY).await?;
    assert_eq!(again.answer, first.answer);

    // Whatever was asked and answered before: a model is shown the question and its facts, and to plan it the plan before.
    let asked = model.asked();
    let plans: Vec<_> = asked.iter().filter(|asked| is_planning(asked)).map(messages).collect::<Result<_>>()?;
    let sorted = |text: &str| serde_json::from_str::<Value>(text).ok();
    let plan_of = |text: &str| text.lines().find_map(|line| line.strip_prefix("Plan before: ")).and_then(sorted);
    assert_eq!((plans.len(), plan_of(&plans[0].1), plan_of(&plans[1].1)), (2, None, sorted(PLAN)), "{plans:?}");
    assert_eq!(plans[0].0, plans[1].0);
    let said: Vec<_> = asked.iter().filter(|asked| !is_planning(asked)).map(messages).collect::<Result<_>>()?;
    assert_eq!(
        said[0],
        said[said.len() - 1],
        "the same question is asked the same way, however long the conversation is"
    );
    for (rules, question) in &said {
        assert_eq!(rules, &said[0].0);
        assert_eq!(question.matches("Question: ").count(), 1, "{question}");
        assert!(!question.contains("Nothing that holds") && question.len() < 4_000, "{question}");
    }
    app.stop().await
}
