//! Sums of costs: exact, by currency, by group, and of whole accounts within the scope alone.

use chrono::Duration;
use domain::access::{Reach, Scope};

use super::*;
use crate::repo::costs::{
    CostDayGroup, CostDayKey, CostDayRow, CostDaySum, CostTagDayRow, cost_daily, cost_days_replace,
    cost_tag_days_replace,
};
use crate::testing::{TestDb, db_test};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn cost(test: &TestDb, on: &str, region: &str, usage_type: &str, amount: &str) -> CostDayRow {
    let (amount, currency) = amount.split_once(' ').unwrap();
    CostDayRow {
        day: day(on),
        region: region.to_owned(),
        usage_type: usage_type.to_owned(),
        amount_e10: Money::parse(amount, currency.parse().unwrap()).unwrap().amount_e10().unwrap(),
        quantity_e10: 0,
        unit: "Hrs".to_owned(),
        currency: currency.to_owned(),
        estimated: on >= "2026-02-10",
        read_at: test.now(),
    }
}

fn shown(sums: &[CostSum]) -> Vec<String> {
    let one = |sum: &CostSum| format!("{}={}{}", sum.key, sum.amount, if sum.estimated { "?" } else { "" });
    sums.iter().map(one).collect()
}

/// Two accounts, of which the second is billed in two currencies.
async fn fill(test: &TestDb) -> [AccountId; 2] {
    let (one, two) = (test.account().await.account_id, test.account().await.account_id);
    let (from, to) = (day("2026-01-01"), day("2026-03-01"));
    let rows = [
        cost(test, "2026-01-31", "eu-central-1", "A", "100 USD"),
        cost(test, "2026-02-01", "eu-central-1", "A", "0.0000000001 USD"),
        cost(test, "2026-02-01", "us-east-1", "B", "2.5 USD"),
        cost(test, "2026-02-10", "", "B", "3 USD"),
    ];
    cost_days_replace(&test.db, one, from, to, &rows).await.unwrap();
    let rows = [
        cost(test, "2026-02-01", "eu-central-1", "A", "7 EUR"),
        cost(test, "2026-02-02", "eu-central-1", "A", "1 USD"),
    ];
    cost_days_replace(&test.db, two, from, to, &rows).await.unwrap();
    let tag = |value: &str, amount_e10| CostTagDayRow {
        day: day("2026-02-01"),
        tag_key: "Team".to_owned(),
        tag_value: value.to_owned(),
        amount_e10,
        currency: "USD".to_owned(),
        estimated: false,
        read_at: test.now(),
    };
    let tags = [tag("", 10_000_000_000), tag("Ops", 15_000_000_000)];
    cost_tag_days_replace(&test.db, one, "Team", from, to, &tags).await.unwrap();
    test.advance(Duration::hours(1));
    [one, two]
}

fn february(accounts: &[AccountId]) -> CostFilter {
    CostFilter { account_ids: accounts.to_vec(), regions: Vec::new(), from: day("2026-02-01"), to: day("2026-03-01") }
}

