//! Usage by hour of the week, on the clock of a time zone. It names nobody.
//!
//! What is kept are hours of UTC. They are counted by weekday in the database, in stretches of days over which the zone's offset stays
//! the same, and laid over its hours here; a day on which the clock changes is counted by itself.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use domain::access::{Actor, Permission};
use domain::usage::HourMask;
use domain::usage::zone::{HeatMap, ZoneOffsets, heat_map, local_hours};
use futures::{StreamExt as _, TryStreamExt as _, stream, try_join};
use store::repo::usage;
use store::repo::workspaces::GoneFilter;

use super::error::UsageError;
use super::service::{UsageQuestion, filter};
use super::stand::{UsageStand, usage_stand};
use crate::Context;

/// Stretches of days that are asked for at the same time.
const AT_ONCE: usize = 2;

/// Usage by hour of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageByHour {
    /// How far it is known.
    pub stand: UsageStand,
    /// The minutes of each hour that lie in hours of UTC in which somebody was connected, counted for each WorkSpace: 60 for a whole
    /// one, 30 for each of two that an hour of UTC lies across by halves.
    pub connected: HeatMap,
    /// The minutes that each hour had on the days that are known, up to now: what to divide by for how many were connected on
    /// average.
    pub out_of: HeatMap,
}

/// Usage by hour of the week in a time zone. The days are those of UTC.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn usage_by_hour(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    zone: Tz,
) -> Result<UsageByHour, UsageError> {
    let filter = filter(ctx, actor, asked, GoneFilter::Any).await?;
    let scope = actor.scope(Permission::UsageRead);
    let offsets = offsets(asked.from, asked.to, zone);
    let stretches = offsets.stretches(asked.from, asked.to).into_iter().map(async |(from, to)| {
        let week = usage::usage_week(&ctx.db, &scope, &filter, (from, to)).await?;
        Ok::<_, UsageError>((from, week))
    });
    // Of years with changes of the clock there are several: not all of them on connections of their own.
    let weeks = stream::iter(stretches).buffered(AT_ONCE).try_collect::<Vec<_>>();
    let (weeks, stand) = try_join!(weeks, usage_stand(ctx, actor, asked))?;
    let (mut connected, mut first) = (HeatMap::default(), None);
    for (from, week) in weeks {
        lay(&mut connected, &week.hours, from, &offsets);
        first = first.into_iter().chain(week.first).min();
    }
    // Days before anything is known are none on which nobody was connected.
    let from = stand.first_day().into_iter().chain(first).min().map_or(asked.from, |first| first.max(asked.from));
    let to = asked.to.min(ctx.env.now().date_naive() + TimeDelta::days(1));
    let whole = |day| (day, HourMask::of_range(0, 23));
    let days: Vec<_> = from.iter_days().take_while(|day| *day < to).map(whole).collect();
    Ok(UsageByHour { stand, connected, out_of: heat_map(&days, &offsets) })
}

fn offsets(from: NaiveDate, to: NaiveDate, zone: Tz) -> ZoneOffsets {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    ZoneOffsets::over(from, to, offset)
}

/// Lays counts by weekday and hour of UTC over the zone's hours: those of a stretch of days that begins with `from`, over which one
/// offset holds, or of that day alone.
fn lay(map: &mut HeatMap, counts: &[[u64; 24]; 7], from: NaiveDate, offsets: &ZoneOffsets) {
    for (weekday, hours) in (0..7).zip(counts) {
        let ahead = (weekday + 7 - from.weekday().num_days_from_monday()) % 7;
        let Some(day) = from.checked_add_days(Days::new(u64::from(ahead))) else { continue };
        for (hour, count) in (0..24).zip(hours).filter(|(_, count)| **count > 0) {
            for local in local_hours(&[(day, HourMask::of_hour(hour))], offsets) {
                let row = local.day.weekday().num_days_from_monday() as usize;
                map.minutes[row][local.hour as usize] += count * u64::from(local.minutes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// What the stretches of a period make of some days' hours, and what the days themselves do.
    fn both(days: &[(NaiveDate, HourMask)], from: NaiveDate, to: NaiveDate, zone: Tz) -> (HeatMap, HeatMap) {
        let offsets = offsets(from, to, zone);
        let mut map = HeatMap::default();
        for (from, to) in offsets.stretches(from, to) {
            let mut counts = [[0; 24]; 7];
            for (day, mask) in days.iter().filter(|(day, _)| from <= *day && *day < to) {
                for hour in mask.hours() {
                    counts[day.weekday().num_days_from_monday() as usize][hour as usize] += 1;
                }
            }
            lay(&mut map, &counts, from, &offsets);
        }
        (map, heat_map(days, &offsets))
    }

    #[test]
    fn stretches_come_to_what_each_day_comes_to() {
        let (from, to) = (date("2026-01-15"), date("2027-01-15"));
        let worked = |day: NaiveDate| (day, HourMask::of_range(day.day() % 5, 12 + day.day() % 11));
        let days: Vec<_> = from.iter_days().take_while(|day| *day < to).map(worked).collect();
        for zone in [Tz::UTC, Tz::Europe__Berlin, Tz::Asia__Kathmandu, Tz::Australia__Lord_Howe, Tz::Africa__Casablanca]
        {
            let (stretches, each) = both(&days, from, to, zone);
            assert_eq!(stretches, each, "{zone}");
        }
    }

    #[test]
    fn a_spring_night_has_an_hour_less_to_divide_by() {
        let (from, to) = (date("2026-03-23"), date("2026-03-30"));
        let days: Vec<_> = from.iter_days().take(7).map(|day| (day, HourMask::of_range(0, 23))).collect();
        let map = heat_map(&days, &offsets(from, to, Tz::Europe__Berlin));
        assert_eq!((map.minutes[6][1], map.minutes[6][2], map.minutes[6][3]), (60, 0, 60), "Sunday, 29 March");
        // The days of UTC begin at one o'clock there, and end at two.
        assert_eq!(
            (map.minutes[0][0], map.minutes[0][1], map.minutes[0][2]),
            (60, 120, 60),
            "the Mondays of both weeks"
        );
    }
}
