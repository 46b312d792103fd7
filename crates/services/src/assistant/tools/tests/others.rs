//! Questions about jobs, freshness, events and the audit log, and mixed ones.

use chrono::TimeDelta;
use domain::access::{Permission, Scope};
use domain::assistant::{Call, Filters, Help, Plan, Tool};
use domain::sync::{DataSetStatus, SyncKind};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::json;
use store::queue::{NewJob, enqueue};
use store::repo::trail::{TrailEventRow, trail_append};

use super::super::run as find_out;
use super::{Trial, everything, holding, said, sound};
use crate::testing::both_databases;

fn event(trial: &Trial, name: &str, hours_ago: i64, read_only: bool) -> TrailEventRow {
    TrailEventRow {
        event_id: name.to_owned(),
        at: trial.harness.ctx.env.now() - TimeDelta::hours(hours_ago),
        name: name.to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(read_only),
        actor: "grace".to_owned(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: (name == "RebootWorkspaces").then(|| "AccessDenied".to_owned()),
        error_message: None,
        detail: json!({}),
        workspaces: Vec::new(),
    }
}

both_databases! {
    async fn jobs_are_counted_by_state(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let ctx = &trial.harness.ctx;
        let due = "The oldest that is due has been so since 2026-03-10 10:00 UTC.";
        let one = format!("1 job is waiting, 0 are running and 0 are dead. {due}");
        assert_eq!(trial.said(Call::of(Tool::Jobs)).await, one);
        enqueue(&ctx.db, &ctx.env, NewJob::new("prune", "all", json!({}))).await.unwrap();
        let two = format!("2 jobs are waiting, 0 are running and 0 are dead. {due}");
        assert_eq!(trial.said(Call::of(Tool::Jobs)).await, two);
        // One fails for good; of what it said, the first line is told.
        let server = Database::connect(trial.harness.url()).await.unwrap();
        let dies = "UPDATE job SET state = 'dead', error = 'The disk is full.\nAnd more.' WHERE kind = 'prune'";
        server.execute_unprepared(dies).await.unwrap();
        server.close().await.unwrap();
        let facts = trial.found(&everything(), Call::of(Tool::Jobs)).await;
        let dead = "The newest dead job is prune: The disk is full.";
        assert_eq!(said(&facts), format!("1 job is waiting, 0 are running and 1 is dead. {due} {dead}"));
        let hrefs: Vec<_> = facts.sources.iter().map(|source| source.href.as_str()).collect();
        assert_eq!(hrefs, ["/jobs?state=dead", "/jobs"]);
    }

    async fn freshness_names_what_is_missing(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.data_set(SyncKind::CloudTrail, DataSetStatus::Partial, Some("cloudtrail:LookupEvents")).await;
        let said = trial.said(Call::of(Tool::Freshness)).await;
        assert!(said.starts_with("There are 9 data sets in all: 1 whole, 1 partial and 7 unread."), "{said}");
        assert!(said.contains("Last read wholly, or later: WorkSpaces at 2026-03-10 10:00 UTC."), "{said}");
        assert!(said.contains("The CloudTrail events in eu-central-1 of the account Demo"), "{said}");
        assert!(said.ends_with("are not complete, since AWS does not permit cloudtrail:LookupEvents."), "{said}");
    }

    async fn events_that_changed_something_are_told(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let events = [
            event(&trial, "StopWorkspaces", 2, false),
            event(&trial, "RebootWorkspaces", 30, false),
            event(&trial, "DescribeWorkspaces", 1, true),
            event(&trial, "CreateWorkspaces", 24 * 20, false),
        ];
        trail_append(&trial.harness.ctx.db, trial.account, &trial.harness.region(), &events).await.unwrap();
        trial.data_set(SyncKind::CloudTrail, DataSetStatus::Ok, None).await;
        assert_eq!(
            trial.said(Call::of(Tool::Events)).await,
            "From 2026-03-04 to 2026-03-10 there were 2 events in AWS that changed something. The newest were StopWorkspaces by \
             grace at 2026-03-10 08:00 UTC and RebootWorkspaces by grace at 2026-03-09 04:00 UTC, which AWS refused with AccessDenied."
        );
        let narrowed = |codes: &[&str]| Call {
            filters: Filters { regions: codes.iter().map(|code| (*code).to_owned()).collect(), ..Filters::default() },
            ..Call::of(Tool::Events)
        };
        let both = trial.said(narrowed(&["eu-west-1", "eu-central-1"])).await;
        assert!(both.contains("there were 2 events in AWS that changed something in eu-west-1 and eu-central-1."), "{both}");
        let none = trial.said(narrowed(&["Atlantis"])).await;
        assert!(none.contains("there were no events in AWS that changed something in a region of that name."), "{none}");
    }

    async fn the_audit_log_is_for_who_may_read_all_of_it(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let facts = trial.found(&everything(), Call::of(Tool::Audit)).await;
        assert!(said(&facts).starts_with("From 2026-03-04 to 2026-03-10 the audit log has"), "{}", said(&facts));
        assert_eq!(facts.sources[0].href, "/audit/log?from=2026-03-04T00%3A00%3A00Z&to=2026-03-11T00%3A00%3A00Z");
        let own = holding(&[Permission::AuditRead], Scope::own("user3@example.com"));
        assert!(said(&trial.found(&own, Call::of(Tool::Audit)).await).contains("audit:read"));
    }

    async fn a_plan_is_answered_call_by_call(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let now = trial.harness.ctx.env.now();
        let help = Call { help: Some(Help::Actions), ..Call::of(Tool::Help) };
        let plan = Plan { calls: vec![Call::of(Tool::Fleet), Call::of(Tool::Cost), help, Call::of(Tool::Audit)] };
        let actor = holding(&[Permission::WorkspaceRead], Scope::Everything);
        let facts = find_out(&trial.harness.ctx, &actor, &plan, now).await.unwrap();
        sound(&facts);
        let said = said(&facts);
        assert!(said.starts_with("There are 6 WorkSpaces. I can't tell you that: it needs the permission cost:read"), "{said}");
        assert!(said.contains("I start none myself.") && !said.contains("audit"), "{said}");
        let hrefs: Vec<_> = facts.sources.iter().map(|source| source.href.as_str()).collect();
        assert_eq!(hrefs, ["/workspaces", "/jobs"]);
    }
}