db_test! {
    async fn sums_are_exact_and_currencies_never_meet(test) {
        let accounts = fill(test).await;
        let sums = async |filter: &CostFilter, group| {
            shown(&cost_sums(&test.db, &Scope::Everything, filter, group).await.unwrap())
        };
        let all = february(&accounts);
        assert_eq!(sums(&all, CostGroup::Whole).await, ["=7.00 EUR", "=6.50 USD?"]);
        let exact = cost_sums(&test.db, &Scope::Everything, &all, CostGroup::Whole).await.unwrap();
        assert_eq!(exact[1].amount, Money::parse("6.5000000001", "USD".parse().unwrap()).unwrap());
        assert_eq!(
            sums(&all, CostGroup::Region).await,
            ["eu-central-1=7.00 EUR", "=3.00 USD?", "us-east-1=2.50 USD", "eu-central-1=1.00 USD"]
        );
        assert_eq!(
            sums(&all, CostGroup::Day).await,
            ["2026-02-01=7.00 EUR", "2026-02-01=2.50 USD", "2026-02-02=1.00 USD", "2026-02-10=3.00 USD?"]
        );
        assert_eq!(sums(&all, CostGroup::UsageType).await, ["A=7.00 EUR", "B=5.50 USD?", "A=1.00 USD"]);
        assert_eq!(sums(&all, CostGroup::Account).await.len(), 3);
        let both = CostFilter { from: day("2026-01-01"), ..february(&accounts[..1]) };
        assert_eq!(sums(&both, CostGroup::Month).await, ["2026-01=100.00 USD", "2026-02=5.50 USD?"]);
        let here = CostFilter { regions: vec!["us-east-1".to_owned()], ..all.clone() };
        assert_eq!(sums(&here, CostGroup::Whole).await, ["=2.50 USD"]);
        assert_eq!(sums(&february(&[]), CostGroup::Whole).await, Vec::<String>::new());
        let tags = cost_tag_sums(&test.db, &Scope::Everything, &all, "Team").await.unwrap();
        assert_eq!(shown(&tags), ["Ops=1.50 USD", "=1.00 USD"]);
        assert_eq!(cost_tag_sums(&test.db, &Scope::Everything, &all, "Stage").await.unwrap(), []);
    }

    async fn days_are_summed_by_the_series_of_their_key_and_currency(test) {
        let accounts = fill(test).await;
        let stage = CostTagDayRow {
            day: day("2026-02-01"),
            tag_key: "Stage".to_owned(),
            tag_value: "Ops".to_owned(),
            amount_e10: 900_000_000_000,
            currency: "USD".to_owned(),
            estimated: false,
            read_at: test.now(),
        };
        let (from, to) = (day("2026-01-01"), day("2026-03-01"));
        cost_tag_days_replace(&test.db, accounts[0], "Stage", from, to, &[stage]).await.unwrap();
        let days = async |group: CostDayGroup, keys: &[(&str, &str, u32)]| -> Vec<String> {
            let key = |(key, currency, series): &(&str, &str, u32)| CostDayKey {
                key: (*key).to_owned(),
                currency: currency.parse().unwrap(),
                series: *series,
            };
            let keys: Vec<_> = keys.iter().map(key).collect();
            let found = cost_daily(&test.db, &Scope::Everything, &february(&accounts), &group, &keys).await.unwrap();
            let shown = |one: &CostDaySum| {
                format!("{} {} {}{}", one.day.format("%d"), one.series, one.amount, if one.estimated { "?" } else { "" })
            };
            found.iter().map(shown).collect()
        };
        let by = CostDayGroup::Column(CostGroup::UsageType);
        let apart = [("A", "USD", 4), ("B", "USD", 5), ("A", "EUR", 6)];
        assert_eq!(
            days(by.clone(), &apart).await,
            ["01 4 0.00 USD", "01 5 2.50 USD", "01 6 7.00 EUR", "02 4 1.00 USD", "10 5 3.00 USD?"]
        );
        let together = [("A", "USD", 0), ("B", "USD", 0)];
        assert_eq!(days(by, &together).await, ["01 0 2.50 USD", "02 0 1.00 USD", "10 0 3.00 USD?"]);
        let team = CostDayGroup::Tag("Team".to_owned());
        assert_eq!(days(team, &[("Ops", "USD", 0), ("", "USD", 1)]).await, ["01 0 1.50 USD", "01 1 1.00 USD"]);
        assert_eq!(days(CostDayGroup::Column(CostGroup::Region), &[("", "USD", 0)]).await, ["10 0 3.00 USD?"]);
    }

    async fn a_part_of_an_account_sees_no_bill(test) {
        let accounts = fill(test).await;
        let all = february(&accounts);
        let account = |account_id| Scope::only(Reach::Account { account_id });
        let region = Scope::only(Reach::Region { region: "eu-central-1".parse().unwrap() });
        let directory = Scope::only(Reach::Directory { directory_id: test.env.new_id().into() });
        for (scope, expected) in [
            (account(accounts[0]), vec!["=5.50 USD?"]),
            (account(accounts[0]).union(region.clone()), vec!["=5.50 USD?"]),
            (region, vec![]),
            (directory, vec![]),
            (Scope::desktops(["grace"]), vec![]),
            (Scope::nothing(), vec![]),
        ] {
            let sums = cost_sums(&test.db, &scope, &all, CostGroup::Whole).await.unwrap();
            assert_eq!(shown(&sums), expected, "{scope:?}");
            let tags = cost_tag_sums(&test.db, &scope, &all, "Team").await.unwrap();
            assert_eq!(tags.is_empty(), expected.is_empty(), "{scope:?}");
        }
    }
}
