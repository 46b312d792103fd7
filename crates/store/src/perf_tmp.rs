//! tmp
use crate::queue::*;
use crate::repo::inventory::*;
use crate::testing::*;
use std::time::Instant;
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn perf() {
    for backend in [crate::db::Backend::Postgres, crate::db::Backend::Sqlite] {
        let Some(test) = TestDb::migrated(backend).await else { return };
        let ctx = test.account().await;
        let all: Vec<_> = (0..50_000).map(observed).collect();
        for round in 0..3 {
            let ctx = SyncContext { run: Some(domain::ids::SyncRunId(test.env.new_id())), ..ctx.clone() };
            let t = Instant::now();
            for page in all.chunks(500) {
                let tx = test.db.begin().await.unwrap();
                inventory_apply(&tx, &ctx, page).await.unwrap();
                tx.commit().await.unwrap();
            }
            println!("{backend:?} round {round}: {:?} = {}/s", t.elapsed(), 50_000.0 / t.elapsed().as_secs_f64());
        }
        let t = Instant::now();
        for _ in 0..10 {
            enqueue_many(
                &test.db,
                &test.env,
                (0..500).map(|_| NewJob::new("noop", "", serde_json::json!({}))).collect(),
            )
            .await
            .unwrap();
        }
        println!("enqueue 5000: {:?}", t.elapsed());
        let t = Instant::now();
        let (mut c, mut f) = (0.0, 0.0);
        loop {
            let t = Instant::now();
            let some = claim(&test.db, "w", &[], 128, test.now()).await.unwrap();
            c += t.elapsed().as_secs_f64();
            if some.is_empty() {
                break;
            }
            let ends: Vec<_> = some.into_iter().map(|j| (j.lease, Finish::Done { result: None })).collect();
            let t = Instant::now();
            finish_many(&test.db, &test.env, &ends).await.unwrap();
            f += t.elapsed().as_secs_f64();
        }
        println!("run 5000: {:?} claim {c} finish {f}", t.elapsed());
        test.close().await;
    }
}
