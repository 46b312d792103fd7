//! What a change of a report leaves as it was. That is not held against it again: a team, a person or the way to a webhook may be gone
//! since it was kept, and whoever pauses it should be able to.

use std::collections::BTreeSet;

use store::repo::reports::ReportRecord;

use super::service::ReportChange;
use super::tables;

/// Whether its rows are those of before: what it is about, narrowed to and told apart by.
pub(super) fn same_rows(change: &ReportChange, before: &ReportRecord) -> bool {
    change.template == before.template && tables::filter(before).is_ok_and(|filter| filter == change.filter)
}

/// Whether its files are sent to the people of before.
pub(super) fn same_people(change: &ReportChange, before: &ReportRecord) -> bool {
    let called = |address: &str| address.trim().to_lowercase();
    let wanted: BTreeSet<String> = change.recipients.iter().map(|address| called(address)).collect();
    let there: BTreeSet<String> = before.recipients.iter().map(|person| called(&person.email)).collect();
    wanted == there
}

/// Whether nothing changes but that it is not made by itself any more.
pub(super) fn only_pauses(change: &ReportChange, before: &ReportRecord) -> bool {
    let webhook = change.webhook_url.as_deref().map(str::trim).filter(|url| !url.is_empty());
    let numbers = [change.hour, change.day, change.keep_runs].map(i64::from);
    !change.enabled
        && change.name.trim() == before.name
        && change.zone == before.zone
        && (change.span, change.format, change.frequency) == (before.span, before.format, before.frequency)
        && numbers == [before.hour, before.day, before.keep_runs].map(i64::from)
        && webhook == before.webhook_url.as_deref()
        && same_rows(change, before)
        && same_people(change, before)
}

#[cfg(test)]
mod tests {
    use domain::access::{Actor, Role};
    use domain::ids::TeamId;
    use domain::reports::ReportTemplate;
    use platform::mail::Mailer;
    use uuid::Uuid;

    use crate::Context;
    use crate::reports::tests::{daily, made, person};
    use crate::reports::{NewReport, ReportError, ReportFilter, SavedReport, update_report};
    use crate::testing::{FakeFleet, Harness};

    fn field(answer: &Result<SavedReport, ReportError>) -> Option<&'static str> {
        match answer {
            Err(ReportError::Field { field, .. }) => Some(*field),
            _ => None,
        }
    }

    #[tokio::test]
    async fn whom_it_is_sent_to_is_asked_about_where_that_changes() {
        let harness = Harness::new(FakeFleet::default()).await;
        let owner = person(&harness.ctx, 7, Role::Owner).await;
        person(&harness.ctx, 8, Role::Member).await;
        let to = |people: &[&str]| NewReport {
            recipients: people.iter().map(|email| (*email).to_owned()).collect(),
            ..daily(ReportTemplate::Usage)
        };
        let (one, both) = (to(&["user7@example.com"]), to(&["user7@example.com", "user8@example.com"]));
        let report = made(&harness.ctx, &owner, one.clone()).await;
        // Since then mail was switched off.
        let silent = Context { mail: Mailer::off(), ..harness.ctx.clone() };
        let change = async |new: NewReport| update_report(&silent, &owner, report.id, None, new).await;
        assert_eq!(field(&change(both.clone()).await), Some("recipients"));
        assert_eq!(field(&change(NewReport { enabled: false, ..both }).await), Some("recipients"));
        let written = |email: &str| NewReport { name: "Otherwise".to_owned(), ..to(&[email]) };
        let renamed = change(written(" USER7@example.com")).await.unwrap().report;
        assert_eq!((renamed.name.as_str(), &renamed.recipients), ("Otherwise", &report.recipients));
        let paused = change(NewReport { enabled: false, ..written("user7@example.com") }).await.unwrap().report;
        assert_eq!((paused.enabled, paused.next_run_at, &paused.recipients), (false, None, &report.recipients));
    }

    #[tokio::test]
    async fn who_may_no_longer_have_it_may_pause_it() {
        let harness = Harness::new(FakeFleet::default()).await;
        let ctx = &harness.ctx;
        let (owner, operator) = (person(ctx, 7, Role::Owner).await, person(ctx, 8, Role::Operator).await);
        let filter = ReportFilter { by: Some("estimate:team".parse().unwrap()), ..ReportFilter::default() };
        let kept = NewReport { filter, ..daily(ReportTemplate::Cost) };
        let report = made(ctx, &owner, kept.clone()).await;
        let change = async |actor: &Actor, new: NewReport| update_report(ctx, actor, report.id, None, new).await;
        // Told apart by something else its files would be the operator's, and they hold what was there before.
        for other in [daily(ReportTemplate::Cost), NewReport { name: "Mine".to_owned(), ..kept.clone() }] {
            assert!(matches!(change(&operator, other).await, Err(ReportError::Forbidden(_))));
        }
        let paused = NewReport { enabled: false, ..kept.clone() };
        assert!(!change(&operator, paused.clone()).await.unwrap().report.enabled);
        assert!(matches!(change(&operator, kept.clone()).await, Err(ReportError::Forbidden(_))), "it does not go on");

        change(&owner, kept.clone()).await.unwrap();
        let less = Actor::user(owner.user_id.unwrap(), "user7@example.com", Role::Operator);
        assert!(matches!(change(&less, kept).await, Err(ReportError::Forbidden(_))));
        assert!(!change(&less, paused).await.unwrap().report.enabled);
    }

    #[tokio::test]
    async fn a_team_that_nobody_knows_is_in_the_way_of_what_is_new() {
        let harness = Harness::new(FakeFleet::default()).await;
        let ctx = &harness.ctx;
        let owner = person(ctx, 7, Role::Owner).await;
        let report = made(ctx, &owner, daily(ReportTemplate::Usage)).await;
        let filter = ReportFilter { teams: vec![TeamId(Uuid::from_u128(404))], ..ReportFilter::default() };
        let paused = NewReport { filter, enabled: false, ..daily(ReportTemplate::Usage) };
        let refused = update_report(ctx, &owner, report.id, None, paused).await;
        assert_eq!(field(&refused), Some("filter.teams"), "it does more than pause");
    }
}
