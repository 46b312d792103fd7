//! Errors and panics on their way to a server that reads envelopes as a Sentry server does.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sentry_types::protocol::v7::{Envelope, Event};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

use super::send::QUEUE;
use super::{ErrorLayer, Reporter, panics, start};
use crate::config::{Config, ErrorsConfig, Secret};
use crate::metrics::Exporter;

/// What the server was sent: the key it was sent with, and the event.
type Received = Arc<Mutex<Vec<(String, Event<'static>)>>>;

/// A server that answers with this, and what it was sent.
async fn server(answer: StatusCode) -> (ErrorsConfig, Received) {
    let received = Received::default();
    let kept = Arc::clone(&received);
    let take = move |headers: HeaderMap, body: Bytes| async move {
        let event = Envelope::from_slice(&body).unwrap().event().unwrap().clone();
        kept.lock().unwrap().push((headers["x-sentry-auth"].to_str().unwrap().to_owned(), event));
        answer
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dsn = format!("http://thekey@{}/7", listener.local_addr().unwrap());
    let router = Router::new().route("/api/7/envelope/", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (ErrorsConfig { dsn: Some(Secret::new(dsn)), environment: "staging".to_owned() }, received)
}

/// What `work` says goes to the server of this configuration.
async fn told(config: &ErrorsConfig, work: impl FnOnce()) {
    let (layer, reporter) = start(config, "api");
    let subscriber = Registry::default().with(layer.map(|layer| layer.with_filter(filter_fn(ErrorLayer::wants))));
    tracing::subscriber::with_default(subscriber, work);
    reporter.flush().await;
}

fn events(received: &Received) -> Vec<Event<'static>> {
    received.lock().unwrap().iter().map(|(_, event)| event.clone()).collect()
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn one_request_is_one_event_of_the_fields_that_are_known() {
    let (config, received) = server(StatusCode::OK).await;
    told(&config, || {
        let span = tracing::info_span!(
            "request",
            request_id = "r-1",
            trace_id = TRACE,
            route = "/things/{id}",
            email = "planted"
        );
        let _entered = span.enter();
        tracing::warn!("no error");
        tracing::error!(
            status = 500,
            code = "internal",
            causes = "password=planted; timed out",
            who = "planted",
            "request failed"
        );
        tracing::error!("request failed");
    })
    .await;

    let (key, event) = received.lock().unwrap().first().unwrap().clone();
    assert!(key.contains("sentry_key=thekey"), "{key}");
    assert_eq!(received.lock().unwrap().len(), 1);
    let tags: Vec<_> = event.tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let wanted = [
        ("code", "internal"),
        ("request_id", "r-1"),
        ("route", "/things/{id}"),
        ("service", "api"),
        ("status", "500"),
        ("trace_id", TRACE),
    ];
    assert_eq!(tags, wanted);
    assert_eq!(event.release.as_deref(), Some(concat!("wheelhouse@", env!("CARGO_PKG_VERSION"))));
    assert_eq!((event.environment.as_deref(), event.transaction.as_deref()), (Some("staging"), Some("/things/{id}")));
    let exception = &event.exception.values[0];
    assert_eq!(
        (exception.ty.as_str(), exception.value.as_deref()),
        ("request failed", Some("password=[hidden] timed out"))
    );
    assert!(event.user.is_none() && event.request.is_none() && event.server_name.is_none() && event.extra.is_empty());
    assert!(!serde_json::to_string(&event).unwrap().contains("planted"), "{event:?}");
}

#[tokio::test]
async fn what_happens_to_a_job_names_its_kind_and_errors_tell_their_causes() {
    let (config, received) = server(StatusCode::OK).await;
    told(&config, || {
        let span = tracing::info_span!(
            "job",
            id = "j-1",
            kind = "sync-usage",
            attempt = 2,
            request_id = tracing::field::Empty
        );
        let _entered = span.enter();
        span.record("request_id", "r-2");
        let cause = std::io::Error::other("to ann@example.org");
        tracing::error!(error = &cause as &dyn std::error::Error, kind = "other", "it can't be sent");
        tracing::error!("another one");
    })
    .await;
    let events = events(&received);
    let first = &events[0];
    assert_eq!((events.len(), first.transaction.as_deref()), (2, Some("sync-usage")));
    for (tag, value) in [("job_kind", "sync-usage"), ("job_id", "j-1"), ("attempt", "2"), ("request_id", "r-2")] {
        assert_eq!(first.tags[tag], value);
    }
    assert_eq!(first.exception.values[0].value.as_deref(), Some("to [hidden]"));
}

#[tokio::test]
async fn a_panic_is_an_event_with_its_place() {
    let (config, received) = server(StatusCode::OK).await;
    let before = std::panic::take_hook();
    panics::hook();
    told(&config, || {
        let _entered = tracing::info_span!("request", request_id = "r-3").entered();
        let ended = std::panic::catch_unwind(|| panic!("key {} is bad", "whk_01234567_planted"));
        assert!(ended.is_err());
        tracing::error!("request failed");
    })
    .await;
    std::panic::set_hook(before);

    let events = events(&received);
    assert_eq!(events.len(), 1);
    let exception = &events[0].exception.values[0];
    assert_eq!((exception.ty.as_str(), exception.value.as_deref()), ("panic", Some("key [hidden] is bad")));
    assert_eq!(exception.mechanism.as_ref().unwrap().handled, Some(false));
    let frame = &exception.stacktrace.as_ref().unwrap().frames[0];
    assert!(frame.filename.as_ref().unwrap().ends_with("errors/tests.rs") && frame.lineno.is_some(), "{frame:?}");
    assert_eq!(events[0].tags["request_id"], "r-3");
}

#[tokio::test]
async fn what_finds_the_queue_full_is_dropped_and_counted() {
    let (config, received) = server(StatusCode::OK).await;
    let (exporter, reporter) = (Exporter::new(), Reporter::start(&config));
    // One thread: nothing is taken out of the queue meanwhile.
    exporter.told_here(|| (0..QUEUE + 9).for_each(|_| reporter.report(Event::new())));
    let text = exporter.text().await;
    assert!(text.contains("wheelhouse_error_events_total{outcome=\"dropped\"} 9\n"), "{text}");
    reporter.flush().await;
    assert_eq!(events(&received).len(), QUEUE);
}

#[tokio::test]
async fn each_outcome_is_counted_from_zero_where_a_server_is_set() {
    let (set, _) = server(StatusCode::OK).await;
    for (config, counted) in [(&set, true), (&Config::default().errors, false)] {
        let (exporter, reporter) = (Exporter::new(), Reporter::start(config));
        exporter.told_here(|| reporter.count_from_zero());
        let text = exporter.text().await;
        for outcome in ["sent", "dropped", "limited", "refused", "failed"] {
            let zero = format!("wheelhouse_error_events_total{{outcome=\"{outcome}\"}} 0\n");
            assert_eq!(text.contains(&zero), counted, "{zero}{text}");
        }
    }
}

#[tokio::test]
async fn a_server_that_says_too_many_is_not_asked_again() {
    let (config, received) = server(StatusCode::TOO_MANY_REQUESTS).await;
    told(&config, || (0..5).for_each(|_| tracing::error!("again"))).await;
    assert_eq!(events(&received).len(), 1);
}

#[tokio::test]
async fn a_server_that_fails_is_asked_again_for_the_next_one() {
    let (config, received) = server(StatusCode::INTERNAL_SERVER_ERROR).await;
    told(&config, || (0..3).for_each(|_| tracing::error!("again"))).await;
    assert_eq!(events(&received).len(), 3);
}

#[tokio::test]
async fn a_server_that_is_away_and_none_at_all_cost_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dsn = format!("http://thekey@{}/7", listener.local_addr().unwrap());
    drop(listener);
    let away = ErrorsConfig { dsn: Some(Secret::new(dsn)), environment: "staging".to_owned() };
    told(&away, || tracing::error!("nobody hears this")).await;

    let (layer, reporter) = start(&Config::default().errors, "api");
    assert!(layer.is_none() && !reporter.is_on());
    reporter.flush().await;
}
