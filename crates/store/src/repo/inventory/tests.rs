//! What syncs write, on both databases.

use std::collections::BTreeMap;

use chrono::Duration;
use domain::access::Scope;
use domain::ids::{DirectoryId, SyncRunId, WorkspaceId};
use domain::workspace::{ConnectionState, ObservedBundle, ObservedConnection, ObservedDirectory, Tags, WorkspaceState};

use super::*;
use crate::repo::workspaces::{
    WorkspaceFilter, WorkspaceRecord, workspace_count, workspace_fetch, workspace_history, workspace_tags,
};
use crate::testing::{TestDb, db_test, observed};

async fn fetch(test: &TestDb, ctx: &SyncContext, number: usize) -> WorkspaceRecord {
    let id = WorkspaceId::derive(ctx.account_id, &ctx.region, &observed(number).aws_id);
    workspace_fetch(&test.db, &Scope::Everything, id).await.unwrap().unwrap()
}

fn searching(q: &str) -> WorkspaceFilter {
    WorkspaceFilter { q: Some(q.to_owned()), ..WorkspaceFilter::default() }
}

async fn found(test: &TestDb, q: &str) -> u64 {
    workspace_count(&test.db, &Scope::Everything, &searching(q)).await.unwrap()
}

db_test! {
    async fn a_second_look_writes_only_what_differs(test) {
        let mut ctx = test.account().await;
        let mut fleet: Vec<_> = (0..1200).map(observed).collect();
        let first = inventory_apply(&test.db, &ctx, &fleet).await.unwrap();
        assert_eq!((first.added, first.changed, first.unchanged), (1200, 0, 0));
        assert_eq!((first.changed_ids.len(), first.state_changes.len()), (1200, 1200));
        assert!(first.state_changes.iter().all(|change| change.before.is_none()));
        test.advance(Duration::minutes(5));
        ctx = SyncContext { at: test.now(), run: Some(SyncRunId(test.env.new_id())), ..ctx };
        fleet[7].state = WorkspaceState::Stopped;
        fleet[8].ip_address = Some("10.9.9.9".to_owned());
        fleet.push(observed(1200));
        fleet.push(observed(1200));
        let second = inventory_apply(&test.db, &ctx, &fleet).await.unwrap();
        assert_eq!((second.added, second.changed, second.unchanged), (1, 2, 1198));
        let moved: Vec<_> = second.state_changes.iter().filter(|c| c.before.is_some()).collect();
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].before, Some(WorkspaceState::Available));
        let (seven, eight, nine) =
            (fetch(test, &ctx, 7).await, fetch(test, &ctx, 8).await, fetch(test, &ctx, 9).await);
        assert_eq!((seven.state, seven.state_since, seven.changed_at), (WorkspaceState::Stopped, ctx.at, ctx.at));
        assert_eq!((eight.changed_at, eight.state_since < ctx.at), (ctx.at, true));
        assert!(nine.changed_at < ctx.at);
        assert_eq!(seven.first_seen_at, ctx.at - Duration::minutes(5));
        let history = workspace_history(&test.db, &Scope::Everything, seven.id, 10).await.unwrap();
        let states: Vec<_> = history.iter().map(|h| (h.before.clone(), h.after.clone())).collect();
        assert_eq!(states, [
            (Some(WorkspaceState::Available), WorkspaceState::Stopped), (None, WorkspaceState::Available),
        ]);
        let gone = mark_gone(&test.db, ctx.account_id, &ctx.region, ctx.run.unwrap(), test.now()).await.unwrap();
        assert_eq!(gone, []);
    }

    async fn what_was_not_seen_is_gone_and_may_come_back(test) {
        let mut ctx = test.account().await;
        let fleet: Vec<_> = (0..30).map(observed).collect();
        inventory_apply(&test.db, &ctx, &fleet).await.unwrap();
        let elsewhere = test.account().await;
        inventory_apply(&test.db, &elsewhere, &fleet).await.unwrap();
        test.advance(Duration::minutes(5));
        let run = SyncRunId(test.env.new_id());
        ctx = SyncContext { at: test.now(), run: Some(run), ..ctx };
        inventory_apply(&test.db, &ctx, &fleet[5..]).await.unwrap();
        let gone = mark_gone(&test.db, ctx.account_id, &ctx.region, run, ctx.at).await.unwrap();
        assert_eq!(gone.len(), 5);
        assert!(gone.iter().all(|change| change.after == WorkspaceState::Terminated));
        assert_eq!(mark_gone(&test.db, ctx.account_id, &ctx.region, run, ctx.at).await.unwrap(), []);
        let there = workspace_count(&test.db, &Scope::Everything, &WorkspaceFilter::default()).await.unwrap();
        assert_eq!(there, 55);
        let one = fetch(test, &ctx, 2).await;
        assert_eq!((one.gone_at, one.state), (Some(ctx.at), WorkspaceState::Terminated));
        let back = inventory_apply(&test.db, &ctx, &fleet[2..3]).await.unwrap();
        assert_eq!((back.added, back.changed), (0, 1));
        assert_eq!(back.state_changes[0].before, Some(WorkspaceState::Terminated));
        assert_eq!(fetch(test, &ctx, 2).await.gone_at, None);
        let unknown = workspaces_mark_gone(&test.db, &[one.id], test.now()).await.unwrap();
        assert_eq!(unknown.len(), 1);
    }

    async fn a_state_set_by_an_action_holds_until_aws_says_otherwise(test) {
        let ctx = test.account().await;
        inventory_apply(&test.db, &ctx, &[observed(1), observed(2)]).await.unwrap();
        let id = fetch(test, &ctx, 1).await.id;
        test.advance(Duration::minutes(1));
        let set = workspaces_state_set(&test.db, &[id], &WorkspaceState::Stopping, test.now()).await.unwrap();
        assert_eq!((set.len(), set[0].before.clone()), (1, Some(WorkspaceState::Available)));
        assert_eq!(workspaces_state_set(&test.db, &[id], &WorkspaceState::Stopping, test.now()).await.unwrap(), []);
        // AWS shows what it showed before the action: then that is what it is.
        let again = inventory_apply(&test.db, &ctx, &[observed(1), observed(2)]).await.unwrap();
        assert_eq!((again.changed, again.unchanged), (1, 1));
        assert_eq!(fetch(test, &ctx, 1).await.state, WorkspaceState::Available);
    }

    async fn a_look_outside_a_run_leaves_seen_alone(test) {
        let ctx = test.account().await;
        inventory_apply(&test.db, &ctx, &[observed(1)]).await.unwrap();
        let outside = SyncContext { run: None, ..ctx.clone() };
        let mut one = observed(1);
        one.state = WorkspaceState::Rebooting;
        inventory_apply(&test.db, &outside, &[one]).await.unwrap();
        let gone = mark_gone(&test.db, ctx.account_id, &ctx.region, ctx.run.unwrap(), ctx.at).await.unwrap();
        assert_eq!(gone, []);
    }

    async fn odd_text_is_kept_or_cleaned_never_lost(test) {
        let ctx = test.account().await;
        let mut odd = observed(1);
        odd.user_name = "O'Brien \"ÄÖ\" 漢\\u0000字 🦀".to_owned();
        odd.error_message = Some("line\nbreak\ttab\0nul '); DROP TABLE workspace; --".to_owned());
        odd.state = "HIBERNATING".into();
        inventory_apply(&test.db, &ctx, std::slice::from_ref(&odd)).await.unwrap();
        let kept = fetch(test, &ctx, 1).await;
        assert!(kept.user_name.starts_with("O'Brien \"ÄÖ\" 漢"), "{}", kept.user_name);
        assert_eq!(kept.error_message.as_deref(), Some("line\nbreak\ttabnul '); DROP TABLE workspace; --"));
        assert_eq!(kept.state.as_str(), "HIBERNATING");
        assert_eq!((found(test, "D-906700001").await, found(test, "wsb-0").await, found(test, "wsb-9").await), (1, 1, 0));
        assert_eq!((found(test, "o'brien äö").await, found(test, "漢").await, found(test, "%").await), (1, 1, 0));
    }

    async fn tags_are_read_the_longest_unread_first_and_found(test) {
        let ctx = test.account().await;
        inventory_apply(&test.db, &ctx, &(0..3).map(observed).collect::<Vec<_>>()).await.unwrap();
        let due = tags_due(&test.db, ctx.account_id, &ctx.region, 10).await.unwrap();
        assert_eq!((due.len(), due[0].read_at), (3, None));
        let tags = |pairs: &[(&str, &str)]| -> Tags {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let read = [(due[0].id, tags(&[("Team", "Ops"), ("cost_centre", "4711")])), (due[1].id, tags(&[]))];
        assert_eq!(tags_apply(&test.db, &read, test.now()).await.unwrap(), 1);
        let next = tags_due(&test.db, ctx.account_id, &ctx.region, 10).await.unwrap();
        assert_eq!((next[0].id, next[0].read_at, next[1].read_at), (due[2].id, None, Some(test.now())));
        assert_eq!((found(test, "team=ops").await, found(test, "4711").await, found(test, "cost-centre").await), (1, 1, 0));
        let with = |key: &str, value: Option<&str>| WorkspaceFilter {
            tags: vec![(key.to_owned(), value.map(str::to_owned))], ..WorkspaceFilter::default()
        };
        for (filter, expected) in [
            (with("Team", Some("Ops")), 1), (with("Team", None), 1), (with("Team", Some("ops")), 0), (with("x", None), 0),
        ] {
            assert_eq!(workspace_count(&test.db, &Scope::Everything, &filter).await.unwrap(), expected, "{filter:?}");
        }
        // A change of the WorkSpace keeps what is known of its tags, in search too.
        let mut moved = (0..3).map(observed).collect::<Vec<_>>();
        moved.iter_mut().for_each(|one| one.ip_address = Some("10.77.0.1".to_owned()));
        inventory_apply(&test.db, &ctx, &moved).await.unwrap();
        assert_eq!((found(test, "team=ops").await, found(test, "10.77 ops").await), (1, 1));
        tags_apply(&test.db, &[(due[0].id, tags(&[("Team", "Dev")]))], test.now()).await.unwrap();
        assert_eq!((found(test, "ops").await, found(test, "dev").await, found(test, "10.77").await), (0, 1, 3));
        let kept = workspace_tags(&test.db, &Scope::Everything, due[0].id).await.unwrap();
        assert_eq!(kept, tags(&[("Team", "Dev")]));
    }

    async fn what_is_read_beside_each_other_does_not_wait_for_each_other(test) {
        let ctx = test.account().await;
        let fleet: Vec<_> = (0..300).map(observed).collect();
        inventory_apply(&test.db, &ctx, &fleet).await.unwrap();
        let connections = async {
            for round in 0..40 {
                let at = ctx.at + Duration::seconds(round);
                let rows: Vec<_> = fleet.iter().enumerate().map(|(number, one)| ObservedConnection {
                    aws_id: one.aws_id.clone(),
                    state: if (number as i64 + round) % 3 == 0 { ConnectionState::Connected } else { ConnectionState::Disconnected },
                    checked_at: Some(at),
                    last_connected_at: None,
                }).collect();
                let tx = test.db.begin().await?;
                connections_apply(&tx, &ctx, &rows).await?;
                tx.commit().await?;
            }
            Ok::<_, crate::StoreError>(())
        };
        let tags = async {
            for round in 0..40 {
                let value = |number: usize| Tags::from([("n".to_owned(), format!("{}", (number + round) % 5))]);
                let read: Vec<_> = fleet.iter().enumerate().rev().map(|(number, one)| {
                    (WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id), value(number))
                }).collect();
                let tx = test.db.begin().await?;
                tags_apply(&tx, &read, ctx.at + Duration::seconds(round as i64)).await?;
                tx.commit().await?;
            }
            Ok::<_, crate::StoreError>(())
        };
        tokio::try_join!(connections, tags).expect("neither is given up");
    }

    async fn connections_are_noted_and_unknown_ones_passed_over(test) {
        let ctx = test.account().await;
        inventory_apply(&test.db, &ctx, &[observed(1), observed(2)]).await.unwrap();
        let seen = |number: usize, state: ConnectionState, last: Option<i64>| ObservedConnection {
            aws_id: observed(number).aws_id,
            state,
            checked_at: Some(ctx.at),
            last_connected_at: last.map(|minutes| ctx.at - Duration::minutes(minutes)),
        };
        let first = [seen(1, ConnectionState::Connected, Some(5)), seen(2, ConnectionState::Unknown, None), seen(9, ConnectionState::Connected, None)];
        assert_eq!(connections_apply(&test.db, &ctx, &first).await.unwrap(), 2);
        assert_eq!(connections_apply(&test.db, &ctx, &first).await.unwrap(), 0);
        let later = [seen(1, ConnectionState::Disconnected, None)];
        assert_eq!(connections_apply(&test.db, &ctx, &later).await.unwrap(), 1);
        let one = fetch(test, &ctx, 1).await;
        assert_eq!(one.connection_state, Some(ConnectionState::Disconnected));
        assert_eq!(one.last_connected_at, Some(ctx.at - Duration::minutes(5)));
        assert_eq!(fetch(test, &ctx, 2).await.last_connected_at, None);
    }

    async fn directories_and_bundles_are_named(test) {
        let ctx = test.account().await;
        inventory_apply(&test.db, &ctx, &[observed(1)]).await.unwrap();
        assert_eq!(fetch(test, &ctx, 1).await.directory_name, None);
        let directory = ObservedDirectory {
            aws_id: "d-906700001".to_owned(),
            name: "corp.example.com".to_owned(),
            alias: None,
            kind: "SIMPLE_AD".to_owned(),
            state: "REGISTERED".to_owned(),
            registration_code: Some("WSpdx+ABC".to_owned()),
            stage: Some("Active".to_owned()),
        };
        let twice = [directory.clone(), directory.clone()];
        assert_eq!(directories_apply(&test.db, &ctx, &twice).await.unwrap(), 1);
        let unknown_stage = ObservedDirectory { stage: None, ..directory };
        assert_eq!(directories_apply(&test.db, &ctx, &[unknown_stage]).await.unwrap(), 0);
        let bundle = ObservedBundle {
            aws_id: "wsb-000000001".to_owned(),
            name: "Standard".to_owned(),
            owner: "AMAZON".to_owned(),
            description: None,
            compute_type: Some("STANDARD".into()),
            root_volume_gib: Some(80),
            user_volume_gib: None,
            image_id: None,
        };
        assert_eq!(bundle_aws_ids_in_use(&test.db, ctx.account_id, &ctx.region).await.unwrap(), ["wsb-000000001"]);
        assert_eq!(bundles_apply(&test.db, &ctx, std::slice::from_ref(&bundle)).await.unwrap(), 1);
        let renamed = ObservedBundle { name: "Standard 2".to_owned(), ..bundle };
        assert_eq!(bundles_apply(&test.db, &ctx, &[renamed]).await.unwrap(), 1);
        let one = fetch(test, &ctx, 1).await;
        assert_eq!((one.directory_name.as_deref(), one.bundle_name.as_deref()), (Some("corp.example.com"), Some("Standard 2")));
        assert_eq!(one.registration_code.as_deref(), Some("WSpdx+ABC"));
        let listed = directory_list(&test.db, &Scope::Everything, Some(ctx.account_id)).await.unwrap();
        assert_eq!(listed[0].id, DirectoryId::derive(ctx.account_id, &ctx.region, "d-906700001"));
        assert_eq!(listed[0].stage.as_deref(), Some("Active"));
        assert_eq!(bundle_list(&test.db, &Scope::Everything, None).await.unwrap().len(), 1);
    }
}
