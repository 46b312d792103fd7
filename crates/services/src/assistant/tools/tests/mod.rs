//! What the tools find out, on both databases: a fleet of six WorkSpaces in one account, with their usage of February and March
//! and its bills, on the 10th of March 2026.

mod bills;
mod fleet;
mod others;
mod usage;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::access::{Actor, Held, Permission, Scope};
use domain::assistant::{Call, Facts, Part, Plan};
use domain::ids::{AccountId, UserId, WorkspaceId};
use domain::sync::{DataSetStatus, SyncKind};
use domain::usage::{ConnectedInterval, HourMask};
use domain::workspace::{RunningMode, WorkspaceState};
use store::Backend;
use store::repo::costs::{CostDayRow, CostTagDayRow, cost_days_replace, cost_tag_days_replace};
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use store::repo::usage_coverage::usage_covered;
use uuid::Uuid;

use super::run;
use crate::sync::{SyncWorkspacesJob, sync_workspaces};
use crate::testing::{FakeFleet, Harness, RecordedRun, observed};

/// A fleet and somebody who asks.
struct Trial {
    harness: Harness,
    account: AccountId,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn midnight(text: &str) -> DateTime<Utc> {
    day(text).and_time(NaiveTime::MIN).and_utc()
}

impl Trial {
    /// Four AVAILABLE, two STOPPED; one of them ALWAYS_ON; `None` without a server of that kind.
    async fn new(backend: Backend) -> Option<Self> {
        let fleet = FakeFleet::default();
        fleet.change(|state| {
            for number in 0..6 {
                let at = if number < 4 { WorkspaceState::Available } else { WorkspaceState::Stopped };
                let mut one = observed(number, at);
                one.operating_system = Some("WINDOWS_SERVER_2022".to_owned());
                if number == 0 {
                    one.running_mode = Some(RunningMode::AlwaysOn);
                }
                let team = if number % 2 == 0 { "Finance" } else { "Ops" };
                state.tags.insert(one.aws_id.clone(), [("Team".to_owned(), team.to_owned())].into());
                state.workspaces.insert(one.aws_id.clone(), one);
            }
        });
        let harness = Harness::on(backend, fleet).await?;
        harness.advance(9 * 86_400 - 7_200);
        let account = harness.account().await;
        let trial = Self { harness, account };
        trial.sync().await;
        Some(trial)
    }

    /// Reads the fleet as it is now.
    async fn sync(&self) {
        let job = SyncWorkspacesJob { account_id: self.account, region: self.harness.region() };
        let api = Arc::new(self.harness.fleet.clone());
        sync_workspaces(&self.harness.ctx, api, &job, &RecordedRun::new(self.harness.job_id())).await.unwrap();
    }

    fn id(&self, number: usize) -> WorkspaceId {
        WorkspaceId::derive(self.account, &self.harness.region(), &format!("ws-{number:09}"))
    }

    /// Connected hours from eight o'clock on, by WorkSpace and day, with what is known from the 1st of February to yesterday.
    async fn usage(&self, used: &[(usize, &str, i64)]) {
        let (from, to) = (midnight("2026-02-01"), midnight("2026-03-10"));
        let of = |number: usize| {
            let mine: Vec<_> = used.iter().filter(|one| one.0 == number).collect();
            let begin = |day: &str| midnight(day) + TimeDelta::hours(8);
            let row = |one: &&(usize, &str, i64)| UsageDayRow {
                day: day(one.1),
                hour_mask: HourMask::of_range(8, 7 + u32::try_from(one.2).unwrap()),
                connected_minutes: u32::try_from(one.2 * 60).unwrap(),
                sessions: 1,
                first_at: begin(one.1),
                last_at: begin(one.1) + TimeDelta::hours(one.2),
                resolution_secs: 300,
            };
            let piece = |one: &&(usize, &str, i64)| ConnectedInterval {
                start: begin(one.1).timestamp(),
                end: begin(one.1).timestamp() + one.2 * 3_600,
            };
            WorkspaceUsage {
                workspace_id: self.id(number),
                from,
                to,
                intervals: mine.iter().map(piece).collect(),
                days: mine.iter().map(row).collect(),
            }
        };
        let all: Vec<_> = (0..6).map(of).collect();
        usage_window_replace(&self.harness.ctx.db, &all).await.unwrap();
        let covered: Vec<_> = (0..6).map(|number| (self.id(number), from, to)).collect();
        usage_covered(&self.harness.ctx.db, &covered).await.unwrap();
    }

