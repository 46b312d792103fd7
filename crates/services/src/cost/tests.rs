//! Estimates of a small fleet, on both databases: what is kept of them changes with whatever they are made from, and everybody is told
//! of their own part of it.

mod accounts;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::access::{Actor, Held, Permission, Reach, Scope};
use domain::ids::{AccountId, UserId, WorkspaceId};
use domain::money::Money;
use domain::usage::{ConnectedInterval, HourMask, Month};
use domain::workspace::{ObservedBundle, ObservedWorkspace, RunningMode, WorkspaceState};
use serde_json::json;
use store::Backend;
use store::repo::costs::{CostDayRow, cost_days_replace};
use store::repo::inventory::{SyncContext, bundles_apply, inventory_apply, workspaces_mark_gone, workspaces_state_set};
use store::repo::prices::{PriceRow, prices_replace};
use store::repo::trail::{TrailEventRow, trail_append, trail_prune};
use store::repo::usage::{UsageDayRow, WorkspaceUsage, usage_day_prune, usage_interval_prune, usage_window_replace};
use store::repo::usage_coverage::{usage_coverage_forget, usage_covered};
use uuid::Uuid;

use super::reckoned::{Rows, reckoned};
use super::workspaces::up_to_now;
use super::{
    EstimateBy, EstimatedGroup, KeptEstimates, ReckonedAs, Reconciled, cost_estimates, list_workspace_costs,
    reconcile_month,
};
use crate::Context;
use crate::testing::{FakeFleet, Harness, both_databases, observed};
use crate::workspaces::{WorkspaceFilter, WorkspaceListRequest};

const MONTHLY: &str = "EUC1-AW-HW-2";
const FEE: &str = "EUC1-AW-HW-2-AutoStop-User";
const HOURS: &str = "EUC1-AW-HW-2-AutoStop-Usage";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn february() -> Month {
    "2026-02".parse().unwrap()
}

fn somebody(number: u128, held: Vec<Held>) -> Actor {
    Actor::new(UserId(Uuid::from_u128(number)), "somebody@example.com", held)
}

fn everything() -> Actor {
    let permissions = Permission::ALL.iter().copied().collect();
    somebody(7, vec![Held { permissions, scope: Scope::Everything }])
}

/// A fleet with prices: six WorkSpaces of three bundles.
struct Trial {
    harness: Harness,
    account: AccountId,
}

