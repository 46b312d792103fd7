//! AWS's request limit: a token bucket per account, region and operation.
//!
//! It does not sleep or queue; it says yes or no, and no becomes a `ThrottlingException`. STS is not limited. The setting
//! is for WorkSpaces and Directory Service; where AWS grants another service or operation another rate, [`granted`] says
//! so, and the setting only switches it on and off.

use std::{collections::HashMap, fmt, str::FromStr, sync::Mutex};

use crate::ops::Service;

/// Rate and burst of a token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// Requests per second in the long run.
    pub rate: f64,
    /// Requests that may come at once after a rest.
    pub burst: f64,
}

impl Throttle {
    /// What AWS grants the WorkSpaces API: 2 per second, 5 at once.
    pub const AWS: Self = Self { rate: 2.0, burst: 5.0 };
}

/// What AWS grants an operation that does not follow the setting: its documented rate, where it documents one.
fn granted(service: Service, operation: &str) -> Option<Throttle> {
    let evenly = |rate| Some(Throttle { rate, burst: rate });
    match (service, operation) {
        (Service::CloudWatch, "GetMetricData") => evenly(50.0),
        (Service::CloudWatch, "GetMetricStatistics") => evenly(400.0),
        (Service::CloudWatch, _) => evenly(25.0),
        (Service::CloudTrail, _) => evenly(2.0),
        (Service::CostExplorer, _) => evenly(5.0),
        (Service::Pricing, _) => evenly(10.0),
        _ => None,
    }
}

/// The text is no throttle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no throttle: write `on`, `off` or RATE/BURST such as `2/5`")]
pub struct ThrottleParseError(String);

/// `on`, `off` or `RATE/BURST`; what a command line flag holds. `off` is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThrottleSetting(pub Option<Throttle>);

impl FromStr for ThrottleSetting {
    type Err = ThrottleParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "on" => Ok(Self(Some(Throttle::AWS))),
            "off" => Ok(Self(None)),
            _ => {
                let bad = || ThrottleParseError(text.to_owned());
                let (rate, burst) = text.split_once('/').ok_or_else(bad)?;
                let rate: f64 = rate.parse().map_err(|_| bad())?;
                let burst: f64 = burst.parse().map_err(|_| bad())?;
                if rate.is_finite() && burst.is_finite() && rate > 0.0 && burst >= 1.0 {
                    Ok(Self(Some(Throttle { rate, burst })))
                } else {
                    Err(bad())
                }
            }
        }
    }
}

impl fmt::Display for ThrottleSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("off"),
            Some(throttle) => write!(f, "{}/{}", throttle.rate, throttle.burst),
        }
    }
}

#[derive(Debug, Default)]
struct Inner {
    throttle: Option<Throttle>,
    buckets: HashMap<(String, String, Service, &'static str), Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at_ms: i64,
}

/// All buckets of one simulator.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<Inner>);

impl Limiter {
    pub(crate) fn new(throttle: Option<Throttle>) -> Self {
        Self(Mutex::new(Inner { throttle, buckets: HashMap::new() }))
    }

    /// Changes the limit; every bucket starts full again.
    pub(crate) fn set(&self, throttle: Option<Throttle>) {
        let mut inner = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *inner = Inner { throttle, buckets: HashMap::new() };
    }

    pub(crate) fn setting(&self) -> Option<Throttle> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).throttle
    }

    /// Takes one token if there is one.
    pub(crate) fn admit(
        &self,
        account: &str,
        region: &str,
        (service, operation): (Service, &'static str),
        now_ms: i64,
    ) -> bool {
        let mut inner = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(setting) = inner.throttle else { return true };
        let Throttle { rate, burst } = granted(service, operation).unwrap_or(setting);
        let bucket = inner
            .buckets
            .entry((account.to_owned(), region.to_owned(), service, operation))
            .or_insert(Bucket { tokens: burst, at_ms: now_ms });
        let passed_seconds = (now_ms - bucket.at_ms).max(0) as f64 / 1_000.0;
        bucket.tokens = (bucket.tokens + passed_seconds * rate).min(burst);
        bucket.at_ms = now_ms;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIBE: (Service, &str) = (Service::WorkSpaces, "Describe");

    #[test]
    fn five_at_once_then_two_a_second_per_account_region_and_operation() {
        let limiter = Limiter::new(Some(Throttle::AWS));
        let admitted = |at| (0..10).filter(|_| limiter.admit("1", "r", DESCRIBE, at)).count();
        assert_eq!(admitted(0), 5);
        assert_eq!(admitted(1_000), 2);
        assert_eq!(admitted(1_400), 0);
        assert!(limiter.admit("1", "r", DESCRIBE, 1_500));
        assert!(limiter.admit("1", "other", DESCRIBE, 1_500));
        assert!(limiter.admit("2", "r", DESCRIBE, 1_500));
        assert!(limiter.admit("1", "r", (Service::WorkSpaces, "Stop"), 1_500));
        limiter.set(None);
        assert_eq!(admitted(1_500), 10);
    }

    #[test]
    fn settings_read_and_print() {
        assert_eq!("off".parse(), Ok(ThrottleSetting(None)));
        assert_eq!("on".parse(), Ok(ThrottleSetting(Some(Throttle::AWS))));
        assert_eq!("2/5".parse::<ThrottleSetting>().map(|s| s.to_string()), Ok("2/5".to_owned()));
        for bad in ["", "2", "0/5", "2/0", "x/y", "NaN/5", "inf/5"] {
            assert!(bad.parse::<ThrottleSetting>().is_err(), "{bad}");
        }
    }

    #[test]
    fn services_have_their_own_rates() {
        let limiter = Limiter::new(Some(Throttle { rate: 1.0, burst: 1.0 }));
        let admitted = |operation| (0..100).filter(|_| limiter.admit("1", "r", operation, 0)).count();
        assert_eq!(admitted((Service::CloudWatch, "GetMetricData")), 50);
        assert_eq!(admitted((Service::CloudTrail, "LookupEvents")), 2);
        assert_eq!(admitted((Service::CostExplorer, "GetCostAndUsage")), 5);
        assert_eq!(admitted(DESCRIBE), 1);
    }
}
