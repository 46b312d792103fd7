//! Hour masks as the reader's clock shows them: UTC hours laid over local hours, across changes of the clock.
//!
//! The time zone comes as a function from a moment to its offset, since the portal asks the browser for it and needs no
//! zone data of its own. It is not the place for billing, which knows UTC only.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::hours::{HourMask, day_of, day_start};

const HOUR_SECS: i64 = 3_600;

/// The offsets of a time zone over a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneOffsets {
    /// From when on (Unix seconds) which offset holds (seconds east), ascending; never empty.
    steps: Vec<(i64, i64)>,
}

impl ZoneOffsets {
    /// One offset, seconds east of UTC, for all time.
    #[must_use]
    pub fn fixed(secs_east: i32) -> Self {
        Self { steps: vec![(i64::MIN, whole_minutes(secs_east))] }
    }

    /// The offsets of the UTC days from `from` up to but not including `to`. `offset_at` gives the offset at a moment,
    /// seconds east of UTC; it is asked about once a day and some ten times more for each change, which is found to the
    /// minute. Offsets count in whole minutes. A zone that changes and changes back within a day is not seen to.
    #[must_use]
    pub fn over(from: NaiveDate, to: NaiveDate, offset_at: impl Fn(DateTime<Utc>) -> i32) -> Self {
        let offset = |at: i64| DateTime::from_timestamp(at, 0).map_or(0, |at| whole_minutes(offset_at(at)));
        let (start, end) = (day_start(from), day_start(to));
        let (mut at, mut now) = (start, offset(start));
        let mut steps = vec![(at, now)];
        while at < end {
            let next = (at + 86_400).min(end);
            let then = offset(next);
            if then != now {
                // Halves the minutes between until the first one with the new offset is left.
                let (mut before, mut after) = (at / 60, next / 60);
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    if offset(middle * 60) == now { before = middle } else { after = middle }
                }
                steps.push((after * 60, offset(after * 60)));
                now = then;
            }
            at = next;
        }
        Self { steps }
    }

    /// The offset at a moment (Unix seconds), seconds east; the first or last known for a moment beyond the span.
    #[must_use]
    pub fn at(&self, at: i64) -> i64 {
        let after = self.steps.partition_point(|(from, _)| *from <= at);
        self.steps.get(after.saturating_sub(1)).map_or(0, |(_, offset)| *offset)
    }

    /// The UTC days from `from` up to but not including `to`, cut so that one offset holds over each stretch of several; a day on
    /// which it changes stands alone.
    #[must_use]
    pub fn stretches(&self, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let changes = self.steps.iter().skip(1).filter_map(|(at, _)| Some((*at, day_of(*at)?)));
        let cuts = changes.flat_map(|(at, day)| [Some(day), day.succ_opt().filter(|_| at != day_start(day))]).flatten();
        let mut ends: Vec<NaiveDate> = cuts.filter(|day| from < *day && *day < to).chain([from, to]).collect();
        ends.sort_unstable();
        ends.dedup();
        ends.windows(2).filter(|two| two[0] < two[1]).map(|two| (two[0], two[1])).collect()
    }

    /// The first change after a moment.
    fn next_change(&self, at: i64) -> i64 {
        let after = self.steps.partition_point(|(from, _)| *from <= at);
        self.steps.get(after).map_or(i64::MAX, |(from, _)| *from)
    }
}

fn whole_minutes(secs_east: i32) -> i64 {
    let secs = i64::from(secs_east);
    secs - secs.rem_euclid(60)
}

/// How much of a local hour lies under marked UTC hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalHour {
    /// The local day.
    pub day: NaiveDate,
    /// The local hour, 0 to 23.
    pub hour: u32,
    /// Minutes under marked UTC hours: 60 for a whole one, more for an hour that the clock repeats.
    pub minutes: u32,
}

/// Minutes by weekday (row 0 is Monday) and local hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeatMap {
    /// The minutes.
    pub minutes: [[u64; 24]; 7],
}

impl HeatMap {
    /// All minutes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.minutes.iter().flatten().sum()
    }
}

/// UTC masks as local hours, in order. A UTC hour of a zone with half hours falls on two local ones, each with its share:
/// for every marked UTC hour, 60 minutes come out.
#[must_use]
pub fn local_hours(masks: &[(NaiveDate, HourMask)], zone: &ZoneOffsets) -> Vec<LocalHour> {
    let mut minutes = BTreeMap::<i64, u32>::new();
    for (day, mask) in masks {
        for hour in mask.hours() {
            let mut at = day_start(*day) + i64::from(hour) * HOUR_SECS;
            let end = at + HOUR_SECS;
            while at < end {
                let local = at + zone.at(at);
                let rest = HOUR_SECS - local.rem_euclid(HOUR_SECS);
                let next = end.min(at + rest).min(zone.next_change(at));
                *minutes.entry(local.div_euclid(HOUR_SECS)).or_default() +=
                    u32::try_from((next - at) / 60).unwrap_or(0);
                at = next;
            }
        }
    }
    minutes
        .into_iter()
        .filter(|(_, minutes)| *minutes > 0)
        .filter_map(|(hour, minutes)| {
            let day = day_of(hour * HOUR_SECS)?;
            Some(LocalHour { day, hour: u32::try_from(hour.rem_euclid(24)).unwrap_or(0), minutes })
        })
        .collect()
}