impl Trial {
    async fn new(backend: Backend) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::default()).await?;
        let account = harness.account().await;
        let trial = Self { harness, account };
        for number in 0..6 {
            trial.see(trial.workspace(number)).await;
        }
        trial.prices(30).await;
        Some(trial)
    }

    fn ctx(&self) -> &Context {
        &self.harness.ctx
    }

    fn sync(&self) -> SyncContext {
        let (account_id, region) = (self.account, self.harness.region());
        SyncContext { account_id, region, run: None, at: self.ctx().env.now() }
    }

    fn workspace(&self, number: usize) -> ObservedWorkspace {
        let system = Some("WINDOWS_SERVER_2022".to_owned());
        ObservedWorkspace { operating_system: system, ..observed(number, WorkspaceState::Available) }
    }

    fn id(&self, number: usize) -> WorkspaceId {
        WorkspaceId::derive(self.account, &self.harness.region(), &format!("ws-{number:09}"))
    }

    async fn see(&self, one: ObservedWorkspace) {
        inventory_apply(&self.ctx().db, &self.sync(), &[one]).await.unwrap();
    }

    /// An hour costs so many cents.
    async fn prices(&self, hour: i64) {
        let price = |sku: &str, usage_type: &str, unit: &str, cents: i64| PriceRow {
            sku: sku.to_owned(),
            bundle: Some("Standard".to_owned()),
            compute_type: Some("STANDARD".to_owned()),
            license: Some("Included".to_owned()),
            operating_system: Some("Windows".to_owned()),
            root_gb: Some(80),
            user_gb: Some(50),
            running_mode: None,
            unit: unit.to_owned(),
            usage_type: Some(usage_type.to_owned()),
            price_e10: cents * 100_000_000,
            currency: "USD".to_owned(),
            effective_at: None,
            read_at: DateTime::UNIX_EPOCH,
        };
        let prices =
            [price("a", MONTHLY, "Month", 3500), price("b", FEE, "Month", 975), price("c", HOURS, "Hour", hour)];
        prices_replace(&self.ctx().db, self.account, &self.harness.region(), &prices).await.unwrap();
    }

    /// Connected hours from eight o'clock on, on the 10th of February.
    async fn usage(&self, number: usize, hours: u32) {
        let begin = at("2026-02-10T08:00:00Z");
        let end = begin + TimeDelta::hours(hours.into());
        let read = WorkspaceUsage {
            workspace_id: self.id(number),
            from: at("2026-02-01T00:00:00Z"),
            to: at("2026-03-01T00:00:00Z"),
            intervals: vec![ConnectedInterval { start: begin.timestamp(), end: end.timestamp() }],
            days: vec![UsageDayRow {
                day: begin.date_naive(),
                hour_mask: HourMask::of_range(8, 7 + hours),
                connected_minutes: hours * 60,
                sessions: 1,
                first_at: begin,
                last_at: end,
                resolution_secs: 300,
            }],
        };
        usage_window_replace(&self.ctx().db, &[read]).await.unwrap();
    }

    /// The usage of all is known.
    async fn known(&self) {
        let (from, to) = (at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        let covered: Vec<_> = (0..6).map(|number| (self.id(number), from, to)).collect();
        usage_covered(&self.ctx().db, &covered).await.unwrap();
    }

    /// A call of CloudTrail about one WorkSpace.
    async fn called(&self, name: &str, number: usize, when: DateTime<Utc>) {
        let event = TrailEventRow {
            event_id: format!("{name} {number}"),
            at: when,
            name: name.to_owned(),
            source: "workspaces.amazonaws.com".to_owned(),
            read_only: Some(false),
            actor: "admin".to_owned(),
            actor_arn: None,
            source_ip: None,
            user_agent: None,
            error_code: None,
            error_message: None,
            detail: json!({}),
            workspaces: vec![format!("ws-{number:09}")],
        };
        trail_append(&self.ctx().db, self.account, &self.harness.region(), &[event]).await.unwrap();
    }

    /// A bill of February that is final.
    async fn bill(&self) {
        self.billed(self.account, "USD").await;
    }

    /// The same, of three in a currency, for any account.
    async fn billed(&self, account: AccountId, currency: &str) {
        let row = CostDayRow {
            day: day("2026-02-28"),
            region: "eu-central-1".to_owned(),
            usage_type: HOURS.to_owned(),
            amount_e10: 30_000_000_000,
            quantity_e10: 100_000_000_000,
            unit: "Hrs".to_owned(),
            currency: currency.to_owned(),
            estimated: false,
            read_at: self.ctx().env.now(),
        };
        let (from, to) = (day("2026-02-01"), day("2026-03-01"));
        cost_days_replace(&self.ctx().db, account, from, to, &[row]).await.unwrap();
    }

    /// What is kept of the account, or reckoned now.
    async fn rows(&self) -> Rows {
        let found = reckoned(self.ctx(), &[self.account], &up_to_now(self.ctx(), february())).await.unwrap();
        found.into_iter().next().unwrap()
    }

    async fn groups(&self, actor: &Actor, by: EstimateBy) -> Vec<EstimatedGroup> {
        cost_estimates(self.ctx(), actor, &WorkspaceFilter::default(), by, february()).await.unwrap()
    }

    async fn reconciled(ctx: &Context, account: AccountId) -> Reconciled {
        reconcile_month(ctx, &everything(), account, february()).await.unwrap().unwrap()
    }

    /// Those that the comparison counts so, from pages of one.
    async fn counted(&self, counted: ReckonedAs, actor: &Actor) -> Vec<WorkspaceId> {
        let filter = WorkspaceFilter { accounts: vec![self.account], ..WorkspaceFilter::default() };
        let mut request = WorkspaceListRequest { filter, limit: 1, ..WorkspaceListRequest::default() };
        let mut ids = Vec::new();
        loop {
            let page = list_workspace_costs(self.ctx(), actor, &request, february(), Some(counted)).await.unwrap();
            ids.extend(page.items.iter().map(|one| one.workspace.id));
            if page.next_cursor.is_none() {
                assert_eq!(page.total, u64::try_from(ids.len()).unwrap());
                return ids;
            }
            request.cursor = page.next_cursor;
        }
    }

    /// What is told now, which is what another process would reckon that has kept nothing.
    async fn told(&self) -> (Vec<EstimatedGroup>, Reconciled) {
        let (by, filter) = (EstimateBy::Bundle, WorkspaceFilter::default());
        let told = (self.groups(&everything(), by).await, Self::reconciled(self.ctx(), self.account).await);
        let other = Context { estimates: KeptEstimates::default(), ..self.ctx().clone() };
        let groups = cost_estimates(&other, &everything(), &filter, by, february()).await.unwrap();
        assert_eq!(told, (groups, Self::reconciled(&other, self.account).await));
        told
    }
}

