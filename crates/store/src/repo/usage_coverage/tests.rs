//! Coverage of usage: what is due and why, how stretches join, what is taken back and what is forgotten.

use chrono::{Duration, NaiveTime};
use sea_orm::ConnectionTrait as _;

use super::*;
use crate::repo::inventory::{SyncContext, inventory_apply};
use crate::testing::{TestDb, db_test, observed};

/// WorkSpaces of a new account, in order of id.
async fn fleet(test: &TestDb, count: usize) -> (SyncContext, Vec<WorkspaceId>) {
    let ctx = test.account().await;
    let all: Vec<_> = (0..count).map(observed).collect();
    inventory_apply(&test.db, &ctx, &all).await.unwrap();
    let mut ids: Vec<_> = all.iter().map(|one| WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id)).collect();
    ids.sort_unstable();
    (ctx, ids)
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The moment so many days and hours after the beginning of February.
fn at(days: i64, hours: i64) -> DateTime<Utc> {
    date("2026-02-01").and_time(NaiveTime::MIN).and_utc() + Duration::days(days) + Duration::hours(hours)
}

async fn gone(test: &TestDb, id: WorkspaceId, since: DateTime<Utc>) {
    let sql = Sql::new(&test.db).text("UPDATE workspace SET gone_at = ").bind(since).text(" WHERE id = ").bind(id.0);
    sql.execute(&test.db).await.unwrap();
}

async fn due(test: &TestDb, ctx: &SyncContext, what: DueFor) -> Vec<UsageDue> {
    usage_due(&test.db, ctx.account_id, &ctx.region, what, None, 1000).await.unwrap()
}

async fn due_ids(test: &TestDb, ctx: &SyncContext, what: DueFor) -> Vec<WorkspaceId> {
    due(test, ctx, what).await.into_iter().map(|one| one.id).collect()
}

/// What is known of each WorkSpace of a place, by id.
async fn known(test: &TestDb, ctx: &SyncContext) -> Vec<(Option<(DateTime<Utc>, DateTime<Utc>)>, Option<NaiveDate>)> {
    // Everything is due for a day that never comes.
    let never = DueFor::Connections { from: at(-100_000, 0), to: at(100_000, 0) };
    due(test, ctx, never).await.into_iter().map(|one| (one.covered, one.measured_to)).collect()
}

