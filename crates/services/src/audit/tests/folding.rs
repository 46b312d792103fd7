//! The same read again: one entry for a while, and never none.

use domain::ids::SessionId;
use store::repo::audit::audit_head;

use super::*;

fn read(q: &str) -> Entry {
    let entry = Entry::new("workspace.list", Permission::WorkspaceRead).after(json!({ "states": ["STOPPED"] }));
    entry.personal(json!({ "q": q }))
}

both_databases! {
    async fn the_same_read_is_one_entry_for_a_while(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let entries = async || audit_head(&ctx.db).await.unwrap().map_or(0, |tip| tip.seq);
        let noted = async |actor: &Actor, entry: Entry| {
            let before = entries().await;
            note_read(ctx, actor, entry).await.unwrap();
            entries().await - before
        };
        let mut grace = owner();
        assert_eq!(noted(&grace, read("ada")).await, 1, "the first one is there before it is answered");
        for request in 0..5 {
            grace.origin.request_id = Some(format!("another-{request}"));
            assert_eq!(noted(&grace, read("ada")).await, 0);
        }
        // Whatever else differs is another read.
        assert_eq!(noted(&grace, read("grace")).await, 1);
        assert_eq!(noted(&grace, read("ada").on("account", 1)).await, 1);
        assert_eq!(noted(&grace, read("ada").after(json!({ "states": [] }))).await, 1);
        let mut elsewhere = grace.clone();
        elsewhere.origin.address = Some([192, 0, 2, 8].into());
        assert_eq!(noted(&elsewhere, read("ada")).await, 1);
        let mut again = grace.clone();
        again.origin.session_id = Some(SessionId(Uuid::from_u128(9)));
        assert_eq!(noted(&again, read("ada")).await, 1);
        let other = Actor::user(UserId(Uuid::from_u128(8)), "grace@example.com", Role::Owner);
        assert_eq!(noted(&other, read("ada")).await, 1);

        // From the first one on, however often it is read meanwhile.
        harness.advance(FOLD_WINDOW.num_seconds() - 1);
        assert_eq!(noted(&grace, read("ada")).await, 0);
        harness.advance(1);
        assert_eq!(noted(&grace, read("ada")).await, 1);
        assert_eq!(noted(&grace, read("ada")).await, 0);
        harness.advance(-3600);
        assert_eq!(noted(&grace, read("ada")).await, 1, "a clock that was put back");

        // Tries and exports each stand for themselves.
        for _ in 0..2 {
            assert_eq!(noted(&grace, read("ada").refused("forbidden")).await, 1);
            let before = entries().await;
            drop(export(ctx, &grace).await.unwrap());
            assert_eq!(entries().await, before + 1);
        }
        assert!(look(ctx).await.whole);
    }
}
