//! Costs: whole days are replaced, what did not change is left alone, sums and the last final day.

use chrono::Duration;
use domain::access::Scope;

use super::*;
use crate::repo::api_spend::{api_spend_add, api_spend_list};
use crate::repo::changes::ReplaceOutcome;
use crate::testing::{TestDb, db_test};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn cost(test: &TestDb, on: &str, usage_type: &str, amount_e10: i64) -> CostDayRow {
    CostDayRow {
        day: day(on),
        region: "eu-central-1".to_owned(),
        usage_type: usage_type.to_owned(),
        amount_e10,
        quantity_e10: 30_000_000_000,
        unit: "Hours".to_owned(),
        currency: "USD".to_owned(),
        estimated: false,
        read_at: test.now(),
    }
}

fn counted(added: u64, changed: u64, removed: u64, unchanged: u64) -> ReplaceOutcome {
    ReplaceOutcome { added, changed, removed, unchanged }
}

db_test! {
    async fn whole_days_are_replaced(test) {
        let account = test.account().await.account_id;
        let (from, to) = (day("2026-02-01"), day("2026-02-03"));
        let first = vec![
            cost(test, "2026-02-01", "A", 9_007_199_254_740_993), cost(test, "2026-02-01", "B", -5), cost(test, "2026-02-02", "A", 7),
        ];
        let outside = vec![cost(test, "2026-01-31", "A", 1), cost(test, "2026-02-03", "A", 2)];
        cost_days_replace(&test.db, account, day("2026-01-31"), day("2026-02-01"), &outside).await.unwrap();
        cost_days_replace(&test.db, account, day("2026-02-03"), day("2026-02-04"), &outside).await.unwrap();
        let given = [first.clone(), vec![cost(test, "2026-02-03", "Z", 3)]].concat();
        let tx = test.db.begin().await.unwrap();
        let outcome = cost_days_replace(&tx, account, from, to, &given).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(outcome, counted(3, 0, 0, 0));
        assert_eq!(cost_days(&test.db, account, from, to).await.unwrap(), first);

        // Later: one as it was, one other, one gone, one new. What is as it was is not written.
        test.advance(Duration::hours(1));
        let mut second = vec![
            cost(test, "2026-02-01", "A", 9_007_199_254_740_993), cost(test, "2026-02-02", "A", 8), cost(test, "2026-02-02", "C", 9),
        ];
        second[1].estimated = true;
        let outcome = cost_days_replace(&test.db, account, from, to, &second).await.unwrap();
        assert_eq!(outcome, counted(1, 1, 1, 1));
        second[0].read_at = first[0].read_at;
        assert_eq!(cost_days(&test.db, account, from, to).await.unwrap(), second);
        assert_eq!(cost_days_replace(&test.db, account, from, to, &second).await.unwrap(), counted(0, 0, 0, 3));
        // The days around it were left alone, and another account's are its own.
        let all = cost_days(&test.db, account, day("2026-01-01"), day("2026-03-01")).await.unwrap();
        assert_eq!(all.len(), 5);
        let other = test.account().await.account_id;
        assert_eq!(cost_days_replace(&test.db, other, from, to, &[]).await.unwrap(), counted(0, 0, 0, 0));
        assert_eq!(cost_days(&test.db, account, from, to).await.unwrap().len(), 3);
        // A month that AWS shows nothing of any more.
        assert_eq!(cost_days_replace(&test.db, account, from, to, &[]).await.unwrap(), counted(0, 0, 3, 0));
        let refused = cost_days_replace(&test.db, AccountId(test.env.new_id()), from, to, &first).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
    }

    async fn tags_are_replaced_one_key_at_a_time(test) {
        let account = test.account().await.account_id;
        let (from, to) = (day("2026-02-01"), day("2026-02-03"));
        let row = |key: &str, value: &str, amount_e10: i64| CostTagDayRow {
            day: from, tag_key: key.to_owned(), tag_value: value.to_owned(), amount_e10, currency: "USD".to_owned(),
            estimated: false, read_at: test.now(),
        };
        let team = [row("Team", "", 3), row("Team", "Öps ☂", 4)];
        let outcome = cost_tag_days_replace(&test.db, account, "Team", from, to, &team).await.unwrap();
        assert_eq!(outcome, counted(2, 0, 0, 0));
        let stage = [row("Stage", "prod", 7), row("Team", "ops", 100)];
        assert_eq!(cost_tag_days_replace(&test.db, account, "Stage", from, to, &stage).await.unwrap(), counted(1, 0, 0, 0));
        let team = [row("Team", "", 5)];
        assert_eq!(cost_tag_days_replace(&test.db, account, "Team", from, to, &team).await.unwrap(), counted(0, 1, 1, 0));
        let kept = cost_tag_days(&test.db, account, from, to).await.unwrap();
        assert_eq!(kept, [row("Stage", "prod", 7), row("Team", "", 5)]);
    }

    async fn months_are_summed_exactly_and_final_days_found(test) {
        let account = test.account().await.account_id;
        assert_eq!(cost_last_final_day(&test.db, account).await.unwrap(), None);
        assert_eq!(cost_total_by_month(&test.db, Some(account)).await.unwrap(), []);
        let mut rows = vec![
            cost(test, "2026-01-31", "A", 9_007_199_254_740_993), cost(test, "2026-01-01", "A", 2),
            cost(test, "2026-02-01", "A", 5), cost(test, "2026-02-02", "A", 6),
        ];
        let put = |rows: Vec<CostDayRow>| async move {
            cost_days_replace(&test.db, account, day("2026-01-01"), day("2026-03-01"), &rows).await.unwrap();
            cost_last_final_day(&test.db, account).await.unwrap()
        };
        assert_eq!(put(rows.clone()).await, Some(day("2026-02-02")));
        rows[3].estimated = true;
        assert_eq!(put(rows.clone()).await, Some(day("2026-02-01")));
        let month = |text: &str, amount_e10: i64, estimated: bool| CostMonth {
            account_id: account, month: day(text), currency: "USD".to_owned(), amount_e10, estimated,
        };
        let expected = [month("2026-01-01", 9_007_199_254_740_995, false), month("2026-02-01", 11, true)];
        assert_eq!(cost_total_by_month(&test.db, Some(account)).await.unwrap(), expected);
        assert_eq!(cost_total_by_month(&test.db, None).await.unwrap(), expected);
        // An estimated first day: nothing is final, whatever comes behind it.
        rows[1].estimated = true;
        assert_eq!(put(rows).await, None);
    }

    async fn what_is_older_than_a_day_is_forgotten_by_portions(test) {
        let (one, other) = (test.account().await.account_id, test.account().await.account_id);
        let (from, limit, to) = (day("2026-01-01"), day("2026-01-05"), day("2026-02-01"));
        let days = ["2026-01-01", "2026-01-04", "2026-01-05", "2026-01-31"];
        for account in [one, other] {
            let costs: Vec<_> = days.iter().map(|on| cost(test, on, "A", 1)).collect();
            cost_days_replace(&test.db, account, from, to, &costs).await.unwrap();
            let tags: Vec<_> = days
                .iter()
                .map(|on| CostTagDayRow {
                    day: day(on),
                    tag_key: "Team".to_owned(),
                    tag_value: "A".to_owned(),
                    amount_e10: 1,
                    currency: "USD".to_owned(),
                    estimated: false,
                    read_at: test.now(),
                })
                .collect();
            cost_tag_days_replace(&test.db, account, "Team", from, to, &tags).await.unwrap();
            for on in days {
                api_spend_add(&test.db, account, day(on), "ce", 1, 100_000_000).await.unwrap();
            }
        }
        // Four rows each: three, one, none.
        for expected in [3, 1, 0] {
            assert_eq!(cost_day_prune(&test.db, limit, 3).await.unwrap(), expected);
            assert_eq!(cost_tag_day_prune(&test.db, limit, 3).await.unwrap(), expected);
            assert_eq!(api_spend_prune(&test.db, limit, 3).await.unwrap(), expected);
        }
        let left: Vec<_> = days[2..].iter().map(|on| day(on)).collect();
        for account in [one, other] {
            let costs = cost_days(&test.db, account, from, to).await.unwrap();
            assert_eq!(costs.iter().map(|row| row.day).collect::<Vec<_>>(), left);
            let tags = cost_tag_days(&test.db, account, from, to).await.unwrap();
            assert_eq!(tags.iter().map(|row| row.day).collect::<Vec<_>>(), left);
            let spent = api_spend_list(&test.db, &Scope::Everything, Some(account), from, to).await.unwrap();
            assert_eq!(spent.iter().map(|row| row.day).collect::<Vec<_>>(), left);
        }
    }
}