db_test! {
    async fn connections_are_due_until_they_are_known_from_and_to(test) {
        let (ctx, ids) = fleet(test, 8).await;
        let (other, others) = fleet(test, 2).await;
        let (from, to) = (at(0, 0), at(20, 10));
        let wanted = DueFor::Connections { from, to };
        // Never read: all of the place, and only of the place.
        assert_eq!(due_ids(test, &ctx, wanted).await, ids);
        assert_eq!(due_ids(test, &other, wanted).await, others);
        assert!(due(test, &ctx, wanted).await.iter().all(|one| one.covered.is_none() && one.measured_to.is_none()));
        let elsewhere: Region = "us-west-2".parse().unwrap();
        assert_eq!(usage_due(&test.db, ctx.account_id, &elsewhere, wanted, None, 10).await.unwrap(), []);

        let covered = [
            (ids[1], from, to),                  // known
            (ids[2], from, to - Duration::minutes(5)), // behind
            (ids[3], at(1, 0), to),              // less far back than is wanted now
            (ids[4], from, at(5, 0)),            // gone after what is known
            (ids[5], from, at(5, 0)),            // gone before the end of what is known
            (ids[7], at(-9, 0), at(30, 0)),      // known beyond both
        ];
        usage_covered(&test.db, &covered).await.unwrap();
        gone(test, ids[4], at(5, 1)).await;
        gone(test, ids[5], at(4, 23)).await;
        // Never read, and gone before anything that could be read.
        gone(test, ids[6], at(-1, 0)).await;
        assert_eq!(due_ids(test, &ctx, wanted).await, [ids[0], ids[2], ids[3], ids[4]]);
        // Never read, but gone since then.
        gone(test, ids[6], at(0, 1)).await;
        assert_eq!(due_ids(test, &ctx, wanted).await, [ids[0], ids[2], ids[3], ids[4], ids[6]]);
        let listed = due(test, &ctx, wanted).await;
        assert_eq!(listed[1].covered, Some((from, to - Duration::minutes(5))));
        assert!(listed[1].aws_id.starts_with("ws-"));
        // Once the end of the gone one is in, it is never due again.
        usage_covered(&test.db, &[(ids[4], at(5, 0), at(6, 0))]).await.unwrap();
        assert_eq!(due_ids(test, &ctx, wanted).await, [ids[0], ids[2], ids[3], ids[6]]);
        // A backfill that is as long as what is known.
        let shorter = DueFor::Connections { from: at(1, 0), to };
        assert_eq!(due_ids(test, &ctx, shorter).await, [ids[0], ids[2]]);
    }

    async fn what_is_due_is_paged_by_id(test) {
        let (ctx, ids) = fleet(test, 23).await;
        let wanted = DueFor::Connections { from: at(0, 0), to: at(1, 0) };
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = usage_due(&test.db, ctx.account_id, &ctx.region, wanted, after, 5).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            // What was read meanwhile does not move the pages.
            usage_covered(&test.db, &[(page[0].id, at(0, 0), at(1, 0))]).await.unwrap();
            seen.extend(page.iter().map(|one| one.id));
        }
        assert_eq!(seen, ids);
        assert_eq!(due(test, &ctx, wanted).await.len(), 23 - 5);
    }

    async fn measures_are_due_of_what_was_read_and_is_there(test) {
        let (ctx, ids) = fleet(test, 5).await;
        let today = date("2026-02-10");
        let wanted = DueFor::Measures { to: today };
        // Nothing is measured before its connections were read.
        assert_eq!(due_ids(test, &ctx, wanted).await, []);
        let all: Vec<_> = ids[..4].iter().map(|id| (*id, at(0, 0), at(9, 5))).collect();
        usage_covered(&test.db, &all).await.unwrap();
        assert_eq!(due_ids(test, &ctx, wanted).await, ids[..4]);
        usage_measured(&test.db, &[ids[0], ids[4]], today).await.unwrap();
        usage_measured(&test.db, &ids[1..2], today.pred_opt().unwrap()).await.unwrap();
        gone(test, ids[2], at(9, 0)).await;
        let listed = due(test, &ctx, wanted).await;
        assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [ids[1], ids[3]]);
        assert_eq!(listed[0].measured_to, today.pred_opt());
        assert_eq!(due_ids(test, &ctx, DueFor::Measures { to: today.succ_opt().unwrap() }).await, [ids[0], ids[1], ids[3]]);
        // Reading on does not make measures known.
        usage_covered(&test.db, &[(ids[0], at(9, 0), at(9, 8))]).await.unwrap();
        assert_eq!(known(test, &ctx).await[0], (Some((at(0, 0), at(9, 8))), Some(today)));
    }

    async fn stretches_that_touch_or_overlap_are_one(test) {
        let (ctx, ids) = fleet(test, 1).await;
        let unknown = WorkspaceId::derive(ctx.account_id, &ctx.region, "ws-unknown00");
        let cover = async |from, to| {
            usage_covered(&test.db, &[(unknown, from, to), (ids[0], from, to)]).await.unwrap();
            known(test, &ctx).await[0].0.unwrap()
        };
        assert_eq!(cover(at(10, 0), at(12, 0)).await, (at(10, 0), at(12, 0)));
        // Touching behind and before, overlapping behind and before, inside, around.
        assert_eq!(cover(at(12, 0), at(13, 0)).await, (at(10, 0), at(13, 0)));
        assert_eq!(cover(at(9, 0), at(10, 0)).await, (at(9, 0), at(13, 0)));
        assert_eq!(cover(at(12, 23), at(14, 0)).await, (at(9, 0), at(14, 0)));
        assert_eq!(cover(at(8, 0), at(9, 1)).await, (at(8, 0), at(14, 0)));
        assert_eq!(cover(at(10, 0), at(11, 0)).await, (at(8, 0), at(14, 0)));
        assert_eq!(cover(at(7, 0), at(15, 0)).await, (at(7, 0), at(15, 0)));
        // Apart: what was known is no longer known to be without a hole.
        assert_eq!(cover(at(16, 0), at(17, 0)).await, (at(16, 0), at(17, 0)));
        assert_eq!(cover(at(1, 0), at(2, 0)).await, (at(1, 0), at(2, 0)));
        // A fraction of a second is kept as Postgres keeps it, and still touches.
        let odd = at(2, 0) + Duration::microseconds(1_500);
        assert_eq!(cover(at(2, 0), odd + Duration::nanoseconds(7)).await, (at(1, 0), odd));
        assert_eq!(cover(odd, at(3, 0)).await, (at(1, 0), at(3, 0)));
        usage_covered(&test.db, &[]).await.unwrap();
        let rows = Sql::new(&test.db).text("SELECT count(*) FROM usage_coverage").count(&test.db).await.unwrap();
        assert_eq!(rows, 1, "of a WorkSpace that is not known nothing is noted");
    }

    async fn what_a_wrong_clock_said_is_taken_back(test) {
        let (ctx, ids) = fleet(test, 5).await;
        let (other, others) = fleet(test, 1).await;
        let (now, future) = (at(10, 6), at(40, 0));
        usage_covered(&test.db, &[
            (ids[0], at(0, 0), future),
            (ids[1], at(20, 0), future),
            (ids[2], at(0, 0), at(9, 0)),
            (ids[3], at(0, 0), future),
            (others[0], at(0, 0), future),
        ]).await.unwrap();
        usage_measured(&test.db, &ids[..1], date("2026-03-12")).await.unwrap();
        usage_measured(&test.db, &ids[2..3], date("2026-02-09")).await.unwrap();
        assert_eq!(usage_coverage_latest(&test.db, ctx.account_id, &ctx.region).await.unwrap(), Some(future));
        assert_eq!(usage_coverage_cut(&test.db, ctx.account_id, &ctx.region, now).await.unwrap(), 3);
        assert_eq!(known(test, &ctx).await, [
            (Some((at(0, 0), now)), Some(now.date_naive())),
            (None, None),
            (Some((at(0, 0), at(9, 0))), Some(date("2026-02-09"))),
            (Some((at(0, 0), now)), None),
            (None, None),
        ]);
        assert_eq!(usage_coverage_latest(&test.db, ctx.account_id, &ctx.region).await.unwrap(), Some(now));
        assert_eq!(usage_coverage_cut(&test.db, ctx.account_id, &ctx.region, now).await.unwrap(), 0);
        // The other place's clock is its own matter.
        assert_eq!(known(test, &other).await, [(Some((at(0, 0), future)), None)]);
    }

    async fn a_place_is_known_where_all_of_it_is(test) {
        let (ctx, ids) = fleet(test, 3).await;
        let of_place = async || usage_coverage_of_place(&test.db, ctx.account_id, &ctx.region).await.unwrap();
        let latest = async || usage_coverage_latest(&test.db, ctx.account_id, &ctx.region).await.unwrap();
        assert_eq!((of_place().await, latest().await), (None, None));
        usage_covered(&test.db, &[(ids[0], at(0, 0), at(5, 0)), (ids[1], at(1, 0), at(7, 0))]).await.unwrap();
        // One of them was not read yet.
        assert_eq!((of_place().await, latest().await), (None, Some(at(7, 0))));
        usage_covered(&test.db, &[(ids[2], at(2, 0), at(6, 0))]).await.unwrap();
        assert_eq!(of_place().await, Some((at(2, 0), at(5, 0))));
        // What is gone is no longer read on, so it does not hold the place back.
        gone(test, ids[0], at(5, 0)).await;
        assert_eq!(of_place().await, Some((at(2, 0), at(6, 0))));
        let elsewhere: Region = "us-west-2".parse().unwrap();
        assert_eq!(usage_coverage_of_place(&test.db, ctx.account_id, &elsewhere).await.unwrap(), None);
        assert_eq!(usage_coverage_latest(&test.db, ctx.account_id, &elsewhere).await.unwrap(), None);
    }

    async fn what_is_forgotten_is_no_longer_known(test) {
        let (ctx, ids) = fleet(test, 3).await;
        usage_covered(&test.db, &[
            (ids[0], at(0, 0), at(20, 0)),
            (ids[1], at(0, 0), at(5, 0)),
            (ids[2], at(12, 0), at(20, 0)),
        ]).await.unwrap();
        assert_eq!(usage_coverage_forget(&test.db, at(10, 0), 1).await.unwrap(), 1);
        assert_eq!(usage_coverage_forget(&test.db, at(10, 0), 10).await.unwrap(), 1);
        assert_eq!(usage_coverage_forget(&test.db, at(10, 0), 10).await.unwrap(), 0);
        let covered: Vec<_> = known(test, &ctx).await.into_iter().map(|(covered, _)| covered).collect();
        assert_eq!(covered, [Some((at(10, 0), at(20, 0))), None, Some((at(12, 0), at(20, 0)))]);
    }

    async fn a_deleted_workspace_leaves_nothing(test) {
        let (ctx, ids) = fleet(test, 2).await;
        usage_covered(&test.db, &[(ids[0], at(0, 0), at(5, 0)), (ids[1], at(0, 0), at(5, 0))]).await.unwrap();
        crate::repo::accounts::account_delete(&test.db, ctx.account_id).await.unwrap();
        let sql = "DELETE FROM usage_coverage";
        assert_eq!(test.db.execute_unprepared(sql).await.unwrap().rows_affected(), 0);
    }
}
