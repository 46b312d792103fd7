//! What real processes say: every line of their logs is one that `docs/logs.md` describes; errors and panics go to a server, once
//! each; and no secret that was put through any door is found in either, or in the metrics.

mod processes;
mod receiver;
pub mod schema;
mod walk;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use contract::paths;
use platform::shutdown::Shutdown;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use store::queue::{self, NewJob};
use testkit::app::TestAppOptions;
use testkit::client::ApiClient;
use testkit::outside::needed;
use testkit::process::free_port;

use self::processes::Processes;
use self::receiver::{Manner, Receiver};
use self::schema::Schema;
use self::walk::{EMAIL, PASSWORD, Planted};

const DSN_KEY: &str = "planteddsnkey0123456789abcdef012";

/// Each line, as an object.
fn checked(processes: &Processes) -> Result<Vec<Value>> {
    let schema = Schema::read()?;
    processes.logs()?.iter().map(|line| schema.check(line)).collect()
}

/// How many lines there are for each request, by its id.
fn access_lines(lines: &[Value]) -> Result<BTreeMap<String, usize>> {
    let mut requests = BTreeMap::new();
    for line in lines.iter().filter(|line| line["target"] == "platform::request_id") {
        let span = |field: &str| line["span"][field].as_str().with_context(|| format!("no {field} in {line}"));
        anyhow::ensure!(span("trace_id")?.len() == 32, "{line}");
        *requests.entry(span("request_id")?.to_owned()).or_default() += 1;
    }
    Ok(requests)
}

