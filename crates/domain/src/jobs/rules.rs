//! The rules of retry: back-off and when a job is dead.

use std::time::Duration;

/// A job that was claimed this often without reporting an end kills its workers, and is dead.
pub const MAX_SILENT_CLAIMS: i32 = 3;

/// The priority of what a person has asked to be done to WorkSpaces: it has its turn even where its account has its share of
/// a worker already.
pub const ACTION_PRIORITY: i16 = 20;

/// The first back-off's upper bound.
const BASE: Duration = Duration::from_secs(2);
/// No back-off is longer.
const CAP: Duration = Duration::from_secs(15 * 60);

/// How long to wait before attempt number `failed_attempts + 1`: exponential with full jitter, `unit × min(cap, base × 2^(n−1))`.
/// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. `unit` is even in `0.0 .. 1.0`.
#[must_use]
pub fn backoff(failed_attempts: u32, unit: f64) -> Duration {
    let doublings = failed_attempts.saturating_sub(1).min(20);
    let bound = BASE.saturating_mul(1 << doublings).min(CAP);
    bound.mul_f64(unit.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_the_cap_and_jitters_fully() {
        assert_eq!(backoff(1, 1.0), Duration::from_secs(2));
        assert_eq!(backoff(2, 1.0), Duration::from_secs(4));
        assert_eq!(backoff(5, 0.5), Duration::from_secs(16));
        assert_eq!(backoff(40, 1.0), CAP);
        assert_eq!(backoff(40, 0.0), Duration::ZERO);
    }
}
