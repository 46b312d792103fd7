//! Requests that this process serves: how long each took, by method, route and status; how many are under way.
//!
//! Used by [`crate::request_id`], which sees every request and its end. Routes are templates, never paths.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use http::Method;

/// Combinations of method, route and status that are told apart, so that their series stay few; later ones are
/// [`OTHER_ROUTE`].
const MOST: usize = 420;
/// The route of those beyond [`MOST`].
const OTHER_ROUTE: &str = "other";

/// Combinations of method, route and status that were met.
type Seen = HashSet<(&'static str, String, u16)>;

static SEEN: LazyLock<Mutex<Seen>> = LazyLock::new(Mutex::default);

/// One more request is under way.
pub(crate) fn began(method: &Method) {
    metrics::gauge!("http_server_active_requests", "http_request_method" => name(method)).increment(1.0);
}

/// One has ended.
pub(crate) fn ended(method: &Method, route: &str, status: u16, took: Duration) {
    let method = name(method);
    metrics::gauge!("http_server_active_requests", "http_request_method" => method).decrement(1.0);
    let route = bounded(&mut SEEN.lock().unwrap_or_else(PoisonError::into_inner), method, route, status).to_owned();
    metrics::histogram!(
        "http_server_request_duration_seconds",
        "http_request_method" => method,
        "http_route" => route,
        "http_response_status_code" => status.to_string(),
    )
    .record(took.as_secs_f64());
}

/// The method as OpenTelemetry writes it: one of those that are known, otherwise `_OTHER`.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}

fn bounded<'a>(seen: &mut Seen, method: &'static str, route: &'a str, status: u16) -> &'a str {
    let combination = (method, route.to_owned(), status);
    if seen.contains(&combination) {
        return route;
    }
    if seen.len() >= MOST {
        return OTHER_ROUTE;
    }
    seen.insert(combination);
    route
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Exporter;

    #[test]
    fn combinations_beyond_the_limit_share_a_route() {
        let mut seen = HashSet::new();
        let routes: Vec<String> = (0..MOST).map(|number| format!("/things{number}/{{id}}")).collect();
        for _ in 0..2 {
            assert!(routes.iter().all(|route| bounded(&mut seen, "GET", route, 200) == route));
        }
        assert_eq!(bounded(&mut seen, "GET", "/late", 200), OTHER_ROUTE);
        assert_eq!(bounded(&mut seen, "GET", &routes[0], 500), OTHER_ROUTE);
        assert_eq!(bounded(&mut seen, "GET", &routes[0], 200), routes[0]);
    }

    #[tokio::test]
    async fn a_request_is_under_way_until_it_has_ended() {
        let exporter = Exporter::new();
        let odd = Method::from_bytes(b"BREW").unwrap();
        exporter.told_here(|| {
            began(&odd);
            began(&odd);
            ended(&odd, "/pots/{id}", 418, Duration::from_millis(300));
        });
        let text = exporter.text().await;
        assert!(text.contains("http_server_active_requests{http_request_method=\"_OTHER\"} 1\n"), "{text}");
        let labels = "http_request_method=\"_OTHER\",http_route=\"/pots/{id}\",http_response_status_code=\"418\"";
        for (bound, count) in [("0.25", 0), ("0.5", 1), ("+Inf", 1)] {
            let line = format!("http_server_request_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {count}\n");
            assert!(text.contains(&line), "{line} is not in\n{text}");
        }
    }
}
