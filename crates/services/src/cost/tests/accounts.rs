//! Several accounts: each is compared as alone, they are added up, and what is reckoned of each is what is kept.

use domain::access::{Held, Permission, Reach, Scope};
use sea_orm::ConnectionTrait as _;
use store::repo::accounts::account_list;

use super::{Trial, everything, february, somebody};
use crate::Context;
use crate::cost::{KeptEstimates, ReconciledSum, reconcile_accounts};
use crate::testing::both_databases;

both_databases! {
    async fn accounts_are_compared_as_each_alone_and_added_up(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        let (ctx, harness) = (trial.ctx(), &trial.harness);
        let (dollars, yuan, unread) = (harness.account().await, harness.account().await, harness.account().await);
        trial.bill().await;
        trial.billed(dollars, "USD").await;
        trial.billed(yuan, "CNY").await;
        let found = reconcile_accounts(ctx, &everything(), february()).await.unwrap();
        assert_eq!(found.accounts.len(), 4);
        let by_name = account_list(&ctx.db, &Scope::Everything).await.unwrap();
        let by_name: Vec<_> = by_name.iter().map(|one| one.id).collect();
        let order: Vec<_> = found.accounts.iter().map(|one| one.account_id).collect();
        assert_eq!(order, by_name, "by name, whichever was compared first");
        for one in &found.accounts {
            let alone = Trial::reconciled(ctx, one.account_id).await;
            assert_eq!((&one.account_name, one.through, one.counts), (&alone.account_name, alone.through, alone.counts));
            let sums: Vec<_> = one.sums.iter().map(|sum| (sum.billed, sum.estimated, sum.difference)).collect();
            let expected = alone.currencies.iter().map(|sum| (sum.billed, sum.estimated, sum.difference));
            assert_eq!(sums, expected.collect::<Vec<_>>());
            assert_eq!((one.through.is_none(), sums.is_empty()), (one.account_id == unread, one.account_id == unread));
        }
        // Another currency is a sum of its own; WorkSpaces were reckoned in the first account alone.
        let billed = |sum: &ReconciledSum| format!("{} {}", sum.billed.amount.normalize(), sum.billed.currency);
        assert_eq!(found.totals.iter().map(billed).collect::<Vec<_>>(), ["3 CNY", "6 USD"]);
        let estimated = Trial::reconciled(ctx, trial.account).await.currencies[0].estimated;
        assert_eq!((found.totals[0].estimated.is_zero(), estimated.is_zero()), (true, false));
        assert_eq!(found.totals[1].estimated, estimated);
        for sum in &found.totals {
            assert_eq!(sum.billed.checked_sub(&sum.estimated).unwrap().amount, sum.difference.amount);
        }

        let bills = |reach| Held { permissions: [Permission::CostRead].into(), scope: Scope::only(reach) };
        let of_one = somebody(3, vec![bills(Reach::Account { account_id: yuan })]);
        let found = reconcile_accounts(ctx, &of_one, february()).await.unwrap();
        assert_eq!(found.accounts.iter().map(|one| one.account_id).collect::<Vec<_>>(), [yuan]);
        assert_eq!(found.totals, found.accounts[0].sums);
        let of_region = somebody(4, vec![bills(Reach::Region { region: harness.region() })]);
        let found = reconcile_accounts(ctx, &of_region, february()).await.unwrap();
        assert!(found.accounts.is_empty() && found.totals.is_empty(), "a region is no bill");
        assert!(reconcile_accounts(ctx, &somebody(5, Vec::new()), february()).await.is_err());
    }

    async fn sums_are_of_what_is_kept(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.bill().await;
        let (ctx, all) = (trial.ctx(), everything());
        let before = reconcile_accounts(ctx, &all, february()).await.unwrap();
        // Gone without a mark, which only whoever reckons anew can notice.
        ctx.db.execute_unprepared("DELETE FROM price").await.unwrap();
        assert_eq!(reconcile_accounts(ctx, &all, february()).await.unwrap(), before);
        let other = Context { estimates: KeptEstimates::default(), ..ctx.clone() };
        assert_ne!(reconcile_accounts(&other, &all, february()).await.unwrap(), before);
    }
}