/// How many WorkSpaces somebody is told of, and what they come to.
fn sums(groups: &[EstimatedGroup]) -> (u64, String) {
    let amounts = groups.iter().flat_map(|group| &group.estimates).map(|money| money.amount);
    (groups.iter().map(|group| group.workspaces).sum(), amounts.sum::<rust_decimal::Decimal>().normalize().to_string())
}

/// Whatever estimates are made from, changed in one place.
const CHANGES: usize = 13;

async fn change(trial: &Trial, number: usize) {
    let (db, begin) = (&trial.ctx().db, at("2026-02-01T00:00:00Z"));
    match number {
        0 => trial.usage(1, 5).await,
        1 => trial.known().await,
        2 => trial.prices(40).await,
        3 => {
            let always_on = ObservedWorkspace { running_mode: Some(RunningMode::AlwaysOn), ..trial.workspace(2) };
            trial.see(always_on).await;
        }
        4 => trial.called("TerminateWorkspaces", 3, begin).await,
        5 => drop(workspaces_mark_gone(db, &[trial.id(4)], begin).await.unwrap()),
        6 => {
            let bundle = ObservedBundle {
                aws_id: "wsb-001".to_owned(),
                name: "Standard".to_owned(),
                owner: "AMAZON".to_owned(),
                description: None,
                compute_type: None,
                root_volume_gib: None,
                user_volume_gib: None,
                image_id: None,
            };
            bundles_apply(db, &trial.sync(), &[bundle]).await.map(drop).unwrap();
        }
        7 => trial.see(trial.workspace(6)).await,
        8 => trial.see(ObservedWorkspace { bundle_id: "wsb-000".to_owned(), ..trial.workspace(5) }).await,
        9 => trail_prune(db, at("2026-03-01T00:00:00Z"), 100).await.map(drop).unwrap(),
        10 => usage_interval_prune(db, at("2026-03-01T00:00:00Z"), 100).await.map(drop).unwrap(),
        11 => {
            let tx = db.begin().await.unwrap();
            usage_day_prune(&tx, day("2026-03-01"), 100).await.unwrap();
            tx.commit().await.unwrap();
        }
        _ => usage_coverage_forget(db, at("2026-02-20T00:00:00Z"), 100).await.map(drop).unwrap(),
    }
}

