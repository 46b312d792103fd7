//! Questions about money.

use domain::access::{Permission, Reach, Scope};
use domain::assistant::{Call, Dimension, Filters, Measure, Period, Tool};
use domain::sync::{DataSetStatus, SyncKind};
use store::repo::prices::{PriceRow, prices_replace};

use super::{Trial, day, everything, holding, said};
use crate::cost::{Advice, NotCompared, fetch_workspace_advice};
use crate::testing::both_databases;

const HOURS: &str = "EUC1-AW-HW-2-AutoStop-Usage";
const FEE: &str = "EUC1-AW-HW-2-AutoStop-User";

const BILLS: &[(&str, &str, &str, &str)] = &[
    ("2026-02-01", "eu-central-1", FEE, "58.5 USD"),
    ("2026-02-02", "eu-central-1", HOURS, "4.2 USD"),
    ("2026-02-03", "us-east-1", "AW-HW-2-AutoStop-Usage", "1112.30 USD"),
    ("2026-03-02", "eu-central-1", HOURS, "10 USD"),
    ("2026-03-09", "eu-central-1", HOURS, "2.5 USD"),
];

fn february() -> Call {
    Call { period: Some(Period::Month("2026-02".parse().unwrap())), ..Call::of(Tool::Cost) }
}

fn price(sku: &str, usage_type: &str, unit: &str, amount: i64) -> PriceRow {
    PriceRow {
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
        price_e10: amount * 100_000_000,
        currency: "USD".to_owned(),
        effective_at: None,
        read_at: chrono::DateTime::UNIX_EPOCH,
    }
}

