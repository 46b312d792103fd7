//! From an entry of our own log to AWS's events about the same WorkSpace around that time, and from an event to our own entries. And the
//! chip of such a time in either list. Pure but for the reader's clock.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use contract::audit::{AuditEntryView, AuditQuery};
use contract::trail::TrailQuery;
use domain::ids::WorkspaceId;

use crate::components::ui::filter_bar::Chip;
use crate::state::clock::{date_of, day, first_moment, time_of_day};
use crate::state::url_list::query_path;

/// The key of the chip of a time.
pub const TIME: &str = "time";

/// So much before and after: an order waits for its job, and AWS tells when it was called.
const AROUND: TimeDelta = TimeDelta::minutes(30);

/// The address of AWS's events about what an entry is about; `None` where that is no WorkSpace.
pub fn in_aws(entry: &AuditEntryView) -> Option<String> {
    let id = entry.object_id.as_deref().filter(|_| entry.object_kind.as_deref() == Some("workspace"))?;
    let (from, to) = around(entry.at);
    let workspace = Some(id.parse::<WorkspaceId>().ok()?);
    Some(query_path("/audit", &TrailQuery { workspace, from, to, ..TrailQuery::default() }))
}

/// The address of our own entries about a WorkSpace, around the time of an event.
pub fn in_log(workspace: WorkspaceId, at: DateTime<Utc>) -> String {
    let (from, to) = around(at);
    query_path("/audit/log", &AuditQuery { object_id: Some(workspace.to_string()), from, to, ..AuditQuery::default() })
}

fn around(at: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let at = at.trunc_subsecs(0);
    (at.checked_sub_signed(AROUND), at.checked_add_signed(AROUND))
}

/// The chip of what bounds a list in time where the fields of its days can't show that: it does not begin with days of the reader's.
pub fn chip(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Option<Chip> {
    let whole = |at: DateTime<Utc>| date_of(at).and_then(first_moment) == Some(at);
    bounded((from, to), whole, |at| (day(at), time_of_day(at)))
}

/// The same, with who tells whether a moment begins a day, and the day and the time of one.
fn bounded(
    (from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    whole: impl Fn(DateTime<Utc>) -> bool,
    told: impl Fn(DateTime<Utc>) -> (String, String),
) -> Option<Chip> {
    if [from, to].into_iter().flatten().all(whole) {
        return None;
    }
    let ((first, begins), (last, ends)) = (from.map(&told).unwrap_or_default(), to.map(&told).unwrap_or_default());
    let label = match (from.is_some(), to.is_some()) {
        (true, true) if first == last => format!("{first}, {begins} – {ends}"),
        (true, true) => format!("{first}, {begins} – {last}, {ends}"),
        (true, false) => format!("from {first}, {begins}"),
        (false, _) => format!("before {last}, {ends}"),
    };
    Some(Chip { key: TIME, facet: "Time", value: String::new(), label })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::state::url_list::read_query;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn entry(object_kind: &str, object_id: &str) -> AuditEntryView {
        AuditEntryView {
            seq: 7,
            at: time("2026-11-21T10:00:00.25Z"),
            actor_kind: "system".to_owned(),
            actor_id: None,
            actor_name: None,
            address: None,
            session_id: None,
            key_id: None,
            permission: None,
            action: format!("{object_kind}.stop"),
            object_kind: Some(object_kind.to_owned()),
            object_id: Some(object_id.to_owned()),
            object_name: None,
            outcome: "done".to_owned(),
            reason: None,
            request_id: None,
        }
    }

    #[test]
    fn an_entry_leads_to_events_that_the_other_page_can_read() {
        let id = WorkspaceId(Uuid::from_u128(7));
        let href = in_aws(&entry("workspace", &id.to_string())).unwrap();
        let wanted = TrailQuery {
            workspace: Some(id),
            from: Some(time("2026-11-21T09:30:00Z")),
            to: Some(time("2026-11-21T10:30:00Z")),
            ..TrailQuery::default()
        };
        assert_eq!(read_query::<TrailQuery>(href.strip_prefix("/audit").unwrap()), (wanted, Vec::new()), "{href}");
        // What is no WorkSpace, or no id of one, leads nowhere.
        assert_eq!(in_aws(&entry("user", &id.to_string())), None);
        assert_eq!(in_aws(&entry("workspace", "../admin")), None);
        assert_eq!(in_aws(&AuditEntryView { object_id: None, ..entry("workspace", "") }), None);
    }

    #[test]
    fn an_event_leads_to_entries_that_the_other_page_can_read() {
        let id = WorkspaceId(Uuid::from_u128(7));
        let href = in_log(id, time("2026-11-21T00:10:00Z"));
        let wanted = AuditQuery {
            object_id: Some(id.to_string()),
            from: Some(time("2026-11-20T23:40:00Z")),
            to: Some(time("2026-11-21T00:40:00Z")),
            ..AuditQuery::default()
        };
        assert_eq!(read_query::<AuditQuery>(href.strip_prefix("/audit/log").unwrap()), (wanted, Vec::new()), "{href}");
    }

    #[test]
    fn a_time_that_is_no_whole_days_is_a_chip() {
        let midnight = |at: DateTime<Utc>| at.format("%T").to_string() == "00:00:00";
        let told = |at: DateTime<Utc>| (at.format("%d.%m.").to_string(), at.format("%H:%M").to_string());
        let label = |from: &str, to: &str| {
            let bound = |text: &str| (!text.is_empty()).then(|| time(&format!("2026-11-{text}:00Z")));
            bounded((bound(from), bound(to)), midnight, told).map(|chip| chip.label)
        };
        assert_eq!(label("21T09:30", "21T10:30").as_deref(), Some("21.11., 09:30 – 10:30"));
        assert_eq!(label("20T23:40", "21T00:40").as_deref(), Some("20.11., 23:40 – 21.11., 00:40"));
        assert_eq!(label("21T00:00", "21T10:30").as_deref(), Some("21.11., 00:00 – 10:30"));
        assert_eq!(label("21T09:30", "").as_deref(), Some("from 21.11., 09:30"));
        assert_eq!(label("", "21T10:30").as_deref(), Some("before 21.11., 10:30"));
        // The fields show days.
        assert_eq!([label("20T00:00", "21T00:00"), label("", "21T00:00"), label("", "")], [None, None, None]);
    }
}