both_databases! {
    async fn what_is_told_follows_what_it_is_made_of_at_once(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.bill().await;
        let mut before = trial.told().await;
        for number in 0..CHANGES {
            change(&trial, number).await;
            let after = trial.told().await;
            assert_ne!(after.0, before.0, "the change {number}");
            before = after;
        }
    }

    async fn what_costs_the_same_is_reckoned_once(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.known().await;
        let rows = trial.rows().await;
        let stopped = ObservedWorkspace { state: WorkspaceState::Stopped, ..trial.workspace(1) };
        trial.see(stopped).await;
        let (db, now) = (&trial.ctx().db, trial.ctx().env.now());
        workspaces_state_set(db, &[trial.id(2)], &WorkspaceState::Rebooting, now).await.unwrap();
        trial.called("RebootWorkspaces", 3, at("2026-02-10T00:00:00Z")).await;
        trial.prices(30).await;
        trial.groups(&everything(), EstimateBy::RunningMode).await;
        assert!(Arc::ptr_eq(&rows, &trial.rows().await), "nothing of that costs anything");
        trial.prices(31).await;
        assert!(!Arc::ptr_eq(&rows, &trial.rows().await));
        assert!(Arc::ptr_eq(&trial.rows().await, &trial.rows().await));
    }

    async fn what_the_comparison_counts_is_listed_one_by_one(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.bill().await;
        let (from, to) = (at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        let known: Vec<_> = (0..4).map(|number| (trial.id(number), from, to)).collect();
        usage_covered(&trial.ctx().db, &known).await.unwrap();
        let found = Trial::reconciled(trial.ctx(), trial.account).await;
        assert_eq!((found.counts.reckoned, found.counts.hours_unknown, found.counts.no_price), (6, 2, 0));
        let unknown = ReckonedAs::HoursUnknown;
        assert_eq!(trial.counted(unknown, &everything()).await, [trial.id(4), trial.id(5)]);
        assert!(trial.counted(ReckonedAs::NoPrice, &everything()).await.is_empty());
        // Whoever may see one desktop's usage is told of that one.
        let bills = Held { permissions: [Permission::CostRead].into(), scope: Scope::Everything };
        let own = Held { permissions: [Permission::UsageRead].into(), scope: Scope::own("user5@example.com") };
        assert_eq!(trial.counted(unknown, &somebody(5, vec![bills, own])).await, [trial.id(5)]);
    }

    async fn each_group_says_what_it_was_by_as_many_days_of_the_month_before(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let (all, mode) = (everything(), EstimateBy::RunningMode);
        trial.known().await;
        trial.usage(1, 5).await;
        let group = trial.groups(&all, mode).await.remove(0);
        let before = &group.before;
        assert_eq!((before.through, before.workspaces, before.hours_unknown), (day("2026-01-31"), 6, 6));
        assert!(group.differences.is_empty(), "hours of January are not known");

        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        let known: Vec<_> = (0..6).map(|number| (trial.id(number), from, to)).collect();
        usage_covered(&trial.ctx().db, &known).await.unwrap();
        let group = trial.groups(&all, mode).await.remove(0);
        let told = |money: &[Money]| money.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told(&group.before.estimates), ["58.50 USD"]);
        assert_eq!(told(&group.differences), ["1.80 USD"]);

        // What went before the month is told of, too: with it the differences add up.
        workspaces_mark_gone(&trial.ctx().db, &[trial.id(4)], at("2026-01-20T00:00:00Z")).await.unwrap();
        let people = trial.groups(&all, EstimateBy::Person).await;
        let gone = people.last().unwrap();
        assert_eq!((gone.key.as_str(), gone.workspaces, gone.before.workspaces), ("user4", 0, 1));
        assert!(gone.estimates.is_empty(), "{gone:?}");
        assert_eq!(told(&gone.differences), ["-9.75 USD"]);
        let sum: rust_decimal::Decimal = people.iter().flat_map(|one| &one.differences).map(|sum| sum.amount).sum();
        assert_eq!(sum.normalize().to_string(), "-7.95");

        // While a month runs, as many days as it has come to.
        let march: Month = "2026-03".parse().unwrap();
        for (days, through) in [(0, "2026-02-01"), (10, "2026-02-11"), (20, "2026-02-28")] {
            trial.harness.advance(TimeDelta::days(days).num_seconds());
            let groups = cost_estimates(trial.ctx(), &all, &WorkspaceFilter::default(), mode, march).await.unwrap();
            assert_eq!(groups[0].before.through, day(through));
        }
    }

    async fn each_is_told_of_their_own_part_of_the_same(backend) {
        let Some(mut trial) = Trial::new(backend).await else { return };
        trial.known().await;
        trial.usage(1, 5).await;
        let account = Reach::Account { account_id: trial.account };
        let bills = Held { permissions: [Permission::CostRead].into(), scope: Scope::only(account) };
        let over = |number: u128, name: &str| {
            let scope = Scope::own(&format!("{name}@example.com"));
            let desktops = Held { permissions: [Permission::UsageRead].into(), scope };
            somebody(number, vec![bills.clone(), desktops])
        };
        let (all, first, second, stranger) = (everything(), over(1, "user1"), over(2, "user2"), over(3, "nobody"));
        // Whoever asks first.
        for who in [[&all, &first, &second, &stranger], [&stranger, &second, &first, &all]] {
            trial.harness.ctx.estimates = KeptEstimates::default();
            let mut told = Vec::new();
            let mut kept = None;
            for one in who {
                told.push(sums(&trial.groups(one, EstimateBy::Bundle).await));
                let rows = trial.rows().await;
                assert!(Arc::ptr_eq(kept.get_or_insert_with(|| Arc::clone(&rows)), &rows), "all of the same");
            }
            told.sort();
            // One was connected for five hours, which with the time-out's one are six of 0.30 beside the fee.
            let (nothing, used, unused, fleet) = ((0_u64, "0"), (1, "11.55"), (1, "9.75"), (6, "60.3"));
            let expected = [nothing, used, unused, fleet].map(|(count, sum)| (count, sum.to_owned()));
            assert_eq!(told, expected);
        }
    }
}