both_databases! {
    async fn bills_in_all_by_group_and_compared(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.bills(BILLS).await;
        trial.tag_bills(&[("2026-02-01", "Finance", 5000), ("2026-02-01", "", 850)]).await;
        assert_eq!(trial.said(february()).await, "In February 2026 AWS billed 1,175.00 USD.");
        let by = |by| Call { by: Some(by), ..february() };
        let regions = trial.said(by(Dimension::Region)).await;
        assert!(regions.ends_with("By region: 1,112.30 USD in us-east-1 and 62.70 USD in eu-central-1."), "{regions}");
        let team = trial.said(by(Dimension::Team)).await;
        assert!(team.ends_with("By team: 50.00 USD of the team Finance and 8.50 USD without a team."), "{team}");
        let days = trial.said(Call { measure: Measure::Most, ..by(Dimension::Day) }).await;
        assert!(days.ends_with("Most was: 1,112.30 USD on 2026-02-03."), "{days}");
        let account = trial.said(by(Dimension::Account)).await;
        assert!(account.contains("By account: 1,175.00 USD in the account Demo"), "{account}");
        let state = trial.said(by(Dimension::State)).await;
        assert!(state.ends_with("Bills can be told apart by account, region, day, month and team, not by state."), "{state}");
        let march = Call { compared_with: february().period, ..Call::of(Tool::Cost) };
        assert_eq!(
            trial.said(march).await,
            "In March 2026 AWS billed 12.50 USD, so far; part of it is AWS's estimate and may still change. In February 2026 it was \
             1,175.00 USD; the time asked about first has 1,162.50 USD less, which is 98.9 % less."
        );
        let here = Filters { regions: vec!["us-east-1".to_owned()], states: vec!["STOPPED".into()], ..Filters::default() };
        assert_eq!(
            trial.said(Call { filters: here, ..february() }).await,
            "In February 2026 AWS billed in us-east-1 for all WorkSpaces together, since bills are not narrowed further, 1,112.30 USD."
        );
    }

    async fn two_currencies_never_meet(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.bills(&[("2026-02-01", "eu-central-1", FEE, "10 USD"), ("2026-02-02", "eu-central-1", HOURS, "7.5 EUR")]).await;
        assert_eq!(trial.said(february()).await, "In February 2026 AWS billed 7.50 EUR and 10.00 USD.");
        let compared = Call { compared_with: Some(Period::Days(day("2026-02-01"), day("2026-02-01"))), ..february() };
        assert!(trial.said(compared).await.ends_with("On 2026-02-01 it was 10.00 USD; the time asked about first has 0.00 USD more, which is 0 % more."));
    }

    async fn who_has_a_part_of_an_account_sees_none_of_its_bill(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.bills(BILLS).await;
        let region = Scope::only(Reach::Region { region: trial.harness.region() });
        for tool in [Tool::Cost, Tool::Forecast, Tool::Savings] {
            let actor = holding(&[Permission::CostRead, Permission::UsageRead], region.clone());
            let said = said(&trial.found(&actor, Call::of(tool)).await);
            assert_eq!(said, "AWS bills whole accounts, and your roles give you the permission cost:read for no account as a whole.");
        }
        let whole = Scope::only(Reach::Account { account_id: trial.account });
        let seen = said(&trial.found(&holding(&[Permission::CostRead], whole), february()).await);
        assert_eq!(seen, "In February 2026 AWS billed 1,175.00 USD.");
        let other = Filters { accounts: vec!["Payroll".to_owned()], ..Filters::default() };
        let said = trial.said(Call { filters: other, ..february() }).await;
        assert_eq!(said, "What is asked about is none of the accounts whose costs you may see, of which there is 1.");
    }

    async fn what_was_never_read_is_said(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let never = trial.said(february()).await;
        assert!(never.starts_with("In February 2026 nothing was billed, as far as bills were read. Never read were the bills of the account Demo"), "{never}");
        trial.data_set(SyncKind::Billing, DataSetStatus::Failed, Some("ce:GetCostAndUsage")).await;
        let denied = trial.said(february()).await;
        assert!(denied.ends_with("are not complete: AWS does not permit ce:GetCostAndUsage."), "{denied}");
        trial.bills(BILLS).await;
        let january = Call { period: Some(Period::Month("2026-01".parse().unwrap())), ..Call::of(Tool::Cost) };
        assert!(trial.said(january).await.ends_with("Before 2026-01-15 bills are not known of every account."));
    }

    async fn the_month_is_reckoned_from_final_days(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let rows: Vec<_> = day("2026-02-09").iter_days().take(30).map(|on| on.to_string()).collect();
        let rows: Vec<_> = rows.iter().map(|on| (on.as_str(), "eu-central-1", HOURS, "2 USD")).collect();
        trial.bills(&rows).await;
        // The 8th of March is the last final day: eight days of 2 USD, and 23 more are to come.
        assert_eq!(
            trial.said(Call::of(Tool::Forecast)).await,
            "March 2026 will come to about 62.00 USD: 16.00 USD is final up to 2026-03-08, and the days behind that are reckoned at the \
             mean of 28 final days."
        );
        let ahead = Call { period: Some(Period::Month("2026-05".parse().unwrap())), ..Call::of(Tool::Forecast) };
        assert_eq!(trial.said(ahead).await, "I can reckon the running month only, which is March 2026.");
        trial.bills(&[]).await;
        let none = trial.said(Call::of(Tool::Forecast)).await;
        assert!(none.starts_with("Not enough is billed and final yet to say it of Demo"), "{none}");
    }

    async fn savings_are_those_of_the_month_before(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let (db, region) = (&trial.harness.ctx.db, trial.harness.region());
        let prices = [
            price("a", "EUC1-AW-HW-2", "Month", 3500),
            price("b", FEE, "Month", 975),
            price("c", HOURS, "Hour", 30),
        ];
        prices_replace(db, trial.account, &region, &prices).await.unwrap();
        trial.bills(BILLS).await;
        // Of February: 0 is ALWAYS_ON and was used for 5 hours, 1 is AUTO_STOP and was used for 14 hours on each of 10 days.
        let days: Vec<_> = day("2026-02-02").iter_days().take(10).map(|on| on.to_string()).collect();
        let mut used: Vec<_> = days.iter().map(|on| (1, on.as_str(), 14)).collect();
        used.push((0, "2026-02-03", 5));
        used.extend((2..5).map(|number| (number, "2026-02-04", 3)));
        trial.usage(&used).await;
        let said = trial.said(Call::of(Tool::Savings)).await;
        // Hours: 0 has 5 and the time-out's one: 9.75 + 6 × 0.30 = 11.55 instead of 35. 1 has 10 × 15: 9.75 + 45 = 54.75 instead
        // of 35. 5 was not used: 9.75. The others: 4 hours each, which is cheapest as it is.
        assert!(said.starts_with("I looked at 6 WorkSpaces in February 2026."), "{said}");
        assert!(said.contains("A month like it would cost less by removing what nobody used: 9.75 USD on 1 WorkSpace."), "{said}");
        assert!(said.contains("by running as AUTO_STOP what was used little: 23.45 USD on 1 WorkSpace."), "{said}");
        assert!(said.contains("by running as ALWAYS_ON what was used much: 19.75 USD on 1 WorkSpace."), "{said}");
        assert!(
            said.ends_with(
                "The most is saved on user0 (ws-000000000) with 23.45 USD as AUTO_STOP, user1 (ws-000000001) with 19.75 USD as \
                 ALWAYS_ON and user5 (ws-000000005) with 9.75 USD by removing it."
            ),
            "{said}"
        );
        // Of each alone the same is said, with what it stands on.
        let alone = async |number| {
            let found = fetch_workspace_advice(&trial.harness.ctx, &everything(), trial.id(number)).await.unwrap().unwrap();
            let advice = found.advice.map(|(advice, saving)| (advice, saving.to_text(2)));
            (found.compared.map(|month| (month.hours, month.always_on.to_text(2), month.auto_stop.to_text(2))), advice)
        };
        let of = |hours, auto_stop: &str| Ok((hours, "35.00".to_owned(), auto_stop.to_owned()));
        assert_eq!(alone(0).await, (of(6, "11.55"), Some((Advice::AutoStop, "23.45".to_owned()))));
        assert_eq!(alone(1).await, (of(150, "54.75"), Some((Advice::AlwaysOn, "19.75".to_owned()))));
        assert_eq!(alone(2).await, (of(4, "10.95"), None));
        assert_eq!(alone(5).await, (of(0, "9.75"), Some((Advice::Remove, "9.75".to_owned()))));
        prices_replace(db, trial.account, &region, &[]).await.unwrap();
        assert_eq!(alone(0).await, (Err(NotCompared::NoPrice), None));
        let none = trial.said(Call::of(Tool::Savings)).await;
        assert_eq!(
            none,
            "I looked at no WorkSpaces in February 2026 and found nothing to save. For 6 WorkSpaces there is no price in AWS's list."
        );
        let january = Call { period: Some(Period::Month("2026-01".parse().unwrap())), ..Call::of(Tool::Savings) };
        assert!(trial.said(january).await.contains("Of 6 WorkSpaces the usage is not known for the whole month."));
        let facts = trial.found(&everything(), Call::of(Tool::Savings)).await;
        assert_eq!(facts.sources[0].href, "/workspaces?sort=last_connected_at");
    }
}