/// UTC masks as masks of local days: an hour is in it when a marked UTC hour touches it.
#[must_use]
pub fn local_masks(masks: &[(NaiveDate, HourMask)], zone: &ZoneOffsets) -> Vec<(NaiveDate, HourMask)> {
    let mut days = BTreeMap::<NaiveDate, HourMask>::new();
    for local in local_hours(masks, zone) {
        let mask = days.entry(local.day).or_default();
        *mask = mask.union(HourMask::of_hour(local.hour));
    }
    days.into_iter().collect()
}

/// UTC masks by weekday and hour of the local clock. Masks of many WorkSpaces may be given in one go.
#[must_use]
pub fn heat_map(masks: &[(NaiveDate, HourMask)], zone: &ZoneOffsets) -> HeatMap {
    let mut map = HeatMap::default();
    for local in local_hours(masks, zone) {
        let row = local.day.weekday().num_days_from_monday() as usize;
        map.minutes[row][local.hour as usize] += u64::from(local.minutes);
    }
    map
}

#[cfg(test)]
mod tests {
    use chrono::{Offset, TimeZone, Timelike};
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn offset_in(zone: Tz) -> impl Fn(DateTime<Utc>) -> i32 {
        move |at| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
    }

    fn year_of(zone: Tz) -> ZoneOffsets {
        ZoneOffsets::over(date("2024-01-01"), date("2025-01-01"), offset_in(zone))
    }

    const ZONES: [Tz; 6] = [
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::Australia__Lord_Howe,
        Tz::Asia__Kathmandu,
        Tz::Pacific__Chatham,
        Tz::UTC,
    ];

    fn found(masks: &[(NaiveDate, HourMask)], zone: Tz) -> Vec<(String, u32, u32)> {
        local_hours(masks, &year_of(zone)).into_iter().map(|it| (it.day.to_string(), it.hour, it.minutes)).collect()
    }

    #[test]
    fn berlin_has_no_two_oclock_in_spring_and_two_in_autumn() {
        let spring = [(date("2024-03-31"), HourMask::of_range(0, 2))];
        assert_eq!(
            found(&spring, Tz::Europe__Berlin),
            [("2024-03-31".into(), 1, 60), ("2024-03-31".into(), 3, 60), ("2024-03-31".into(), 4, 60)]
        );
        let autumn = [(date("2024-10-27"), HourMask::of_range(0, 1))];
        assert_eq!(found(&autumn, Tz::Europe__Berlin), [("2024-10-27".into(), 2, 120)]);
    }

    #[test]
    fn new_yorks_month_ends_hours_later() {
        let masks = [(date("2024-03-01"), HourMask::of_range(3, 5))];
        assert_eq!(
            found(&masks, Tz::America__New_York),
            [("2024-02-29".into(), 22, 60), ("2024-02-29".into(), 23, 60), ("2024-03-01".into(), 0, 60)]
        );
    }

    #[test]
    fn kathmandus_three_quarters_share_an_hour_out() {
        let masks = [(date("2024-12-31"), HourMask::of_hour(18))];
        assert_eq!(found(&masks, Tz::Asia__Kathmandu), [("2024-12-31".into(), 23, 15), ("2025-01-01".into(), 0, 45)]);
    }

    #[test]
    fn lord_howes_clock_changes_by_half_an_hour_in_the_middle_of_a_utc_hour() {
        // 2024-04-07 at 15:00 UTC of the 6th the clock goes from 02:00 (+11) back to 01:30 (+10:30).
        let masks = [(date("2024-04-06"), HourMask::of_range(14, 15))];
        assert_eq!(
            found(&masks, Tz::Australia__Lord_Howe),
            [("2024-04-07".into(), 1, 90), ("2024-04-07".into(), 2, 30)]
        );
        // 2024-10-05 at 15:30 UTC from 02:00 (+10:30) on to 02:30 (+11).
        let masks = [(date("2024-10-05"), HourMask::of_hour(15))];
        assert_eq!(
            found(&masks, Tz::Australia__Lord_Howe),
            [("2024-10-06".into(), 1, 30), ("2024-10-06".into(), 2, 30)]
        );
    }

    #[test]
    fn a_clock_that_changes_in_the_middle_of_a_local_hour_is_cut_there() {
        // From UTC to an hour and ten minutes east, at 10:20 UTC: 20 minutes before, 40 after from 11:30 on.
        let change = day_start(date("2024-06-01")) + 10 * 3_600 + 1_200;
        let offset = |at: DateTime<Utc>| if at.timestamp() < change { 0 } else { 4_200 };
        let zone = ZoneOffsets::over(date("2024-05-30"), date("2024-06-03"), offset);
        let hours = local_hours(&[(date("2024-06-01"), HourMask::of_hour(10))], &zone);
        let found: Vec<_> = hours.iter().map(|it| (it.hour, it.minutes)).collect();
        assert_eq!(found, [(10, 20), (11, 30), (12, 10)]);
    }

