//! Prices: a region's list is replaced, and what did not change is left alone.

use chrono::Duration;

use super::*;
use crate::error::StoreError;
use crate::testing::{TestDb, db_test};

fn price(test: &TestDb, sku: &str, price_e10: i64) -> PriceRow {
    PriceRow {
        sku: sku.to_owned(),
        bundle: Some("Standard".to_owned()),
        compute_type: None,
        license: Some("Included".to_owned()),
        operating_system: Some("Windows".to_owned()),
        root_gb: Some(80),
        user_gb: Some(50),
        running_mode: Some("AutoStop".to_owned()),
        unit: "hour".to_owned(),
        usage_type: Some("AW-HW-2-AutoStop-Usage".to_owned()),
        price_e10,
        currency: "USD".to_owned(),
        effective_at: Some(test.now() - Duration::days(30)),
        read_at: test.now(),
    }
}

db_test! {
    async fn a_regions_prices_are_replaced(test) {
        let ctx = test.account().await;
        let elsewhere: Region = "us-east-1".parse().unwrap();
        let mut first = vec![price(test, "A", 3_000_000_000), price(test, "B", i64::MAX), price(test, "C", 0)];
        first[2].effective_at = None;
        let put = |region: Region, rows: Vec<PriceRow>| async move {
            prices_replace(&test.db, ctx.account_id, &region, &rows).await.unwrap()
        };
        let counted = |added, changed, removed, unchanged| ReplaceOutcome { added, changed, removed, unchanged };
        assert_eq!(put(ctx.region.clone(), first.clone()).await, counted(3, 0, 0, 0));
        assert_eq!(put(elsewhere.clone(), first[..1].to_vec()).await, counted(1, 0, 0, 0));
        assert_eq!(price_list(&test.db, ctx.account_id, &ctx.region).await.unwrap(), first);
        test.advance(Duration::hours(24));
        let mut second = vec![price(test, "A", 3_000_000_000), price(test, "B", 7), price(test, "D", 1)];
        second[0].effective_at = first[0].effective_at;
        assert_eq!(put(ctx.region.clone(), second.clone()).await, counted(1, 1, 1, 1));
        second[0].read_at = first[0].read_at;
        assert_eq!(price_list(&test.db, ctx.account_id, &ctx.region).await.unwrap(), second);
        assert_eq!(price_list(&test.db, ctx.account_id, &elsewhere).await.unwrap(), first[..1]);
        let nobody = prices_replace(&test.db, AccountId(test.env.new_id()), &elsewhere, &first).await;
        assert!(matches!(nobody, Err(StoreError::Missing { .. })), "{nobody:?}");
    }
}
