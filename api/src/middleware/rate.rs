//! How often somebody may ask: a quota for reads and one for changes, for each user, API key, or network where nobody is
//! recognised. Each answer says what is left (`RateLimit`, and `RateLimit-Limit`, `-Remaining`, `-Reset` for older clients);
//! beyond it the answer is 429 with `Retry-After`. Who asks is looked up before that, which has a limit of its own for secrets
//! that are nobody's (`extract::Strangers`). Tries to sign in are counted where they are made (`routes/session/limit`),
//! and here as changes of their network. Pages and health checks are not counted.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::problem::code;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use platform::config::LimitsConfig;
use platform::limits::{Limit, Quotas, Standing};
use services::credentials::Principal;

use crate::error::ApiError;
use crate::extract::{Client, authenticate};
use crate::state::AppState;

const WINDOW: Duration = Duration::from_secs(60);

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What the layer needs.
#[derive(Clone)]
pub struct RateLimits {
    state: AppState,
    quotas: Quotas,
    reads: u32,
    writes: u32,
}

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimits").field("reads", &self.reads).field("writes", &self.writes).finish_non_exhaustive()
    }
}

impl RateLimits {
    /// Of that configuration.
    #[must_use]
    pub fn new(state: AppState, quotas: Quotas, config: &LimitsConfig) -> Self {
        Self { state, quotas, reads: config.reads_per_minute, writes: config.writes_per_minute }
    }
}

/// The layer.
///
/// # Errors
/// 429 `rate_limited`; 503 when it can't be known who asks.
pub async fn rate(State(limits): State<RateLimits>, request: Request, next: Next) -> Result<Response, ApiError> {
    let (tier, count) = match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS => ("reads", limits.reads),
        _ => ("writes", limits.writes),
    };
    let (mut parts, body) = request.into_parts();
    let whose = match authenticate(&mut parts, &limits.state).await? {
        Ok(found) => match found.principal {
            Principal::Session { user_id, .. } => format!("{tier}:user:{user_id}"),
            Principal::Key { key_id, .. } => format!("{tier}:key:{key_id}"),
        },
        Err(_) => {
            let Ok(client) = Client::from_request_parts(&mut parts, &limits.state).await;
            format!("{tier}:from:{}", network(client.address))
        }
    };
    let standing = limits.quotas.take(&whose, Limit::per(count, WINDOW)).await;
    let mut response = if standing.allowed {
        next.run(Request::from_parts(parts, body)).await
    } else {
        let detail = "Too many requests. Wait as long as the header Retry-After says, then go on more slowly.";
        ApiError::new(code::RATE_LIMITED, detail).retry_after(standing.retry_after).into_response()
    };
    tell(response.headers_mut(), tier, &standing);
    Ok(response)
}

fn tell(headers: &mut HeaderMap, tier: &str, standing: &Standing) {
    let reset = standing.reset.as_secs() + u64::from(standing.reset.subsec_nanos() > 0);
    let (limit, remaining, window) = (standing.limit, standing.remaining, WINDOW.as_secs());
    headers.insert(LIMIT, limit.into());
    headers.insert(REMAINING, remaining.into());
    headers.insert(RESET, reset.into());
    for (name, text) in [
        (RATE_LIMIT, format!("\"{tier}\";r={remaining};t={reset}")),
        (RATE_LIMIT_POLICY, format!("\"{tier}\";q={limit};w={window}")),
    ] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}

/// The address, or the /64 of an IPv6 address, out of which one host can choose.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_round_up_and_never_promise_too_much() {
        let mut headers = HeaderMap::new();
        let standing = Standing {
            allowed: true,
            limit: 300,
            remaining: 41,
            reset: Duration::from_millis(51_001),
            retry_after: Duration::ZERO,
        };
        tell(&mut headers, "writes", &standing);
        for (name, text) in [
            ("ratelimit", "\"writes\";r=41;t=52"),
            ("ratelimit-policy", "\"writes\";q=300;w=60"),
            ("ratelimit-limit", "300"),
            ("ratelimit-remaining", "41"),
            ("ratelimit-reset", "52"),
        ] {
            assert_eq!(headers[name], text, "{name}");
        }
    }

    #[test]
    fn an_ipv6_network_is_one() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:203.0.113.9"), "203.0.113.9");
    }
}
