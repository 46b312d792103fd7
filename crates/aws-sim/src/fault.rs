//! Faults on request: `KIND:OPERATION[:ARGUMENT][*TIMES]`, where the operation may be `*`.
//!
//! | text | what happens |
//! |---|---|
//! | `throttle:DescribeWorkspaces:0.2` | one request in five answers `ThrottlingException` (no number: all) |
//! | `deny:DescribeTags` | `AccessDeniedException` in AWS's wording |
//! | `halffail:StopWorkspaces` | every second item of a batch fails, the others are done |
//! | `slow:DescribeWorkspaces:2s` | answers after two seconds (`ms` works too) |
//! | `malformed:DescribeWorkspaces` | status 200 and half of the body |
//! | `error500:DescribeTags:0.1` | one request in ten answers `InternalServerException`, status 500 |
//! | `page:DescribeWorkspaces:3` | only requests for the third page answer status 500 |
//! | `partial:GetMetricData` | every second series lacks its end and says `PartialData` |
//! | `garbage:GetMetricData` | some points are no numbers, negative or beyond all bounds |
//! | `garbage:LookupEvents` | every seventh record ends in its middle; so do products with `garbage:GetProducts` |
//! | `garbage:GetCostAndUsage` | in every seventh period one group's amount is no number |
//!
//! `*2` at the end ends the fault after it has struck twice, `:once` after one time. What strikes is drawn from the
//! seed, so that a run repeats. A new fault gets a variant of [`FaultKind`], a line in `FromStr`, and its effect in
//! `wire`.

use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::rng::Rng;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FaultKind {
    /// `ThrottlingException`.
    Throttle,
    /// `AccessDeniedException`.
    Deny,
    /// Every second item of a batch fails.
    HalfFail,
    /// The answer waits this long.
    Slow(Duration),
    /// The body is cut in half.
    Malformed,
    /// Status 500.
    Error500,
    /// Status 500 on this page (1 is the first).
    Page(u32),
    /// Every second series of metric data lacks its end.
    Partial,
    /// Some points of metric data are nonsense.
    Garbage,
}

/// A fault on an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The operation, or `*` for any.
    pub operation: String,
    /// Between 0 and 1.
    pub probability: f64,
    /// How often it strikes at most; `None`: without end.
    pub times: Option<u32>,
}

/// The text is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no fault: {reason}")]
pub struct FaultParseError {
    text: String,
    reason: &'static str,
}

impl FromStr for Fault {
    type Err = FaultParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = |reason| FaultParseError { text: text.to_owned(), reason };
        let (rest, times) = if let Some(rest) = text.strip_suffix(":once") {
            (rest, Some(1))
        } else {
            match text.rsplit_once('*') {
                Some((rest, count))
                    if !count.is_empty() && !rest.is_empty() && count.bytes().all(|b| b.is_ascii_digit()) =>
                {
                    let count = count.parse().map_err(|_| bad("the number after `*` is too large"))?;
                    (rest, Some(count))
                }
                _ => (text, None),
            }
        };
        let mut parts = rest.split(':');
        let kind = parts.next().unwrap_or_default();
        let operation = parts.next().filter(|op| !op.is_empty()).ok_or_else(|| bad("it names no operation"))?;
        let argument = parts.next();
        if parts.next().is_some() {
            return Err(bad("it has too many parts"));
        }
        if operation != "*" && !operation.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(bad("the operation is not a name"));
        }
        let probability = || match argument {
            None => Ok(1.0),
            Some(number) => number
                .parse::<f64>()
                .ok()
                .filter(|p| (0.0..=1.0).contains(p))
                .ok_or_else(|| bad("the probability is not between 0 and 1")),
        };
        let (kind, probability) = match kind {
            "throttle" => (FaultKind::Throttle, probability()?),
            "deny" => (FaultKind::Deny, probability()?),
            "halffail" => (FaultKind::HalfFail, probability()?),
            "malformed" => (FaultKind::Malformed, probability()?),
            "error500" => (FaultKind::Error500, probability()?),
            "partial" => (FaultKind::Partial, probability()?),
            "garbage" => (FaultKind::Garbage, probability()?),
            "slow" => {
                let delay =
                    argument.and_then(parse_delay).ok_or_else(|| bad("it needs a delay such as `2s` or `250ms`"))?;
                (FaultKind::Slow(delay), 1.0)
            }
            "page" => {
                let page = argument.and_then(|n| n.parse().ok()).filter(|page| *page >= 1);
                (FaultKind::Page(page.ok_or_else(|| bad("it needs the number of a page"))?), 1.0)
            }
            _ => {
                return Err(bad(
                    "kinds are throttle, deny, halffail, slow, malformed, error500, page, partial, garbage",
                ));
            }
        };
        Ok(Self { kind, operation: operation.to_owned(), probability, times })
    }
}

