//! Which of many backups stay. Pure.
//!
//! The newest always; the newest of each of the last days that have one; the newest of each of the last weeks (from Monday)
//! that have one. A day or week without a backup takes no place, so that what was not made pushes nothing out.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Utc};

/// How many stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keep {
    /// Days of which the newest stays.
    pub(super) daily: u32,
    /// Weeks of which the newest stays.
    pub(super) weekly: u32,
}

/// Those of these moments that need not be kept, oldest first.
pub(super) fn superfluous(made: &[DateTime<Utc>], keep: Keep) -> Vec<DateTime<Utc>> {
    let made: BTreeSet<_> = made.iter().copied().collect();
    let mut kept: BTreeSet<_> = made.last().copied().into_iter().collect();
    kept.extend(newest_of_each(&made, keep.daily, |at| (at.year(), at.ordinal())));
    kept.extend(newest_of_each(&made, keep.weekly, |at| (at.iso_week().year(), at.iso_week().week())));
    made.difference(&kept).copied().collect()
}

/// The newest of each of the last so many stretches of time that have one.
fn newest_of_each(
    made: &BTreeSet<DateTime<Utc>>,
    most: u32,
    stretch: impl Fn(&DateTime<Utc>) -> (i32, u32),
) -> Vec<DateTime<Utc>> {
    let (mut seen, mut newest) = (BTreeSet::new(), Vec::new());
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    for at in made.iter().rev() {
        if newest.len() == most {
            break;
        }
        if seen.insert(stretch(at)) {
            newest.push(*at);
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_of_days_becomes_a_week_of_days_and_four_of_weeks() {
        // 2026-03-01 is a Sunday, the last day of a week.
        let made: Vec<_> = (0..31).map(|day| at("2026-03-01T02:00:00Z") + chrono::TimeDelta::days(day)).collect();
        let gone = superfluous(&made, Keep { daily: 7, weekly: 4 });
        let kept: Vec<_> = made.iter().filter(|at| !gone.contains(at)).map(|at| at.day()).collect();
        // The weeks end on the 15th, 22nd, 29th and with the newest; the days are the 25th to the 31st.
        assert_eq!(kept, [15, 22, 25, 26, 27, 28, 29, 30, 31]);
        let twice = [at("2026-03-01T02:00:00Z"), at("2026-03-01T14:00:00Z")];
        assert_eq!(superfluous(&twice, Keep { daily: 7, weekly: 4 }), [twice[0]], "the newest of a day");
        assert_eq!(superfluous(&twice, Keep { daily: 0, weekly: 0 }), [twice[0]], "the newest always");
    }

    proptest! {
        #[test]
        fn what_stays_is_enough_and_no_more(
            seconds in proptest::collection::vec(1_700_000_000_i64..1_760_000_000, 0..60),
            daily in 0_u32..10,
            weekly in 0_u32..10,
        ) {
            let keep = Keep { daily, weekly };
            let made: Vec<_> = seconds.iter().filter_map(|secs| DateTime::from_timestamp(*secs, 0)).collect();
            let gone = superfluous(&made, keep);
            let kept: Vec<_> = made.iter().copied().filter(|at| !gone.contains(at)).collect();
            let all: BTreeSet<_> = made.iter().copied().collect();
            let distinct: BTreeSet<_> = kept.iter().copied().collect();
            prop_assert!(gone.iter().all(|at| all.contains(at)), "only what is there goes");
            prop_assert_eq!(all.last(), distinct.last(), "the newest stays");
            prop_assert!(distinct.len() <= usize::try_from(daily + weekly).unwrap().max(1));
            // As many days are kept as there are, up to those wanted; the same of weeks.
            let days = |set: &BTreeSet<DateTime<Utc>>| set.iter().map(DateTime::date_naive).collect::<BTreeSet<_>>().len();
            prop_assert!(days(&distinct) >= days(&all).min(usize::try_from(daily).unwrap()));
            let weeks = |set: &BTreeSet<DateTime<Utc>>| {
                set.iter().map(|at| (at.iso_week().year(), at.iso_week().week())).collect::<BTreeSet<_>>().len()
            };
            prop_assert!(weeks(&distinct) >= weeks(&all).min(usize::try_from(weekly).unwrap()));
            // Asked again, nothing more goes; what was made earlier pushes nothing newer out.
            prop_assert_eq!(superfluous(&kept, keep), Vec::<DateTime<Utc>>::new());
            if let Some(oldest) = all.first() {
                let mut more = made.clone();
                more.push(*oldest - chrono::TimeDelta::days(1));
                let gone_then: BTreeSet<_> = superfluous(&more, keep).into_iter().collect();
                prop_assert!(kept.iter().all(|at| !gone_then.contains(at)));
            }
        }
    }
}
