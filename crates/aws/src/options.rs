//! How AWS is called: rates, deadlines, attempts. Not which account is called; that comes with each connection.
//! To add one: a field with its unit in the name or the docs, its default, and its key in the platform's configuration.

use std::time::Duration;

/// How AWS is called.
#[derive(Debug, Clone, PartialEq)]
pub struct AwsOptions {
    /// Requests per second that an operation of the WorkSpaces API may send, per account and region, in the long run.
    /// Infinite: no limit.
    pub requests_per_second: f64,
    /// Requests to the WorkSpaces API that may go at once after a rest. At least 1.
    pub burst: f64,
    /// The documented rates of the other APIs (`rates`) are multiplied by this. Infinite: no limit.
    pub rate_scale: f64,
    /// Requests per second of every operation for accounts with simulated access, whose burst is one second's worth. A
    /// simulator that throttles is still obeyed: each throttled answer halves the rate.
    pub simulated_requests_per_second: f64,
    /// A whole call with its waits and retries takes at most this long.
    pub call_deadline: Duration,
    /// A single request takes at most this long.
    pub attempt_timeout: Duration,
    /// Requests per call at most, the first one included. At least 1.
    pub max_attempts: u32,
    /// The first retry waits up to this long; each further one up to twice as long as the one before.
    pub backoff_base: Duration,
    /// No retry waits longer than this, unless AWS asks for it.
    pub backoff_cap: Duration,
    /// Calls that must fail as unavailable in a row to open the circuit. At least 1.
    pub breaker_failures: u32,
    /// An open circuit lets one call try again after this long.
    pub breaker_cool_down: Duration,
    /// The product name in the user agent; letters, digits and `-` only, others are dropped.
    pub app_name: String,
}

impl Default for AwsOptions {
    /// AWS's own limits (WorkSpaces: 2 per second, burst 5), 30 s per call, 10 s per request, 6 attempts.
    fn default() -> Self {
        Self {
            requests_per_second: 2.0,
            burst: 5.0,
            rate_scale: 1.0,
            simulated_requests_per_second: 500.0,
            call_deadline: Duration::from_secs(30),
            attempt_timeout: Duration::from_secs(10),
            max_attempts: 6,
            backoff_base: Duration::from_millis(200),
            backoff_cap: Duration::from_secs(5),
            breaker_failures: 5,
            breaker_cool_down: Duration::from_secs(30),
            app_name: "wheelhouse".to_owned(),
        }
    }
}
