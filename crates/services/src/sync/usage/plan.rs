//! What is asked of CloudWatch in one go: WorkSpaces whose usage is known up to the same moment, for the stretches that they
//! lack, as many as one request takes. Pure.
//!
//! CloudWatch keeps 5-minute points for 63 days and hourly ones for 455 (CloudWatch user guide, metrics retention): what is
//! further back than [`recent_from`] is read by the hour.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, Duration, NaiveDate, NaiveTime, Utc};
use domain::cloud::MetricRequest;
use domain::usage::points::{Resolution, Window};
use store::repo::usage_coverage::UsageDue;

/// Points may arrive late: so much is read once more.
pub(super) const OVERLAP: Duration = Duration::hours(1);
/// How far back 5-minute points are asked for at most; CloudWatch keeps 63 days.
const RECENT_DAYS: i64 = 62;
/// How far back hourly points can be had, less a day for the request's own time.
const HOURLY_DAYS: i64 = 454;

/// WorkSpaces that are asked for together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) workspaces: Vec<UsageDue>,
    /// The stretches, in order, each touching the one before. All begin and, but for the last, end at midnight UTC.
    pub(super) windows: Vec<Window>,
}

/// From when on 5-minute points are read: the day before the first of the month before `to`'s, at most 62 days back. That day
/// tells how long a session that was under way at the turn of the month had lasted, and so when its billed hours begin.
pub(super) fn recent_from(to: DateTime<Utc>) -> DateTime<Utc> {
    let first = to.date_naive().with_day(1).unwrap_or(to.date_naive());
    let before = first.pred_opt().and_then(|day| day.with_day(1)).unwrap_or(first);
    // At the ends of January and August that day is at the very edge of what CloudWatch keeps: a retry would miss its points.
    let kept = midnight((to - Duration::days(RECENT_DAYS - 1)).date_naive());
    midnight(before.pred_opt().unwrap_or(before)).max(kept)
}

/// From when on usage should be known: `days` back, as far as CloudWatch has it, but always from [`recent_from`].
pub(super) fn wanted_from(to: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let days = i64::from(days).min(HOURLY_DAYS);
    midnight((to - Duration::days(days)).date_naive()).min(recent_from(to))
}

