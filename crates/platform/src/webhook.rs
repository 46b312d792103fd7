//! Outgoing webhooks: one signed request to a URL that a user gave, as Standard Webhooks has it (standardwebhooks.com), within
//! a deadline. Whoever gets it knows by the signature that it is ours and whole, and by its id that it is the same as before.
//!
//! Where it may lead is [`Guard`]'s; TLS is not optional outside of the networks that the operator opened. Redirects are not
//! followed: the signature was for that address. Not a queue: who sends decides what a failure means.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use url::{Host, Url};

use crate::http::guard::{Guard, GuardError};

/// A receiver that has not answered by then did not take it.
pub const DEADLINE: Duration = Duration::from_secs(20);
/// What a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret.
pub const SECRET_BYTES: usize = 32;

/// Why nothing can be sent to a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookUrlError {
    /// It leads where it may not.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// It is not encrypted.
    #[error("write an https:// URL; http:// is for addresses in the networks of outgoing.allow")]
    NotTls,
}

/// Why a message was not taken. `Display` is for people; what happened on the wire is in the source.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The URL leads where it may not, by itself or by what its name stands for.
    #[error(transparent)]
    Url(#[from] WebhookUrlError),
    /// The receiver answered, and not that it took it.
    #[error("the receiver answered {status}")]
    Answered {
        /// The HTTP status.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The receiver could not be reached, or did not answer in time.
    #[error("the receiver could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// Our fault: requests can't be made at all.
    #[error("requests can't be made")]
    Client(#[source] reqwest::Error),
}

impl WebhookError {
    /// Whether the same message may be taken later. A redirect and "gone" stay what they are.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Url(WebhookUrlError::Guard(GuardError::Unresolved(_))) | Self::Unreachable(_) | Self::Client(_) => {
                true
            }
            Self::Url(_) => false,
            Self::Answered { status, .. } => !(300..400).contains(status) && *status != StatusCode::GONE.as_u16(),
        }
    }
}

/// A message to a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Tells it from others; the same each time it is tried. Letters, digits, `_`, `-`.
    pub id: String,
    /// Now.
    pub at: DateTime<Utc>,
    /// Where it goes.
    pub url: String,
    /// Its body, JSON.
    pub body: String,
}

/// Checks a URL as far as that can be done without resolving its name, and gives it as it is meant.
///
/// # Errors
/// [`WebhookUrlError`].
pub fn check_url(guard: &Guard, text: &str) -> Result<Url, WebhookUrlError> {
    let url = guard.check_url(text)?;
    if url.scheme() == "https" || inside(&url) { Ok(url) } else { Err(WebhookUrlError::NotTls) }
}

/// Whether a URL that the guard let through stays within this machine or a private network: it then is in `outgoing.allow`.
fn inside(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => private(address.into()),
        Some(Host::Ipv6(address)) => private(address.into()),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

fn private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

/// The secret as whoever receives writes it down.
#[must_use]
pub fn secret_text(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// The value of `webhook-signature`.
#[must_use]
pub fn signature(secret: &[u8], id: &str, at: DateTime<Utc>, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, format!("{id}.{}.{body}", at.timestamp()).as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

/// Sends a message, signed with this secret; it was taken when this returns well. Ends within [`DEADLINE`]. What the receiver
/// writes is not read.
///
/// # Errors
/// [`WebhookError`].
pub async fn send(guard: &Guard, secret: &[u8], message: Webhook) -> Result<(), WebhookError> {
    let url = check_url(guard, &message.url)?;
    let client = guard.client_without_redirects(DEADLINE).map_err(WebhookError::Client)?;
    let request = client.request(Method::POST, url.as_str()).map_err(WebhookUrlError::from)?;
    let answer = request
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", message.at.timestamp())
        .header("webhook-signature", signature(secret, &message.id, message.at, &message.body))
        .body(message.body)
        .send()
        .await
        .map_err(|error| match led_astray(&error) {
            Some(guard) => WebhookUrlError::from(guard).into(),
            None => WebhookError::Unreachable(error),
        })?;
    if answer.status().is_success() {
        return Ok(());
    }
    let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Err(WebhookError::Answered { status: answer.status().as_u16(), retry_after: wait.map(Duration::from_secs) })
}

/// What the guard said when the name was resolved.
fn led_astray(error: &reqwest::Error) -> Option<GuardError> {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(guard) = found.downcast_ref::<GuardError>() {
            return Some(guard.clone());
        }
        cause = found.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn guard(allow: &[&str]) -> Guard {
        let allow: Vec<crate::config::Cidr> = allow.iter().map(|network| network.parse().unwrap()).collect();
        let lookup = |_: String| {
            Box::pin(async { Ok(vec!["10.0.0.9".parse().unwrap()]) })
                as futures::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>>
        };
        Guard::with_lookup(allow, Arc::new(lookup))
    }

    #[test]
    fn signed_as_the_standard_says() {
        // The example of the standard's own libraries.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secret_text(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn in_the_clear_only_where_the_operator_opened_a_network() {
        let open = guard(&["10.0.0.0/8", "127.0.0.0/8", "::1", "fd00::/8"]);
        for good in [
            "https://example.com/x?y=1",
            "http://10.1.2.3:8080/",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://[fd00::1]/",
        ] {
            assert!(check_url(&open, good).is_ok(), "{good}");
        }
        for bad in ["http://example.com/", "http://93.184.216.34/"] {
            assert_eq!(check_url(&open, bad), Err(WebhookUrlError::NotTls), "{bad}");
        }
        for bad in [
            "http://10.1.2.3/",
            "https://127.0.0.1/",
            "https://169.254.169.254/",
            "ftp://example.com",
            "x",
            "https://u:p@example.com",
        ] {
            assert!(matches!(check_url(&guard(&[]), bad), Err(WebhookUrlError::Guard(_))), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_name_that_stands_for_a_private_address_is_told_apart() {
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let message = Webhook { id: "msg_1".into(), at, url: "https://hooks.example.com/".into(), body: "{}".into() };
        let error = send(&guard(&[]), b"secret", message).await.unwrap_err();
        assert!(matches!(&error, WebhookError::Url(WebhookUrlError::Guard(GuardError::NotPublic(_)))), "{error:?}");
        assert!(!error.retryable());
    }
}
