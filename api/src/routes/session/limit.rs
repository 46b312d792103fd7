//! How often somebody may try to sign in: five times a minute per network and e-mail address, thirty times a minute per
//! network whatever the name, sixty times a minute per name wherever from. A network is an IPv4 address or an IPv6 /64, which
//! is what one host can choose from. Not a lock of the user: others may sign in from elsewhere meanwhile.

use std::net::IpAddr;
use std::time::Duration;

use contract::problem::code;
use domain::ids::UserId;
use platform::limits::{Limit, RateLimiter};

use crate::error::ApiError;
use crate::middleware::rate::network;

const MINUTE: Duration = Duration::from_secs(60);
const PER_NAME: u32 = 5;
const PER_ADDRESS: u32 = 30;
/// Well above what one network may try, so that nobody is locked out by one stranger.
const PER_NAME_ANYWHERE: u32 = 60;

/// Takes one try.
///
/// # Errors
/// 429 `rate_limited` with `Retry-After`.
pub async fn take(limiter: &RateLimiter, address: IpAddr, name: &str) -> Result<(), ApiError> {
    let name = name.trim().to_lowercase();
    let network = network(address);
    let keys = [
        (format!("sign-in:{network}"), PER_ADDRESS),
        (format!("sign-in:{network}:{name}"), PER_NAME),
        (format!("sign-in-name:{name}"), PER_NAME_ANYWHERE),
    ];
    take_all(limiter, keys).await
}

async fn take_all<const N: usize>(limiter: &RateLimiter, keys: [(String, u32); N]) -> Result<(), ApiError> {
    for (key, tries) in keys {
        let decision = limiter.take(&key, Limit::per(tries, MINUTE)).await;
        if !decision.allowed {
            let detail = "Too many tries from here. Wait as long as the header Retry-After says, then try again.";
            return Err(ApiError::new(code::RATE_LIMITED, detail).retry_after(decision.retry_after));
        }
    }
    Ok(())
}

/// Takes one try of something that names nobody: a link, a way to another service. Thirty a minute per network, so that nobody can
/// use up what others need.
///
/// # Errors
/// 429 `rate_limited` with `Retry-After`.
pub async fn take_nameless(limiter: &RateLimiter, address: IpAddr, what: &str) -> Result<(), ApiError> {
    take_all(limiter, [(format!("{what}:{}", network(address)), PER_ADDRESS)]).await
}

/// Takes one try of somebody signed in to prove who they are: five a minute, whatever strangers try in their name.
///
/// # Errors
/// 429 `rate_limited` with `Retry-After`.
pub async fn take_own(limiter: &RateLimiter, user: UserId) -> Result<(), ApiError> {
    take_all(limiter, [(format!("proof:{user}"), PER_NAME)]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_of_one_ipv6_network_are_one() {
        let limiter = RateLimiter::new(None);
        for host in 0..u32::from(u8::MAX) {
            let address = format!("2001:db8::{host:x}").parse().unwrap();
            let tried = take(&limiter, address, "a@example.com").await;
            assert_eq!(tried.is_ok(), host < PER_NAME, "{host}");
        }
        take(&limiter, "2001:db8:0:1::1".parse().unwrap(), "a@example.com").await.unwrap();
    }

    #[tokio::test]
    async fn five_tries_then_a_wait_for_that_name_alone() {
        let limiter = RateLimiter::new(None);
        let here: IpAddr = "203.0.113.9".parse().unwrap();
        for name in ["a@example.com", "A@example.com ", "a@example.com", "a@example.com", "a@example.com"] {
            take(&limiter, here, name).await.unwrap();
        }
        let refused = take(&limiter, here, "a@example.com").await.unwrap_err();
        assert_eq!(refused.code(), code::RATE_LIMITED);
        let response = refused.render("r");
        let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=12).contains(&wait), "{wait}");
        take(&limiter, here, "b@example.com").await.unwrap();
        take(&limiter, "203.0.113.10".parse().unwrap(), "a@example.com").await.unwrap();
    }

    #[tokio::test]
    async fn many_names_from_one_address_are_limited_too() {
        let limiter = RateLimiter::new(None);
        let here: IpAddr = "203.0.113.9".parse().unwrap();
        for i in 0..PER_ADDRESS {
            take(&limiter, here, &format!("{i}@example.com")).await.unwrap();
        }
        assert!(take(&limiter, here, "new@example.com").await.is_err());
    }
}
