//! What reports of costs may be told apart by, and that reports are read that were kept before they could be.

use domain::access::Role;
use domain::cost::{CostBy, EstimateBy};
use domain::reports::{ReportSpan, ReportTemplate};
use serde_json::json;

use super::tests::{daily, made, make, person};
use super::*;
use crate::idempotency::Keep;
use crate::testing::{FakeFleet, Harness};

fn by(name: &str) -> ReportFilter {
    ReportFilter { by: Some(name.parse().unwrap()), ..ReportFilter::default() }
}

#[test]
fn a_filter_that_was_kept_before_has_no_groups() {
    let old = json!({
        "accounts": [], "regions": ["eu-central-1"], "directories": [], "running_modes": [], "tag": null, "teams": [],
    });
    let old: ReportFilter = serde_json::from_value(old).unwrap();
    assert_eq!((&old.by, old.regions.len()), (&None, 1));
    for filter in [old, by("tag:Cost Center"), by("estimate:bundle")] {
        assert_eq!(serde_json::from_value::<ReportFilter>(json!(filter)).unwrap(), filter);
    }
}

#[tokio::test]
async fn each_group_can_be_had_and_what_can_t_be_is_named() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let (owner, operator) = (person(ctx, 7, Role::Owner).await, person(ctx, 8, Role::Operator).await);
    let report = |template, filter| NewReport { filter, ..daily(template) };
    let billed = CostBy::NAMES.iter().map(|name| (*name).to_owned());
    let estimates = EstimateBy::ALL.iter().map(|name| format!("estimate:{name}"));
    for name in billed.chain(estimates) {
        let kept = made(ctx, &owner, report(ReportTemplate::Cost, by(&name))).await;
        let preview = preview_report(ctx, &owner, kept.id).await.unwrap();
        assert_eq!(preview.columns[0], "key", "{name}");
    }
    let placed = |filter: ReportFilter| ReportFilter { regions: vec![harness.region()], ..filter };
    made(ctx, &owner, report(ReportTemplate::Cost, placed(by("region")))).await;
    for (template, filter, field) in [
        (ReportTemplate::Usage, by("region"), "filter.by"),
        (ReportTemplate::Audit, by("estimate:bundle"), "filter.by"),
        (ReportTemplate::Cost, placed(by("tag:Stage")), "filter.regions"),
    ] {
        let refused = create_report_once(ctx, &owner, report(template, filter), Keep::none()).await;
        let Err(ReportError::Field { field: named, code, .. }) = &refused else { panic!("{refused:?}") };
        assert_eq!((*named, *code), (field, "unexpected"), "{template}");
    }
    // Teams are for those who may see people.
    made(ctx, &operator, report(ReportTemplate::Cost, by("estimate:bundle"))).await;
    let refused =
        create_report_once(ctx, &operator, report(ReportTemplate::Cost, by("estimate:team")), Keep::none()).await;
    assert!(matches!(refused, Err(ReportError::Forbidden(_))), "{refused:?}");
}

#[tokio::test]
async fn an_estimate_is_of_the_month_of_its_first_day() {
    let harness = Harness::new(FakeFleet::default()).await;
    let owner = person(&harness.ctx, 7, Role::Owner).await;
    let at = "2026-03-10T12:00:00Z".parse().unwrap();
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    for (filter, days) in
        [(by("region"), ("2026-02-08", "2026-03-09")), (by("estimate:region"), ("2026-02-01", "2026-02-28"))]
    {
        let new = NewReport { filter, span: ReportSpan::Last30Days, ..daily(ReportTemplate::Cost) };
        let report = made(&harness.ctx, &owner, new).await;
        assert_eq!(tables::period(&report, at), Some((day(days.0), day(days.1))));
    }
}

#[tokio::test]
async fn a_file_is_for_who_may_have_what_is_in_it() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let (owner, operator) = (person(ctx, 7, Role::Owner).await, person(ctx, 8, Role::Operator).await);
    for (name, may) in [("estimate:team", false), ("estimate:bundle", true), ("region", true)] {
        let report = made(ctx, &owner, NewReport { filter: by(name), ..daily(ReportTemplate::Cost) }).await;
        let run = run_now(ctx, &owner, report.id).await.unwrap();
        make(ctx, &run).await.unwrap();
        assert!(download_run(ctx, &owner, run.id).await.is_ok(), "{name}");
        assert!(link_run(ctx, &owner, run.id).await.is_ok(), "{name}");
        let refused = [
            download_run(ctx, &operator, run.id).await.map(|_| ()),
            link_run(ctx, &operator, run.id).await.map(|_| ()),
            deliver_again(ctx, &operator, run.id).await.map(|_| ()),
        ];
        for answer in refused {
            match answer {
                Ok(()) => assert!(may, "{name}"),
                Err(error) => assert!(!may && matches!(error, ReportError::Forbidden(_)), "{name}: {error}"),
            }
        }
        // Whoever manages reports may clear it away all the same.
        delete_run(ctx, &operator, run.id).await.unwrap();
    }
}