/// What a request answers where a table is missing.
async fn broken(client: &ApiClient) -> Result<String> {
    let answer = client.get(paths::VIEWS).await?;
    anyhow::ensure!(answer.status.is_server_error(), "{}", answer.text());
    Ok(answer.header("x-request-id").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_any_line_and_every_line_is_as_described() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let mut planted = Planted::default();
    for secret in [EMAIL, PASSWORD, DSN_KEY, testkit::vault::FIXED_KEYS.split(':').next_back().context("a key")?] {
        planted.add(secret);
    }
    let receiver = Receiver::start(Manner::Takes, DSN_KEY).await?;
    let (options, shutdown) = (TestAppOptions::default(), Shutdown::new());
    let (_simulator, endpoint) = testkit::compose::simulator(&options, &shutdown).await?;
    let settings = [
        ("WHEELHOUSE_ERRORS__DSN", receiver.dsn.clone()),
        (
            "WHEELHOUSE_MAIL__SMTP_URL",
            format!("smtp://mailer:{}@127.0.0.1:{}", planted.add("planted-smtp-password"), free_port()?),
        ),
        ("WHEELHOUSE_MAIL__FROM", "Wheelhouse <wheelhouse@example.com>".to_owned()),
        (
            "WHEELHOUSE_REDIS__URL",
            format!("redis://:{}@127.0.0.1:{}", planted.add("planted-redis-password"), free_port()?),
        ),
        ("WHEELHOUSE_OIDC__ISSUER", "http://127.0.0.1:9".to_owned()),
        ("WHEELHOUSE_OIDC__CLIENT_ID", "wheelhouse".to_owned()),
        ("WHEELHOUSE_OIDC__CLIENT_SECRET", planted.add("planted-oidc-secret")),
        ("WHEELHOUSE_AI__REMOTE_URL", "http://127.0.0.1:9".to_owned()),
        ("WHEELHOUSE_AI__REMOTE_MODEL", "some".to_owned()),
        ("WHEELHOUSE_AI__REMOTE_KEY", planted.add("planted-model-key")),
        ("AWS_ACCESS_KEY_ID", planted.add("AKIAPLANTEDPLANTED00")),
        ("AWS_SECRET_ACCESS_KEY", planted.add("planted/aws/secret/key/0123456789abcdefgh")),
        ("AWS_SESSION_TOKEN", planted.add("planted-aws-session-token")),
    ];
    let mut processes = Processes::tiers(&["api", "worker", "ai"], &settings).await?;
    let client = processes.owner(EMAIL, PASSWORD).await?;
    walk::identity(&client, &mut planted).await?;
    client.post_empty(paths::OIDC_START).await?;
    walk::fleet(&client, &endpoint, &mut planted).await?;
    walk::work(&client, &mut planted).await?;

    // A panic, which ends as a job that waits again, and an error of a request.
    let db = processes.database.as_ref().context("a database")?.connect().await?;
    let words = format!(
        "it can't go on with {} of {}",
        planted.add("whk_76543210_planted"),
        planted.add("planted.panic@example.com")
    );
    let job = queue::enqueue(
        &db,
        &testkit::env::real(),
        NewJob::new(worker::PanicJob::NAME, "panic", json!({ "words": words })),
    )
    .await?;
    receiver.until("job_kind", worker::PanicJob::NAME).await?;
    db.execute_unprepared("ALTER TABLE saved_view RENAME TO saved_view_away").await?;
    let request = broken(&client).await?;
    receiver.until("request_id", &request).await?;
    client.post(&paths::JOB_CANCEL.replace("{job_id}", &job.id().to_string()), &json!({})).await?;

    let metrics = processes.scraped().await?;
    processes.stop().await?;
    let (logs, events) = (processes.logs()?.join("\n"), receiver.events()?);
    assert_eq!(planted.found(&logs), Vec::<String>::new());
    assert_eq!(planted.found(&metrics), Vec::<String>::new());
    let told = events.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(planted.found(&told), Vec::<String>::new());

    let lines = checked(&processes)?;
    let requests = access_lines(&lines)?;
    assert!(requests.len() > 20 && requests.values().all(|count| *count == 1), "{requests:?}");
    assert_eq!(requests.get(&request), Some(&1));

    let of = |tag: &str, value: &str| events.iter().filter(|event| event["tags"][tag] == value).collect::<Vec<_>>();
    let [error] = of("request_id", &request)[..] else { anyhow::bail!("{told}") };
    assert_eq!((&error["tags"]["service"], &error["tags"]["route"]), (&json!("api"), &json!(paths::VIEWS)), "{error}");
    assert_eq!(error["tags"]["trace_id"].as_str().map(str::len), Some(32), "{error}");
    let panics = of("job_kind", worker::PanicJob::NAME);
    let attempts: BTreeMap<_, _> = panics.iter().map(|event| (event["tags"]["attempt"].to_string(), *event)).collect();
    assert_eq!(attempts.len(), panics.len(), "one for each attempt: {told}");
    let panic = panics.first().context("a panic")?;
    assert_eq!((&panic["tags"]["service"], &panic["environment"]), (&json!("worker"), &json!("production")), "{panic}");
    let exception = &panic["exception"]["values"][0];
    assert_eq!((&exception["type"], &exception["mechanism"]["handled"]), (&json!("panic"), &json!(false)), "{panic}");
    assert_eq!(exception["value"], "it can't go on with [hidden] of [hidden]");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_of_all_in_one_process_are_as_described() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let mut planted = Planted::default();
    let receiver = Receiver::start(Manner::Takes, DSN_KEY).await?;
    let settings =
        [("WHEELHOUSE_ERRORS__DSN", receiver.dsn.clone()), ("WHEELHOUSE_ERRORS__ENVIRONMENT", "trial".to_owned())];
    let mut processes = Processes::all_in_one(&settings).await?;
    let client = processes.owner(&planted.add(EMAIL), &planted.add(PASSWORD)).await?;
    walk::identity(&client, &mut planted).await?;
    processes.stop().await?;
    assert_eq!(planted.found(&processes.logs()?.join("\n")), Vec::<String>::new());
    let requests = access_lines(&checked(&processes)?)?;
    assert!(requests.len() > 8 && requests.values().all(|count| *count == 1), "{requests:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_do_not_feel_a_server_for_errors_that_is_away_slow_or_full() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    const REQUESTS: usize = 200;
    let away = format!("http://{DSN_KEY}@127.0.0.1:{}/7", free_port()?);
    let (silent, full) =
        (Receiver::start(Manner::Silent, DSN_KEY).await?, Receiver::start(Manner::TooMany, DSN_KEY).await?);
    for (dsn, outcome) in [(away, "failed"), (silent.dsn.clone(), "dropped"), (full.dsn.clone(), "limited")] {
        let mut processes = Processes::tiers(&["api"], &[("WHEELHOUSE_ERRORS__DSN", dsn)]).await?;
        let client = processes.owner(EMAIL, PASSWORD).await?;
        let db = processes.database.as_ref().context("a database")?.connect().await?;
        db.execute_unprepared("ALTER TABLE saved_view RENAME TO saved_view_away").await?;
        let counted = format!("wheelhouse_error_events_total{{outcome=\"{outcome}\"}} ");
        // There from the beginning, so that an increase has the first ones too.
        let (zero, metrics) = (format!("{counted}0\n"), processes.scraped().await?);
        assert!(metrics.contains(&zero), "{zero} is not in\n{metrics}");
        // Each waits for the one before: were one to wait for the silent server, all would take longer than a test may.
        for _ in 0..REQUESTS {
            broken(&client).await?;
        }
        let metrics = processes.scraped().await?;
        assert!(metrics.contains(&counted) && !metrics.contains(&zero), "{counted} is not more than 0 in\n{metrics}");
        processes.stop().await?;
    }
    assert_eq!(full.events()?.len(), 1, "it is not asked again");
    Ok(())
}
