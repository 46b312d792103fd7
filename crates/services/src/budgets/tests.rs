//! Letters about crossings: to whom, once, and none where nobody should have one.

use chrono::NaiveDate;
use domain::access::{Actor, Grant, GrantReach, GrantedRole, Role};
use domain::ids::{AccountId, GrantId, UserId};
use domain::money::{Currency, Money};
use platform::mail::Mailer;
use store::queue::claim;
use store::repo::costs::{CostDayRow, cost_days_replace};
use store::repo::grants::{NewGrant, grant_insert};
use store::repo::people::user_update;
use store::repo::users::{NewUser, UserRecord, user_fetch, user_insert};
use uuid::Uuid;

use super::*;
use crate::Context;
use crate::idempotency::Keep;
use crate::testing::{FakeFleet, Harness, RecordedRun};

async fn person(ctx: &Context, number: u128, role: Role, reach: GrantReach) -> UserId {
    let (id, at) = (UserId(Uuid::from_u128(number)), ctx.env.now());
    let email = format!("user{number}@example.com");
    let new = NewUser { id, email, display_name: String::new(), password_hash: None, at };
    user_insert(&ctx.db, &new).await.unwrap();
    let grant = Grant { role: GrantedRole::BuiltIn(role), reach };
    grant_insert(&ctx.db, &NewGrant { id: GrantId(ctx.env.new_id()), user_id: id, grant, at }).await.unwrap();
    id
}

async fn disable(ctx: &Context, id: UserId) {
    let person = user_fetch(&ctx.db, id).await.unwrap().unwrap();
    let changed = UserRecord { enabled: false, ..person };
    assert!(user_update(&ctx.db, &changed, ctx.env.now()).await.unwrap());
}

/// A budget of 500 USD.
async fn budget(ctx: &Context, name: &str, reach: BudgetReach) -> BudgetState {
    let amount = Money::parse("500", Currency::USD).unwrap();
    let new = NewBudget { name: name.to_owned(), reach, amount, thresholds: vec![50, 80, 100] };
    create_budget_once(ctx, &Actor::system(), new, Keep::none()).await.unwrap()
}

/// A bill of so many dollars, of the first day of the month.
async fn billed(ctx: &Context, account: AccountId, dollars: i64) {
    let day: NaiveDate = "2026-03-01".parse().unwrap();
    let row = CostDayRow {
        day,
        region: "eu-central-1".to_owned(),
        usage_type: "EUC1-AW-HW-2".to_owned(),
        amount_e10: dollars * 10_000_000_000,
        quantity_e10: 0,
        unit: "Hrs".to_owned(),
        currency: "USD".to_owned(),
        estimated: true,
        read_at: ctx.env.now(),
    };
    cost_days_replace(&ctx.db, account, day, day.succ_opt().unwrap(), &[row]).await.unwrap();
}

/// Sends what waits, as a worker would; gives how many letters there were, and how many of them went.
async fn deliver(ctx: &Context) -> (usize, usize) {
    let kinds = [BudgetMailJob::NAME.to_owned()];
    let (mut waited, mut went) = (0, 0);
    for claimed in claim(&ctx.db, "worker", &kinds, 10, ctx.env.now()).await.unwrap() {
        let job: BudgetMailJob = serde_json::from_value(claimed.payload).unwrap();
        let report = send_budget_mail(ctx, &RecordedRun::new(claimed.lease.id), job).await.unwrap();
        waited += 1;
        went += usize::from(report.sent);
    }
    (waited, went)
}

fn receivers(ctx: &Context) -> Vec<String> {
    let mut all: Vec<_> = ctx.mail.kept().into_iter().map(|letter| letter.to).collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_crossing_is_told_once_to_those_who_may_change_the_budget() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let account = harness.account().await;
    person(ctx, 1, Role::Owner, GrantReach::Everything).await;
    person(ctx, 2, Role::Admin, GrantReach::Account(account)).await;
    // One sees it and may not change it, one has a region only, one may not sign in.
    person(ctx, 3, Role::Viewer, GrantReach::Everything).await;
    person(ctx, 4, Role::Admin, GrantReach::Region(harness.region())).await;
    let out = person(ctx, 5, Role::Admin, GrantReach::Everything).await;
    disable(ctx, out).await;
    budget(ctx, "Desktops", BudgetReach::Account(account)).await;
    billed(ctx, account, 450).await;

    assert_eq!(note_crossings(ctx).await.unwrap(), 2);
    assert_eq!(note_crossings(ctx).await.unwrap(), 0);
    assert_eq!(deliver(ctx).await, (2, 2), "one letter to each, whatever was crossed at once");
    assert_eq!(receivers(ctx), ["user1@example.com", "user2@example.com"]);
    let letters = ctx.mail.kept();
    assert_ne!(letters[0].id, letters[1].id);
    let letter = &letters[0];
    assert_eq!(letter.subject, "Budget: Desktops has passed 80 %");
    for said in [
        "Desktops\n",
        "Passed: 50 %, 80 %\n",
        "Month: March 2026\n",
        "Billed so far: 450.00 USD\n",
        "Budget for the month: 500.00 USD\n",
        "https://wheelhouse.example.org/costs#budgets-title\n",
    ] {
        assert!(letter.text.contains(said), "{said}: {}", letter.text);
    }

    billed(ctx, account, 500).await;
    assert_eq!(note_crossings(ctx).await.unwrap(), 1);
    assert_eq!(deliver(ctx).await, (2, 2));
    assert!(ctx.mail.kept()[2].text.contains("Passed: 100 %\n"));
}

#[tokio::test]
async fn who_should_not_have_it_gets_none() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let account = harness.account().await;
    let owner = person(ctx, 1, Role::Owner, GrantReach::Everything).await;
    // All accounts are more than theirs.
    person(ctx, 2, Role::Admin, GrantReach::Account(account)).await;
    let all = budget(ctx, "All", BudgetReach::Everything).await.budget;
    billed(ctx, account, 250).await;
    assert_eq!(note_crossings(ctx).await.unwrap(), 1);
    delete_budget(ctx, &Actor::system(), all.id, None).await.unwrap();
    assert_eq!(deliver(ctx).await, (1, 0), "the budget is gone");

    budget(ctx, "Again", BudgetReach::Everything).await;
    assert_eq!(note_crossings(ctx).await.unwrap(), 1);
    disable(ctx, owner).await;
    assert_eq!(deliver(ctx).await, (1, 0), "they may not sign in any more");
    assert!(ctx.mail.kept().is_empty());
}

#[tokio::test]
async fn without_a_mail_server_it_is_noted_and_nothing_waits() {
    let harness = Harness::new(FakeFleet::default()).await;
    let silent = Context { mail: Mailer::off(), ..harness.ctx.clone() };
    let account = harness.account().await;
    person(&silent, 1, Role::Owner, GrantReach::Everything).await;
    budget(&silent, "Desktops", BudgetReach::Everything).await;
    billed(&silent, account, 450).await;
    assert_eq!(note_crossings(&silent).await.unwrap(), 2);
    assert_eq!(harness.queued(BudgetMailJob::NAME).await, 0);
}
