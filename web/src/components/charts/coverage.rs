//! A span of time as a bar: what is there, and the gaps in it.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// A stretch of the bar, thousandths of its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Where it begins.
    pub x: i64,
    /// How wide it is; at least 1, so that it can be seen.
    pub width: i64,
    /// Whether there is data; a gap otherwise.
    pub there: bool,
}

/// The stretches of a bar that reaches from the first moment covered until now: what is covered, then the gaps over it.
pub fn stretches(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    gaps: &[(DateTime<Utc>, DateTime<Utc>)],
    now: DateTime<Utc>,
) -> Vec<Stretch> {
    let end = now.max(to);
    let whole = (end - from).num_milliseconds().max(1);
    let place = |at: DateTime<Utc>| ((at - from).num_milliseconds().clamp(0, whole)) * 1000 / whole;
    let stretch = |a: DateTime<Utc>, b: DateTime<Utc>, there| {
        let x = place(a).min(999);
        Stretch { x, width: (place(b) - x).max(1), there }
    };
    let covered = (to > from).then(|| stretch(from, to, true));
    covered.into_iter().chain(gaps.iter().filter(|(a, b)| b > a).map(|(a, b)| stretch(*a, *b, false))).collect()
}

/// The bar. What it shows is said by `label`.
#[component]
pub fn CoverageBar(
    /// The first moment covered.
    from: DateTime<Utc>,
    /// The end of what is covered.
    to: DateTime<Utc>,
    /// What is missing in between.
    gaps: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Now.
    now: DateTime<Utc>,
    /// What it shows, in words.
    label: String,
) -> impl IntoView {
    let parts = stretches(from, to, &gaps, now)
        .into_iter()
        .map(|part| {
            let class = if part.there { "coverage-there" } else { "coverage-gap" };
            view! { <rect class=class x=part.x.to_string() width=part.width.to_string() y="0" height="8"></rect> }
        })
        .collect_view();
    view! {
        <svg class="coverage" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label=label>
            {parts}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_lie_within_the_bar() {
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
        let parts = stretches(at(0), at(900), &[(at(100), at(200)), (at(300), at(300)), (at(-50), at(1))], at(1000));
        assert_eq!(parts[0], Stretch { x: 0, width: 900, there: true });
        assert_eq!(parts[1], Stretch { x: 100, width: 100, there: false });
        assert_eq!(parts[2], Stretch { x: 0, width: 1, there: false }, "an empty gap is none, a short one is seen");
        assert_eq!(parts.len(), 3);
        assert_eq!(stretches(at(5), at(5), &[], at(5)), [], "nothing is covered");
        assert_eq!(stretches(at(0), at(2000), &[], at(1000)), [Stretch { x: 0, width: 1000, there: true }]);
    }
}
