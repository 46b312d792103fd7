//! Data sets: places that no run has ended of are shown, and what a run does not say is kept.

use chrono::Duration;
use domain::access::Scope;
use sea_orm::ActiveValue::Set;

use super::*;
use crate::entity::account;
use crate::testing::{TestDb, db_test};

fn update(test: &TestDb, account_id: AccountId, region: &Region, kind: SyncKind) -> DataSetUpdate {
    DataSetUpdate {
        account_id,
        region: region.clone(),
        kind,
        status: DataSetStatus::Ok,
        fresh_at: Some(test.now()),
        covered_from: Some(test.now() - Duration::days(90)),
        covered_to: Some(test.now()),
        gaps: Some(vec![Gap {
            from: test.now() - Duration::days(3),
            to: test.now() - Duration::days(2),
            reason: "denied".to_owned(),
        }]),
        last_run_id: Some(SyncRunId(test.env.new_id())),
        last_error: None,
        missing_permission: None,
        at: test.now(),
    }
}

db_test! {
    async fn places_without_a_run_are_listed_as_never(test) {
        let ctx = test.account().await;
        let other = test.account().await;
        let listed = data_set_list(&test.db, &Scope::Everything, Some(ctx.account_id)).await.unwrap();
        assert_eq!(listed.len(), SyncKind::ALL.len());
        assert!(listed.iter().all(|set| set.status == DataSetStatus::Never && set.updated_at.is_none()));
        let billing: Vec<_> = listed.iter().filter(|set| set.kind == SyncKind::Billing).collect();
        assert_eq!(billing.len(), 1);
        assert_eq!(billing[0].region.as_str(), COST_REGION);
        assert!(listed.iter().filter(|set| set.kind != SyncKind::Billing).all(|set| set.region == ctx.region));

        data_set_put(&test.db, &update(test, ctx.account_id, &ctx.region, SyncKind::Usage)).await.unwrap();
        let all = data_set_list(&test.db, &Scope::Everything, None).await.unwrap();
        assert_eq!(all.len(), 2 * SyncKind::ALL.len());
        let known: Vec<_> = all.iter().filter(|set| set.status != DataSetStatus::Never).collect();
        assert_eq!((known.len(), known[0].account_id, known[0].kind), (1, ctx.account_id, SyncKind::Usage));
        let mut sorted = all.clone();
        sorted.sort_by(|a, b| (a.account_id, &a.region, a.kind).cmp(&(b.account_id, &b.region, b.kind)));
        assert_eq!(all, sorted);

        // A switched off account has no places to look at, but keeps what is known of it.
        for id in [ctx.account_id, other.account_id] {
            let off = account::ActiveModel { id: Set(id.0), enabled: Set(false), ..Default::default() };
            account::Entity::update(off).exec(&test.db).await.unwrap();
        }
        let kept = data_set_list(&test.db, &Scope::Everything, None).await.unwrap();
        assert_eq!(kept.iter().map(|set| (set.account_id, set.kind)).collect::<Vec<_>>(), [(ctx.account_id, SyncKind::Usage)]);
    }

    async fn what_a_run_does_not_say_is_kept(test) {
        let ctx = test.account().await;
        let first = update(test, ctx.account_id, &ctx.region, SyncKind::CloudTrail);
        data_set_put(&test.db, &first).await.unwrap();
        test.advance(Duration::minutes(5));
        let failed = DataSetUpdate {
            status: DataSetStatus::Failed,
            fresh_at: None,
            covered_from: None,
            covered_to: None,
            gaps: None,
            last_error: Some("access denied".to_owned()),
            missing_permission: Some("cloudtrail:LookupEvents".to_owned()),
            last_run_id: Some(SyncRunId(test.env.new_id())),
            at: test.now(),
            ..first.clone()
        };
        data_set_put(&test.db, &failed).await.unwrap();
        let set = data_set_fetch(&test.db, ctx.account_id, &ctx.region, SyncKind::CloudTrail).await.unwrap();
        let (was, is) = (first, failed.clone());
        assert_eq!(set, DataSetRecord {
            account_id: was.account_id,
            region: was.region.clone(),
            kind: SyncKind::CloudTrail,
            status: DataSetStatus::Failed,
            fresh_at: was.fresh_at,
            covered_from: was.covered_from,
            covered_to: was.covered_to,
            gaps: was.gaps.clone().unwrap(),
            last_run_id: is.last_run_id,
            last_error: is.last_error,
            missing_permission: is.missing_permission,
            updated_at: Some(is.at),
        });
        // And a whole run clears the error and the gaps.
        let whole = DataSetUpdate { gaps: Some(Vec::new()), ..was };
        data_set_put(&test.db, &whole).await.unwrap();
        let set = data_set_fetch(&test.db, ctx.account_id, &ctx.region, SyncKind::CloudTrail).await.unwrap();
        assert_eq!((set.status, set.last_error, set.missing_permission, set.gaps), (DataSetStatus::Ok, None, None, Vec::new()));
        let never = data_set_fetch(&test.db, ctx.account_id, &ctx.region, SyncKind::Prices).await.unwrap();
        assert_eq!(never.status, DataSetStatus::Never);
    }

    async fn an_account_that_is_not_there_has_no_data_set(test) {
        let ctx = test.account().await;
        let nobody = update(test, AccountId(test.env.new_id()), &ctx.region, SyncKind::Usage);
        let refused = data_set_put(&test.db, &nobody).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
    }

    async fn what_is_forgotten_is_no_longer_said_to_be_known(test) {
        let ctx = test.account().await;
        let there: Region = "us-west-2".parse().unwrap();
        let old: Region = "us-west-1".parse().unwrap();
        let new: Region = "us-east-1".parse().unwrap();
        let day = |days: i64| test.now() - Duration::days(days);
        let gap = |from: i64, to: i64| Gap { from: day(from), to: day(to), reason: "denied".to_owned() };
        let put = async |region: &Region, kind, from, to, gaps| {
            let update = DataSetUpdate {
                covered_from: Some(day(from)),
                covered_to: Some(day(to)),
                gaps: Some(gaps),
                ..update(test, ctx.account_id, region, kind)
            };
            data_set_put(&test.db, &update).await.unwrap();
        };
        let gaps = || vec![gap(80, 70), gap(60, 50), gap(40, 30)];
        put(&ctx.region, SyncKind::CloudTrail, 90, 0, gaps()).await;
        put(&there, SyncKind::CloudTrail, 90, 58, vec![gap(80, 70)]).await;
        put(&old, SyncKind::CloudTrail, 90, 55, vec![gap(60, 56)]).await;
        put(&new, SyncKind::CloudTrail, 20, 0, Vec::new()).await;
        put(&ctx.region, SyncKind::Usage, 90, 0, gaps()).await;
        let fetch = async |region: &Region, kind| data_set_fetch(&test.db, ctx.account_id, region, kind).await.unwrap();
        let before = fetch(&ctx.region, SyncKind::CloudTrail).await;

        assert_eq!(data_set_forget(&test.db, SyncKind::CloudTrail, day(55)).await.unwrap(), 3);
        let after = fetch(&ctx.region, SyncKind::CloudTrail).await;
        let expected = DataSetRecord { covered_from: Some(day(55)), gaps: vec![gap(55, 50), gap(40, 30)], ..before };
        assert_eq!(after, expected);
        for place in [&there, &old] {
            let one = fetch(place, SyncKind::CloudTrail).await;
            assert_eq!((one.covered_from, one.covered_to, one.gaps), (None, None, Vec::new()));
            assert_eq!(one.status, DataSetStatus::Ok);
        }
        assert_eq!(fetch(&new, SyncKind::CloudTrail).await.covered_from, Some(day(20)));
        assert_eq!(fetch(&ctx.region, SyncKind::Usage).await.gaps, gaps());
        assert_eq!(data_set_forget(&test.db, SyncKind::CloudTrail, day(55)).await.unwrap(), 0);
    }
}