    /// Bills by day, region, usage type and amount; what is of March the 9th or later is an estimate.
    async fn bills(&self, rows: &[(&str, &str, &str, &str)]) {
        let now = self.harness.ctx.env.now();
        let row = |(on, region, usage_type, amount): &(&str, &str, &str, &str)| {
            let (amount, currency) = amount.split_once(' ').unwrap();
            let money = domain::money::Money::parse(amount, currency.parse().unwrap()).unwrap();
            CostDayRow {
                day: day(on),
                region: (*region).to_owned(),
                usage_type: (*usage_type).to_owned(),
                amount_e10: money.amount_e10().unwrap(),
                quantity_e10: 0,
                unit: "Hrs".to_owned(),
                currency: currency.to_owned(),
                estimated: *on >= "2026-03-09",
                read_at: now,
            }
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        let db = &self.harness.ctx.db;
        cost_days_replace(db, self.account, day("2026-01-01"), day("2026-04-01"), &rows).await.unwrap();
        self.data_set(SyncKind::Billing, DataSetStatus::Ok, None).await;
    }

    async fn tag_bills(&self, rows: &[(&str, &str, i64)]) {
        let row = |(on, value, cents): &(&str, &str, i64)| CostTagDayRow {
            day: day(on),
            tag_key: "Team".to_owned(),
            tag_value: (*value).to_owned(),
            amount_e10: cents * 100_000_000,
            currency: "USD".to_owned(),
            estimated: false,
            read_at: self.harness.ctx.env.now(),
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        let db = &self.harness.ctx.db;
        cost_tag_days_replace(db, self.account, "Team", day("2026-01-01"), day("2026-04-01"), &rows).await.unwrap();
    }

    async fn data_set(&self, kind: SyncKind, status: DataSetStatus, missing: Option<&str>) {
        let now = self.harness.ctx.env.now();
        let region = if kind == SyncKind::Billing { "us-east-1".parse().unwrap() } else { self.harness.region() };
        let update = DataSetUpdate {
            account_id: self.account,
            region,
            kind,
            status,
            fresh_at: (status == DataSetStatus::Ok).then_some(now),
            covered_from: Some(midnight("2026-01-15")),
            covered_to: Some(now),
            gaps: None,
            last_run_id: None,
            last_error: None,
            missing_permission: missing.map(str::to_owned),
            at: now,
        };
        data_set_put(&self.harness.ctx.db, &update).await.unwrap();
    }

    async fn found(&self, actor: &Actor, call: Call) -> Facts {
        let now = self.harness.ctx.env.now();
        let facts = run(&self.harness.ctx, actor, &Plan { calls: vec![call] }, now).await.unwrap();
        sound(&facts);
        facts
    }

    /// What is said to somebody who may see everything.
    async fn said(&self, call: Call) -> String {
        said(&self.found(&everything(), call).await)
    }
}

/// The written answer.
fn said(facts: &Facts) -> String {
    facts.sentences.iter().map(|sentence| sentence.render(facts)).collect::<Vec<_>>().join(" ")
}

/// Every place is a fact, every sentence ends, every page is the portal's, and no name from outside is among our words.
fn sound(facts: &Facts) {
    assert!(!facts.sentences.is_empty());
    for sentence in &facts.sentences {
        let text = sentence.render(facts);
        assert!(text.ends_with('.') && !text.contains("  ") && !text.contains(" ."), "{text}");
        assert!(sentence.states().all(|at| at < facts.facts.len()), "{text}");
        for part in &sentence.parts {
            if let Part::Words(words) = part {
                assert!(!words.contains("user") || !words.contains('@'), "{words}");
                assert!(!words.contains("Demo") && !words.contains("Finance"), "{words}");
            }
        }
    }
    assert!(facts.facts.iter().all(|fact| !fact.about.contains("Demo") && !fact.about.contains("Finance")));
    assert!(facts.sources.iter().all(|source| source.href.starts_with('/') && !source.href.starts_with("//")));
}

fn everything() -> Actor {
    let held = Held { permissions: Permission::ALL.iter().copied().collect(), scope: Scope::Everything };
    Actor::new(UserId(Uuid::from_u128(7)), "owner@example.com", vec![held])
}

/// Somebody with these permissions over that.
fn holding(permissions: &[Permission], scope: Scope) -> Actor {
    let held = Held { permissions: permissions.iter().copied().collect(), scope };
    Actor::new(UserId(Uuid::from_u128(8)), "user3@example.com", vec![held])
}
