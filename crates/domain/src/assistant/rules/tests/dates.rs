//! Dates as people say them.

use super::super::dates::{joined, period};
use super::super::text::words;
use crate::assistant::Period;

fn read(text: &str) -> Option<String> {
    let words = words(text).unwrap();
    let (period, used) = period(&words, 0, super::today(), false)?;
    assert_eq!(used, words.len(), "{text}");
    Some(match period {
        Period::Month(month) => month.to_string(),
        Period::Days(from, to) => format!("{from} {to}"),
    })
}

#[test]
fn people_say_time_in_many_ways() {
    for (text, expected) in [
        ("today", "2026-11-21 2026-11-21"),
        ("yesterday", "2026-11-20 2026-11-20"),
        ("this month", "2026-11"),
        ("the current month", "2026-11"),
        ("month to date", "2026-11"),
        ("last month", "2026-10"),
        ("this week", "2026-11-16 2026-11-21"),
        ("last week", "2026-11-09 2026-11-15"),
        ("the last 7 days", "2026-11-15 2026-11-21"),
        ("past thirty days", "2026-10-23 2026-11-21"),
        ("last two weeks", "2026-11-08 2026-11-21"),
        ("last 3 months", "2026-09-01 2026-11-21"),
        ("last 24 hours", "2026-11-20 2026-11-21"),
        ("this quarter", "2026-10-01 2026-11-21"),
        ("last quarter", "2026-07-01 2026-09-30"),
        ("this year", "2026-01-01 2026-11-21"),
        ("last year", "2025-01-01 2025-12-31"),
        ("2025", "2025-01-01 2025-12-31"),
        ("2026", "2026-01-01 2026-11-21"),
        ("April", "2026-04"),
        ("december", "2025-12"),
        ("Sept 2025", "2025-09"),
        ("May of 2026", "2026-05"),
        ("April last year", "2025-04"),
        ("November", "2026-11"),
        ("2026-10", "2026-10"),
        ("2026-11-03", "2026-11-03 2026-11-03"),
        ("3 November", "2026-11-03 2026-11-03"),
        ("the 3rd of November", "2026-11-03 2026-11-03"),
        ("Nov 3rd, 2025", "2025-11-03 2025-11-03"),
        ("30 November", "2025-11-30 2025-11-30"),
        ("Saturday", "2026-11-21 2026-11-21"),
        ("last Saturday", "2026-11-14 2026-11-14"),
        ("Monday", "2026-11-16 2026-11-16"),
        ("between April and June", "2026-04-01 2026-06-30"),
        ("between October and March", "2025-10-01 2026-03-31"),
        ("between March and May", "2026-03-01 2026-05-31"),
        ("between 3 and 10 November", "2026-11-03 2026-11-10"),
        ("from 2026-11-01 to 2026-11-10", "2026-11-01 2026-11-10"),
        ("from Monday until today", "2026-11-16 2026-11-21"),
        ("April to June", "2026-04-01 2026-06-30"),
        ("1 April - 30 April", "2026-04"),
        ("from April until now", "2026-04-01 2026-11-21"),
        ("since September", "2026-09-01 2026-11-21"),
        ("since 1 October 2025", "2025-10-01 2026-11-21"),
    ] {
        assert_eq!(read(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_ahead_or_can_be_read_in_two_ways_is_no_period() {
    for text in [
        "next month",
        "tomorrow",
        "2027",
        "December 2026",
        "31 February",
        "2026-02-30",
        "2026-13",
        "may",
        "may we",
        "last",
        "the",
        "since",
        "between April",
        "between 3 and April",
        "last 0 days",
        "last 999 years",
        "from June to",
        "between 2026-06-01 and 2026-05-01",
        "since 2027-01-01",
        "last 7",
        "this",
        "week",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    // The numbers of such a date are read by nobody, and so the question is not.
    assert_eq!(read("11/03/2026"), None);
}

#[test]
fn neighbours_are_joined_and_others_not() {
    let month = |text: &str| Period::Month(text.parse().unwrap());
    let joined_days = Period::Days("2026-09-01".parse().unwrap(), "2026-10-31".parse().unwrap());
    assert_eq!(joined(month("2026-09"), month("2026-10")), Some(joined_days));
    assert_eq!(joined(month("2026-10"), month("2026-09")), Some(joined_days));
    assert_eq!(joined(month("2026-08"), month("2026-10")), None);
}
