//! When a report is due next, and which days it covers: by the clock of its time zone. Pure.

use chrono::{
    DateTime, Datelike as _, Days, LocalResult, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;
use domain::reports::{ReportFrequency, ReportSpan};

/// How far ahead a next time is looked for, days: more than a month.
const AHEAD: u64 = 62;

/// The first moment after `now` at which a report is due; `None` when it is made by hand only. An hour that the clock skips is due
/// when the clock has skipped it; of an hour that comes twice, the first.
pub(super) fn next_run(
    frequency: ReportFrequency,
    zone: Tz,
    (hour, day): (u32, u32),
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let today = now.with_timezone(&zone).date_naive();
    (0..AHEAD).filter_map(|ahead| today.checked_add_days(Days::new(ahead))).find_map(|date| {
        let falls = match frequency {
            ReportFrequency::Never => false,
            ReportFrequency::Daily => true,
            ReportFrequency::Weekly => date.weekday().number_from_monday() == day,
            ReportFrequency::Monthly => date.day() == day,
        };
        let at = falls.then(|| date.and_hms_opt(hour, 0, 0)).flatten().map(|local| moment(zone, local));
        at.filter(|at| *at > now)
    })
}

/// That time by the clock of the zone; one that the clock skips is when it has skipped it, of one that comes twice the first.
pub(super) fn moment(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        // The clock is put forward over it: an hour later it is there again.
        LocalResult::None => match zone.from_local_datetime(&(local + TimeDelta::hours(1))) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => local.and_utc(),
        },
    }
}

/// The first day that a report covers, and the day after the last, seen from `now`.
pub(super) fn days(span: ReportSpan, zone: Tz, now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = now.with_timezone(&zone).date_naive();
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let first = today.with_day(1).unwrap_or(today);
    match span {
        ReportSpan::Yesterday => (back(1), today),
        ReportSpan::Last7Days => (back(7), today),
        ReportSpan::Last30Days => (back(30), today),
        ReportSpan::MonthToDate => (first, today.succ_opt().unwrap_or(today)),
        ReportSpan::LastMonth => (first.checked_sub_months(Months::new(1)).unwrap_or(first), first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn next(frequency: ReportFrequency, when: (u32, u32), now: &str) -> String {
        let next = next_run(frequency, chrono_tz::Europe::Berlin, when, at(now)).unwrap();
        next.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn due_by_the_clock_of_the_zone() {
        use ReportFrequency::{Daily, Monthly, Weekly};
        assert_eq!(next(Daily, (7, 1), "2026-01-15T05:59:59Z"), "2026-01-15T06:00:00Z");
        assert_eq!(next(Daily, (7, 1), "2026-01-15T06:00:00Z"), "2026-01-16T06:00:00Z", "never the same moment again");
        assert_eq!(next(Daily, (7, 1), "2026-07-15T12:00:00Z"), "2026-07-16T05:00:00Z", "summer");
        assert_eq!(
            next(Weekly, (0, 1), "2026-01-15T12:00:00Z"),
            "2026-01-18T23:00:00Z",
            "Monday begins on Sunday, in UTC"
        );
        assert_eq!(next(Monthly, (6, 28), "2026-01-28T12:00:00Z"), "2026-02-28T05:00:00Z");
        // On 29 March the clock goes from 2 to 3; on 25 October from 3 to 2.
        assert_eq!(next(Daily, (2, 1), "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(next(Daily, (2, 1), "2026-10-24T12:00:00Z"), "2026-10-25T00:00:00Z", "the first of two");
        assert_eq!(next_run(ReportFrequency::Never, Tz::UTC, (0, 1), at("2026-01-01T00:00:00Z")), None);
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let zone = chrono_tz::Asia::Tokyo;
        let covered = |span| {
            let (from, to) = days(span, zone, at("2026-02-28T20:00:00Z"));
            (from.to_string(), to.to_string())
        };
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(covered(ReportSpan::Yesterday), pair("2026-02-28", "2026-03-01"));
        assert_eq!(covered(ReportSpan::Last7Days), pair("2026-02-22", "2026-03-01"));
        assert_eq!(covered(ReportSpan::Last30Days), pair("2026-01-30", "2026-03-01"));
        assert_eq!(covered(ReportSpan::MonthToDate), pair("2026-03-01", "2026-03-02"));
        assert_eq!(covered(ReportSpan::LastMonth), pair("2026-02-01", "2026-03-01"));
    }
}