/// From when on connected time is kept, for so many days; 0 for ever. As the housekeeping reckons it.
pub(super) fn kept_from(to: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let first = to.date_naive().checked_sub_days(Days::new(days.into())).filter(|_| days > 0);
    midnight(first.unwrap_or(NaiveDate::MIN))
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// Groups the WorkSpaces and cuts the groups into requests.
pub(super) fn units(due: Vec<UsageDue>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Unit> {
    let mut groups: BTreeMap<(i64, i64), Vec<UsageDue>> = BTreeMap::new();
    for one in due {
        let key = one.covered.map_or((i64::MIN, i64::MIN), |(from, to)| (from.timestamp(), to.timestamp()));
        groups.entry(key).or_default().push(one);
    }
    let mut units = Vec::new();
    for group in groups.into_values() {
        let Some(first) = group.first() else { continue };
        let windows = windows(first.covered, from, to);
        let points = windows.iter().map(Window::slots).max().unwrap_or(1).max(1);
        let most = usize::try_from(points).map_or(1, |points| MetricRequest::MAX_POINTS / points);
        let size = most.clamp(1, MetricRequest::MAX_QUERIES);
        if windows.is_empty() {
            continue;
        }
        units.extend(group.chunks(size).map(|some| Unit { workspaces: some.to_vec(), windows: windows.clone() }));
    }
    units
}

/// The stretches that are lacking: before what is known, by the hour; after it, by the hour where it is long ago, and then
/// by five minutes.
fn windows(covered: Option<(DateTime<Utc>, DateTime<Utc>)>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Window> {
    let recent = recent_from(to).timestamp();
    // What is known apart from what is wanted now is as good as nothing: there would be a hole between.
    let known = covered.filter(|(_, known_to)| *known_to > from);
    let mut windows = Vec::new();
    let mut add = |from: i64, to: i64, resolution| windows.extend(Window::new(from, to, resolution));
    let (from, to) = (from.timestamp(), to.timestamp());
    let go_on = match known {
        None => from,
        Some((known_from, known_to)) => {
            let go_on = midnight((known_to - OVERLAP).date_naive()).timestamp();
            // Back to the beginning: into what is known, so that there is no hole between.
            if known_from.timestamp() > from {
                let until = midnight((known_from + Duration::days(1)).date_naive()).timestamp().min(go_on).max(from);
                add(from, until.min(recent).max(from), Resolution::Hour);
                if until > recent {
                    add(recent.max(from), until, Resolution::FiveMinutes);
                }
            }
            go_on
        }
    };
    if go_on < recent {
        add(go_on, recent, Resolution::Hour);
    }
    add(go_on.max(recent), to, Resolution::FiveMinutes);
    windows
}

/// From when to when windows reach that touch each other, in order.
pub(super) fn stretches(windows: &[Window]) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for window in windows {
        match joined.last_mut() {
            Some((_, to)) if window.from() <= *to => *to = window.to().max(*to),
            _ => joined.push((window.from(), window.to())),
        }
    }
    let moment = |secs| DateTime::from_timestamp(secs, 0);
    joined.into_iter().filter_map(|(from, to)| moment(from).zip(moment(to))).collect()
}

#[cfg(test)]
mod tests {
    use domain::ids::WorkspaceId;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn due(number: u128, covered: Option<(&str, &str)>) -> UsageDue {
        UsageDue {
            id: WorkspaceId(Uuid::from_u128(number)),
            aws_id: format!("ws-{number:09}"),
            covered: covered.map(|(from, to)| (at(from), at(to))),
            measured_to: None,
        }
    }

    fn shown(windows: &[Window]) -> Vec<(String, String, i64)> {
        let text = |secs| DateTime::from_timestamp(secs, 0).unwrap().format("%m-%d %H:%M").to_string();
        windows.iter().map(|w| (text(w.from()), text(w.to()), w.resolution().secs())).collect()
    }

    fn expect(from: &str, to: &str, secs: i64) -> (String, String, i64) {
        (from.to_owned(), to.to_owned(), secs)
    }

    #[test]
    fn a_first_read_goes_back_to_the_month_before_by_five_minutes_and_further_by_the_hour() {
        let to = at("2026-03-17T10:05:00Z");
        let units = units(vec![due(1, None)], wanted_from(to, 90), to);
        assert_eq!(
            shown(&units[0].windows),
            [expect("12-17 00:00", "01-31 00:00", 3600), expect("01-31 00:00", "03-17 10:05", 300)]
        );
        assert_eq!(wanted_from(to, 5), at("2026-01-31T00:00:00Z"), "never less than the month before, and a day");
        let longest = at("2026-08-31T23:55:00Z");
        assert!(longest - recent_from(longest) < Duration::days(63), "never more than CloudWatch keeps at 5 minutes");
        assert_eq!(wanted_from(to, 9999), at("2024-12-18T00:00:00Z"), "never more than CloudWatch keeps");
    }

    #[test]
    fn a_later_read_goes_on_from_the_day_that_is_known_with_an_overlap() {
        let to = at("2026-03-17T10:05:00Z");
        let known = due(1, Some(("2026-01-31T00:00:00Z", "2026-03-17T07:00:00Z")));
        let early = due(2, Some(("2026-01-31T00:00:00Z", "2026-03-17T00:30:00Z")));
        let from = wanted_from(to, 30);
        assert_eq!(shown(&units(vec![known], from, to)[0].windows), [expect("03-17 00:00", "03-17 10:05", 300)]);
        assert_eq!(shown(&units(vec![early], from, to)[0].windows), [expect("03-16 00:00", "03-17 10:05", 300)]);
    }

    #[test]
    fn after_months_of_silence_the_past_is_read_by_the_hour() {
        let to = at("2026-08-31T10:05:00Z");
        let known = due(1, Some(("2026-02-01T00:00:00Z", "2026-03-17T07:00:00Z")));
        let windows = &units(vec![known], at("2026-02-01T00:00:00Z"), to)[0].windows;
        assert_eq!(
            shown(windows),
            [expect("03-17 00:00", "07-01 00:00", 3600), expect("07-01 00:00", "08-31 10:05", 300)]
        );
    }

    #[test]
    fn a_longer_past_is_read_when_it_is_asked_for() {
        let to = at("2026-03-17T10:05:00Z");
        let known = due(1, Some(("2026-02-01T00:00:00Z", "2026-03-17T10:00:00Z")));
        let windows = &units(vec![known], at("2025-12-01T00:00:00Z"), to)[0].windows;
        assert_eq!(
            shown(windows),
            [
                expect("12-01 00:00", "01-31 00:00", 3600),
                expect("01-31 00:00", "02-02 00:00", 300),
                expect("03-17 00:00", "03-17 10:05", 300)
            ]
        );
    }

    proptest! {
        #[test]
        fn every_workspace_is_asked_for_once_and_no_request_is_too_large(
            known in proptest::collection::vec(proptest::option::of((0i64..500, 0i64..500)), 1..700),
            days in 1u32..460,
            minutes in 0i64..600_000,
        ) {
            let to = at("2026-03-17T10:05:00Z") + Duration::minutes(5 * minutes);
            let from = wanted_from(to, days);
            let list: Vec<UsageDue> = known.iter().enumerate().map(|(number, known)| UsageDue {
                covered: known.map(|(back, length)| {
                    let end = to - Duration::hours(back) - Duration::minutes(5);
                    (end - Duration::days(length) - Duration::minutes(5), end)
                }),
                ..due(number as u128, None)
            }).collect();
            let units = units(list.clone(), from, to);
            let mut asked: Vec<_> = units.iter().flat_map(|unit| unit.workspaces.iter().map(|w| w.id)).collect();
            asked.sort_unstable();
            prop_assert_eq!(asked, list.iter().map(|one| one.id).collect::<Vec<_>>());
            for unit in &units {
                prop_assert!(unit.workspaces.len() <= MetricRequest::MAX_QUERIES);
                for window in &unit.windows {
                    let points = usize::try_from(window.slots()).unwrap() * unit.workspaces.len();
                    prop_assert!(points <= MetricRequest::MAX_POINTS || unit.workspaces.len() == 1);
                    prop_assert!(window.from() < window.to());
                }
                let last = unit.windows.last().unwrap();
                prop_assert_eq!((last.to(), last.resolution()), (to.timestamp(), Resolution::FiveMinutes));
                // With what is known of them there is no hole from the wanted beginning on.
                let known = unit.workspaces[0].covered.map(|(from, to)| (from.timestamp(), to.timestamp()));
                let mut reached = from.timestamp();
                for (first, end) in unit.windows.iter().map(|w| (w.from(), w.to())) {
                    if let Some((known_from, known_to)) = known && known_from <= reached {
                        reached = reached.max(known_to);
                    }
                    prop_assert!(first <= reached, "a hole before {first}");
                    reached = reached.max(end);
                }
            }
        }
    }
}