    #[test]
    fn a_fixed_zone_and_days_beyond_the_span_have_an_offset() {
        assert_eq!(ZoneOffsets::fixed(-3_600).at(0), -3_600);
        let zone = year_of(Tz::Europe__Berlin);
        assert_eq!((zone.at(0), zone.at(i64::MAX)), (3_600, 3_600));
        assert_eq!(zone.next_change(i64::MAX), i64::MAX);
    }

    #[test]
    fn days_of_a_change_stand_alone() {
        let text = |(from, to): &(NaiveDate, NaiveDate)| format!("{from} {to}");
        let cut = |zone: &ZoneOffsets| {
            zone.stretches(date("2024-01-01"), date("2025-01-01")).iter().map(text).collect::<Vec<_>>()
        };
        let berlin = [
            "2024-01-01 2024-03-31",
            "2024-03-31 2024-04-01",
            "2024-04-01 2024-10-27",
            "2024-10-27 2024-10-28",
            "2024-10-28 2025-01-01",
        ];
        assert_eq!(cut(&year_of(Tz::Europe__Berlin)), berlin);
        assert_eq!(cut(&ZoneOffsets::fixed(3_600)), ["2024-01-01 2025-01-01"]);
        let summer = year_of(Tz::Europe__Berlin).stretches(date("2024-03-31"), date("2024-04-02"));
        assert_eq!(summer.iter().map(text).collect::<Vec<_>>(), ["2024-03-31 2024-04-01", "2024-04-01 2024-04-02"]);
        assert!(year_of(Tz::UTC).stretches(date("2024-03-31"), date("2024-03-31")).is_empty());
        for zone in ZONES {
            let (year, days) = (year_of(zone), date("2024-01-01").iter_days().take(366));
            for (day, (from, to)) in days.filter_map(|day| {
                let all = year.stretches(date("2024-01-01"), date("2025-01-01"));
                Some((day, all.into_iter().find(|(from, to)| *from <= day && day < *to)?))
            }) {
                let one = year.at(day_start(from)) == year.at(day_start(day))
                    && year.at(day_start(day) + 86_399) == year.at(day_start(day));
                assert!(one || to == from.succ_opt().unwrap(), "{zone} on {day}");
            }
        }
    }

    #[test]
    fn changes_are_found_to_the_minute_in_few_questions() {
        for zone in ZONES {
            let asked = std::cell::Cell::new(0);
            let offsets = ZoneOffsets::over(date("2024-01-01"), date("2025-01-01"), |at| {
                asked.set(asked.get() + 1);
                offset_in(zone)(at)
            });
            assert!(asked.get() < 420, "{zone}: {}", asked.get());
            for at in (day_start(date("2024-01-01"))..day_start(date("2025-01-01"))).step_by(900) {
                let real = offset_in(zone)(DateTime::from_timestamp(at, 0).unwrap());
                assert_eq!(offsets.at(at), i64::from(real), "{zone} at {at}");
            }
        }
    }

    fn masks() -> impl Strategy<Value = Vec<(NaiveDate, HourMask)>> {
        let day = (1u32..366).prop_map(|day| NaiveDate::from_yo_opt(2024, day).unwrap());
        proptest::collection::vec((day, (0u32..1 << 24).prop_map(|bits| HourMask::from_bits(bits).unwrap())), 0..20)
    }

    proptest! {
        #[test]
        fn no_minute_is_lost_or_made(masks in masks(), zone in 0..ZONES.len()) {
            let offsets = year_of(ZONES[zone]);
            let marked: u64 = masks.iter().map(|(_, mask)| u64::from(mask.count())).sum();
            let local: u64 = local_hours(&masks, &offsets).iter().map(|hour| u64::from(hour.minutes)).sum();
            prop_assert_eq!(local, marked * 60);
            prop_assert_eq!(heat_map(&masks, &offsets).total(), marked * 60);
        }

        #[test]
        fn it_agrees_with_the_zones_own_clock(masks in masks(), zone in 0..ZONES.len()) {
            let mut slow = BTreeMap::<(NaiveDate, u32), u32>::new();
            for (day, mask) in &masks {
                for minute in mask.hours().flat_map(|hour| (0..60).map(move |minute| i64::from(hour) * 3_600 + minute * 60)) {
                    let local = ZONES[zone].timestamp_opt(day_start(*day) + minute, 0).unwrap();
                    *slow.entry((local.date_naive(), local.hour())).or_default() += 1;
                }
            }
            let fast: BTreeMap<_, _> = local_hours(&masks, &year_of(ZONES[zone]))
                .into_iter().map(|it| ((it.day, it.hour), it.minutes)).collect();
            prop_assert_eq!(fast, slow);
        }

        #[test]
        fn in_utc_nothing_moves(day in 1u32..366, bits in 1u32..1 << 24) {
            let masks = vec![(NaiveDate::from_yo_opt(2024, day).unwrap(), HourMask::from_bits(bits).unwrap())];
            prop_assert_eq!(local_masks(&masks, &ZoneOffsets::fixed(0)), masks);
        }
    }
}
