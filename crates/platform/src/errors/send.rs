//! Sends events, one after the other, out of a bounded queue. Whoever has an error never waits: what finds the queue full, the
//! server busy or away is counted (`wheelhouse_error_events_total`) and dropped.

use std::str::FromStr as _;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::Client;
use sentry_types::Dsn;
use sentry_types::protocol::v7::{Envelope, Event};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::config::ErrorsConfig;
use crate::http::USER_AGENT;

/// Events that wait at most.
pub const QUEUE: usize = 64;
/// The longest that one may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long a server that says "too many" without saying how long is left alone, as the protocol has it.
const PAUSE: Duration = Duration::from_secs(60);
/// No server is left alone for longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// What becomes of an event, as it is counted.
const OUTCOMES: [&str; 5] = ["sent", "dropped", "limited", "refused", "failed"];

/// Where events are left. Cloning is cheap; all clones are one.
#[derive(Clone, Debug)]
pub struct Reporter(Option<mpsc::Sender<Post>>);

enum Post {
    Event(Box<Event<'static>>),
    /// Answered once everything before it is through.
    Flush(oneshot::Sender<()>),
}

/// What is wrong with the address of a server; says nothing of what it holds.
pub fn dsn_fault(text: &str) -> Option<String> {
    Dsn::from_str(text).err().map(|_| "this is no DSN".to_owned())
}

impl Reporter {
    /// Begins to send where a server is set.
    pub fn start(config: &ErrorsConfig) -> Self {
        let Some(dsn) = config.dsn.as_ref().and_then(|dsn| Dsn::from_str(dsn.expose()).ok()) else { return Self(None) };
        let client = match crate::http::client(DEADLINE) {
            Ok(client) => client,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "errors can't be sent anywhere");
                return Self(None);
            }
        };
        let (sender, posts) = mpsc::channel(QUEUE);
        tokio::spawn(Post::deliver(posts, Server::new(client, &dsn)));
        Self(Some(sender))
    }

    /// Whether a server is set.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Leaves an event, or drops and counts it where there is no room.
    pub fn report(&self, event: Event<'static>) {
        let Some(sender) = &self.0 else { return };
        if sender.try_send(Post::Event(Box::new(event))).is_err() {
            counter("dropped").increment(1);
        }
    }

    /// Counts each outcome from zero, where a server is set: what comes first is an increase, too.
    pub fn count_from_zero(&self) {
        if self.is_on() {
            OUTCOMES.into_iter().for_each(|outcome| counter(outcome).increment(0));
        }
    }

    /// Waits until what was left before is through, at most for the deadline of one event: the end of a process.
    pub async fn flush(&self) {
        let Some(sender) = &self.0 else { return };
        let (done, through) = oneshot::channel();
        let flushed = async { sender.send(Post::Flush(done)).await.is_ok() && through.await.is_ok() };
        if !tokio::time::timeout(DEADLINE, flushed).await.unwrap_or(false) {
            tracing::debug!("some errors were not sent before the end");
        }
    }
}

impl Post {
    async fn deliver(mut posts: mpsc::Receiver<Self>, mut server: Server) {
        while let Some(post) = posts.recv().await {
            match post {
                Self::Event(event) => counter(server.take(*event).await).increment(1),
                // Nobody waits any more where this fails.
                Self::Flush(done) => done.send(()).unwrap_or_default(),
            }
        }
    }
}

fn counter(outcome: &'static str) -> metrics::Counter {
    metrics::counter!("wheelhouse_error_events_total", "outcome" => outcome)
}

struct Server {
    client: Client,
    url: String,
    auth: String,
    /// It is left alone until then.
    paused_until: Option<Instant>,
}

impl Server {
    fn new(client: Client, dsn: &Dsn) -> Self {
        let (url, auth) = (dsn.envelope_api_url().to_string(), dsn.to_auth(Some(USER_AGENT)).to_string());
        Self { client, url, auth, paused_until: None }
    }

    /// What became of the event.
    async fn take(&mut self, event: Event<'static>) -> &'static str {
        if self.paused_until.is_some_and(|until| Instant::now() < until) {
            return "limited";
        }
        let mut body = Vec::new();
        if Envelope::from(event).to_writer(&mut body).is_err() {
            return "failed";
        }
        let request = self.client.post(&self.url).header("x-sentry-auth", &self.auth);
        let answer = request.header(CONTENT_TYPE, "application/x-sentry-envelope").body(body).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(error = %error.without_url(), "an error could not be sent");
                return "failed";
            }
        };
        let status = answer.status();
        let pause = pause(answer.headers(), status.as_u16(), crate::os::now().into());
        self.paused_until = pause.map(|pause| Instant::now() + pause.min(LONGEST_PAUSE));
        match status.as_u16() {
            200..=299 => "sent",
            429 => "limited",
            _ => "refused",
        }
    }
}

/// How long the server wants no errors: `X-Sentry-Rate-Limits` of any answer, else `Retry-After` of a 429.
fn pause(headers: &HeaderMap, status: u16, now: SystemTime) -> Option<Duration> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(limits) = header("x-sentry-rate-limits") {
        return limits.split(',').filter_map(limit_of_errors).max();
    }
    let wait = || {
        let text = header(RETRY_AFTER.as_str())?.trim();
        let seconds = text.parse().ok().map(Duration::from_secs);
        seconds.or_else(|| httpdate::parse_http_date(text).ok().map(|at| at.duration_since(now).unwrap_or_default()))
    };
    (status == 429).then(|| wait().unwrap_or(PAUSE))
}

/// Of `seconds:categories:scope…` the seconds, where errors are among the categories; none named are all.
fn limit_of_errors(limit: &str) -> Option<Duration> {
    let mut parts = limit.trim().split(':');
    let (seconds, categories) = (parts.next()?.parse::<f64>().ok()?, parts.next().unwrap_or_default());
    let ours = categories.is_empty() || categories.split(';').any(|category| category == "error");
    Duration::try_from_secs_f64(seconds.ceil()).ok().filter(|_| ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paused(headers: &[(&'static str, &'static str)], status: u16) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        // 1994-11-06T08:49:37Z.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        pause(&headers, status, now).map(|pause| pause.as_secs())
    }

    #[test]
    fn a_server_that_says_too_many_is_left_alone_as_long_as_it_says() {
        for (headers, status, seconds) in [
            (&[][..], 200, None),
            (&[][..], 500, None),
            (&[][..], 429, Some(60)),
            (&[("retry-after", "7")], 429, Some(7)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")], 429, Some(10)),
            (&[("retry-after", "soon")], 429, Some(60)),
            (&[("retry-after", "7")], 503, None),
            (&[("x-sentry-rate-limits", "3:transaction:key, 9:error;default:organization")], 200, Some(9)),
            (&[("x-sentry-rate-limits", "3.2::organization")], 429, Some(4)),
            (&[("x-sentry-rate-limits", "60:transaction:key"), ("retry-after", "60")], 429, None),
            (&[("x-sentry-rate-limits", "nonsense")], 200, None),
        ] {
            assert_eq!(paused(headers, status), seconds, "{headers:?} {status}");
        }
    }

    #[test]
    fn a_bad_dsn_is_refused_without_being_quoted() {
        assert_eq!(dsn_fault("https://key@errors.example.org/7"), None);
        for bad in [
            "https://errors.example.org/7",
            "key@errors.example.org/7",
            "https://key@errors.example.org/",
            "ftp://k@h/1",
        ] {
            assert_eq!(dsn_fault(bad).unwrap(), "this is no DSN", "{bad}");
        }
    }
}
