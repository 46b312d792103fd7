//! What requests cost adds up.

use super::*;
use crate::testing::db_test;
use domain::access::Scope;

db_test! {
    async fn requests_of_a_day_add_up(test) {
        let (one, two) = (test.account().await.account_id, test.account().await.account_id);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (account, on, service, requests) in [
            (one, "2026-02-01", "ce", 3), (one, "2026-02-01", "cloudwatch", 500), (one, "2026-02-01", "ce", 2),
            (one, "2026-02-02", "ce", 1), (two, "2026-02-01", "ce", 7),
        ] {
            api_spend_add(&test.db, account, day(on), service, requests, requests * 100_000_000).await.unwrap();
        }
        let listed = api_spend_list(&test.db, &Scope::Everything, Some(one), day("2026-02-01"), day("2026-02-02")).await.unwrap();
        let expected = [("ce", 5), ("cloudwatch", 500)].map(|(service, requests)| ApiSpendRecord {
            account_id: one, day: day("2026-02-01"), service: service.to_owned(), requests, amount_e10: requests * 100_000_000,
        });
        assert_eq!(listed, expected);
        let all = api_spend_list(&test.db, &Scope::Everything, None, day("2026-01-01"), day("2027-01-01")).await.unwrap();
        assert_eq!((all.len(), all.iter().map(|row| row.requests).sum::<i64>()), (4, 513));
        let nobody = api_spend_add(&test.db, AccountId(test.env.new_id()), day("2026-02-01"), "ce", 1, 1).await;
        assert!(matches!(nobody, Err(StoreError::Missing { .. })), "{nobody:?}");
    }
}
