//! How often somebody may try to sign in: five times a minute per address and e-mail address, thirty times a minute per
//! address whatever the name. Not a lock of the user: others may sign in from elsewhere meanwhile.

use std::net::IpAddr;
use std::time::Duration;

use contract::problem::code;
use platform::limits::{Limit, RateLimiter};

use crate::error::ApiError;

const MINUTE: Duration = Duration::from_secs(60);
const PER_NAME: u32 = 5;
const PER_ADDRESS: u32 = 30;

/// Takes one try.
///
/// # Errors
/// 429 `rate_limited` with `Retry-After`.
pub async fn take(limiter: &RateLimiter, address: IpAddr, name: &str) -> Result<(), ApiError> {
    let name = name.trim().to_lowercase();
    let keys = [(format!("sign-in:{address}"), PER_ADDRESS), (format!("sign-in:{address}:{name}"), PER_NAME)];
    for (key, tries) in keys {
        let decision = limiter.take(&key, Limit::per(tries, MINUTE)).await;
        if !decision.allowed {
            let detail = "Too many tries from here. Wait as long as the header Retry-After says, then try again.";
            return Err(ApiError::new(code::RATE_LIMITED, detail).retry_after(decision.retry_after));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