fn parse_delay(text: &str) -> Option<Duration> {
    if let Some(ms) = text.strip_suffix("ms") {
        return ms.parse().ok().map(Duration::from_millis);
    }
    let seconds: f64 = text.strip_suffix('s').unwrap_or(text).parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, argument) = match self.kind {
            FaultKind::Throttle => ("throttle", None),
            FaultKind::Deny => ("deny", None),
            FaultKind::HalfFail => ("halffail", None),
            FaultKind::Malformed => ("malformed", None),
            FaultKind::Error500 => ("error500", None),
            FaultKind::Partial => ("partial", None),
            FaultKind::Garbage => ("garbage", None),
            FaultKind::Slow(delay) => ("slow", Some(format!("{}ms", delay.as_millis()))),
            FaultKind::Page(page) => ("page", Some(page.to_string())),
        };
        write!(f, "{word}:{}", self.operation)?;
        if let Some(argument) = argument {
            write!(f, ":{argument}")?;
        } else if self.probability < 1.0 {
            write!(f, ":{}", self.probability)?;
        }
        self.times.map_or(Ok(()), |times| write!(f, "*{times}"))
    }
}

/// The faults that strike one request.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Strike {
    pub(crate) throttle: bool,
    pub(crate) deny: bool,
    pub(crate) half_fail: bool,
    pub(crate) slow: Option<Duration>,
    pub(crate) malformed: bool,
    pub(crate) error500: bool,
    pub(crate) partial: bool,
    pub(crate) garbage: bool,
}

/// All faults of one simulator, with what is left of them.
#[derive(Debug)]
pub(crate) struct FaultBook(Mutex<(Vec<Fault>, Rng)>);

impl FaultBook {
    pub(crate) fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self(Mutex::new((faults, Rng::from_parts(seed, "faults"))))
    }

    pub(crate) fn set(&self, faults: Vec<Fault>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = faults;
    }

    pub(crate) fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.iter().map(ToString::to_string).collect()
    }

    /// What strikes this request; `page` is called only when a fault wants to know the page.
    pub(crate) fn strike(&self, operation: &str, page: impl Fn() -> u32) -> Strike {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (faults, rng) = &mut *guard;
        let mut strike = Strike::default();
        for fault in faults.iter_mut() {
            if (fault.operation != "*" && fault.operation != operation) || fault.times == Some(0) {
                continue;
            }
            if fault.probability < 1.0 && rng.below(1_000_000) as f64 >= fault.probability * 1_000_000.0 {
                continue;
            }
            match fault.kind {
                FaultKind::Throttle => strike.throttle = true,
                FaultKind::Deny => strike.deny = true,
                FaultKind::HalfFail => strike.half_fail = true,
                FaultKind::Slow(delay) => strike.slow = Some(delay),
                FaultKind::Malformed => strike.malformed = true,
                FaultKind::Error500 => strike.error500 = true,
                FaultKind::Partial => strike.partial = true,
                FaultKind::Garbage => strike.garbage = true,
                FaultKind::Page(number) if page() == number => strike.error500 = true,
                FaultKind::Page(_) => continue,
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
        }
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_printed() {
        for text in [
            "throttle:DescribeWorkspaces:0.2",
            "deny:DescribeTags",
            "halffail:StopWorkspaces",
            "malformed:DescribeWorkspaces",
            "error500:DescribeTags:0.1",
            "page:DescribeWorkspaces:3",
            "partial:GetMetricData",
            "garbage:GetMetricData:0.5",
            "deny:*",
            "deny:DescribeTags*2",
            "throttle:*:0.5*3",
        ] {
            assert_eq!(text.parse::<Fault>().map(|f| f.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("slow:X:2s".parse::<Fault>().unwrap().kind, FaultKind::Slow(Duration::from_secs(2)));
        assert_eq!("slow:X:250ms".parse::<Fault>().unwrap().kind, FaultKind::Slow(Duration::from_millis(250)));
        assert_eq!("deny:X:once".parse::<Fault>().unwrap().times, Some(1));
        for bad in [
            "",
            "deny",
            "deny:",
            "what:X",
            "throttle:X:2",
            "throttle:X:NaN",
            "slow:X",
            "page:X:0",
            "deny:X:0.1:2",
            "deny:a/b",
        ] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    #[test]
    fn faults_end_after_their_times_and_keep_to_their_operation() {
        let book = FaultBook::new(vec!["deny:A*2".parse().unwrap()], 1);
        let denied = |operation| book.strike(operation, || 1).deny;
        assert!(!denied("B"));
        assert!(denied("A") && denied("A"));
        assert!(!denied("A"));
    }

    #[test]
    fn a_page_fault_strikes_its_page_alone() {
        let book = FaultBook::new(vec!["page:A:3:once".parse().unwrap()], 1);
        assert!(!book.strike("A", || 2).error500);
        assert!(book.strike("A", || 3).error500);
        assert!(!book.strike("A", || 3).error500);
    }

    #[test]
    fn a_probability_is_kept() {
        let book = FaultBook::new(vec!["throttle:A:0.2".parse().unwrap()], 1);
        let struck = (0..10_000).filter(|_| book.strike("A", || 1).throttle).count();
        assert!((1_800..2_200).contains(&struck), "{struck}");
    }
}
