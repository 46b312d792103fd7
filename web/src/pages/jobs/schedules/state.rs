//! Schedules in words, and the period that somebody types. Pure.

use contract::schedules::ScheduleView;

use crate::format::{every, period};

/// What a schedule brings in, and from where.
pub fn about(name: &str) -> (&'static str, &'static str) {
    match name {
        "sync-workspaces" => ("WorkSpaces, bundles and tags", "WorkSpaces API"),
        "sync-directories" => ("Directories and their stages", "WorkSpaces API and Directory Service"),
        "sync-connection-status" => ("Who is connected", "WorkSpaces API"),
        "sync-usage" => ("Connected hours and daily measures", "CloudWatch"),
        "sync-cloudtrail" => ("Who did what", "CloudTrail"),
        "sync-billing" => ("What was billed", "Cost Explorer"),
        "sync-prices" => ("What things cost", "Price List"),
        "sync-images" => ("Images", "WorkSpaces API"),
        "sync-quotas" => ("How much AWS allows", "Service Quotas"),
        "audit-checkpoint" => ("Signs the end of the audit log", "this installation"),
        "audit-verify" => ("Verifies the whole audit log", "this installation"),
        "backup" => ("Everything, encrypted, in one file", "this installation"),
        "prune" => ("Forgets what is older than it is kept for", "this installation"),
        _ => ("", ""),
    }
}

/// A unit that a period can be typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
}

impl Unit {
    /// Every unit, the smaller first.
    pub const ALL: [Self; 4] = [Self::Seconds, Self::Minutes, Self::Hours, Self::Days];

    /// Its seconds.
    pub const fn secs(self) -> u64 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 3600,
            Self::Days => 86_400,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    /// The unit of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.name() == name)
    }
}

/// A period as it is typed: in the largest unit that measures it out.
pub fn split(secs: u64) -> (u64, Unit) {
    let fits = |unit: &Unit| secs > 0 && secs.is_multiple_of(unit.secs());
    let unit = Unit::ALL.into_iter().rev().find(fits).unwrap_or(Unit::Seconds);
    (secs / unit.secs(), unit)
}

/// The seconds of what is typed, or what is wrong with it.
pub fn read(text: &str, unit: Unit, least: u64, most: u64) -> Result<u64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Fill this in.".to_owned());
    }
    let digits = text.chars().all(|c| c.is_ascii_digit());
    let Some(number) = text.parse::<u64>().ok().filter(|_| digits) else {
        return Err(if digits { too_long(most) } else { "Write a whole number, like 5.".to_owned() });
    };
    match number.checked_mul(unit.secs()) {
        Some(secs) if secs < least => Err(format!("At least {}.", period(least))),
        Some(secs) if secs <= most => Ok(secs),
        _ => Err(too_long(most)),
    }
}

fn too_long(most: u64) -> String {
    format!("At most {}.", period(most))
}

/// How often it runs, in words, with what was configured where somebody changed it.
pub fn how_often(schedule: &ScheduleView) -> (String, Option<String>) {
    let was = schedule.period_changed.then(|| format!("configured: {}", every(schedule.configured_period_secs)));
    (every(schedule.period_secs), was)
}

#[cfg(test)]
mod tests {
    use domain::sync::SyncKind;

    use super::*;

    #[test]
    fn every_schedule_is_explained() {
        for name in SyncKind::ALL.iter().map(|kind| kind.as_str()).chain(["prune", "audit-checkpoint", "audit-verify"])
        {
            assert!(!about(name).0.is_empty() && !about(name).1.is_empty(), "{name}");
        }
    }

    #[test]
    fn what_is_typed_is_what_was_meant() {
        for secs in [5, 90, 300, 3600, 10_800, 86_400, 129_600, 2_678_400] {
            let (number, unit) = split(secs);
            assert_eq!(read(&number.to_string(), unit, 5, 2_678_400), Ok(secs));
        }
        assert_eq!(split(5400), (90, Unit::Minutes));
        assert_eq!(read(" 12 ", Unit::Hours, 60, 2_678_400), Ok(43_200));
    }

    #[test]
    fn what_cannot_be_says_why() {
        let words = |text: &str, unit| read(text, unit, 60, 2_678_400).unwrap_err();
        for text in ["five", "1.5", "-3", "+3", "5 min"] {
            assert!(words(text, Unit::Minutes).contains("whole number"), "{text}");
        }
        assert_eq!(words("", Unit::Days), "Fill this in.");
        assert_eq!(words("59", Unit::Seconds), "At least 1 min.");
        assert_eq!(words("0", Unit::Days), "At least 1 min.");
        for text in ["32", "99999999999999999999999", "18446744073709551615"] {
            assert_eq!(words(text, Unit::Days), "At most 31 days.", "{text}");
        }
    }
}
