//! The live stream: a client that loses its connection again and again misses nothing and gets nothing twice.

use std::time::Duration;

use contract::accounts::StartedJobsView;
use contract::events::Event;
use contract::paths;
use domain::access::{Reach, Role, Scope};
use domain::event::Event as Happened;
use domain::ids::{AccountId, Region};
use domain::jobs::JobState;
use store::repo::events::events_append;
use testkit::app::TestAppOptions;
use testkit::app_test;

use crate::support::{number, texts, workspaces};

app_test! {
    async fn cut_again_and_again_it_misses_nothing(app: TestAppOptions { simulated_workspaces: 300, transition_seconds: Some(1), ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let account = app.connect_simulated().await?;
        app.faults(&["slow:DescribeWorkspaces:60ms", "slow:DescribeTags:10ms"])?;
        let db = app.database().await?;
        let start = number(&db, "SELECT COALESCE(MAX(id), 0) FROM event").await?;

        let work = async {
            for _ in 0..2 {
                for id in app.start_sync(account.id).await? {
                    app.wait_for_job(id).await?;
                }
            }
            for path in [paths::WORKSPACES_STOP, paths::WORKSPACES_START] {
                let wanted = if path == paths::WORKSPACES_STOP { "AVAILABLE" } else { "STOPPED" };
                let rows = workspaces(app.client(), &format!("state={wanted}&running_mode=AUTO_STOP")).await?;
                let ids: Vec<_> = rows.iter().map(|w| w.id).take(40).collect();
                let body = serde_json::json!({ "workspace_ids": ids });
                let view: contract::workspaces::WorkspaceActionView = app.client().post(path, &body).await?.ok()?;
                app.wait_for_job(view.job_id.expect("accepted")).await?;
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            anyhow::Ok(())
        };
        let (mut last, mut seen, mut cuts) = (start, Vec::new(), 0_usize);
        let watching = async {
            // A few frames, then the connection is dropped in the middle of whatever is on its way.
            loop {
                let mut stream = app.client().events(Some(last)).await?;
                for _ in 0..1 + cuts % 7 {
                    let Some(frame) = stream.next_event(Duration::from_millis(400)).await? else { break };
                    assert_ne!(frame.event, contract::events::RESET, "everything is still kept");
                    frame.parse()?;
                    let id = frame.id.expect("an event has an id");
                    seen.push(id);
                    last = id;
                }
                cuts += 1;
            }
            #[expect(unreachable_code, reason = "it names the type of a loop that only ends with the test")]
            anyhow::Ok(())
        };
        tokio::select! {
            done = work => done?,
            failed = watching => return failed,
        }
        assert!(cuts >= 20, "{cuts} cuts");

        // What is left, in one go; moving WorkSpaces are still watched, so it has no end of its own.
        let newest = number(&db, "SELECT MAX(id) FROM event").await?;
        let mut stream = app.client().events(Some(last)).await?;
        while last < newest {
            let frame = stream.next_event(Duration::from_secs(10)).await?.expect("there is more");
            last = frame.id.expect("an event has an id");
            seen.push(last);
        }
        let kept = texts(&db, &format!("SELECT CAST(id AS TEXT) AS id FROM event WHERE id > {start}"), "id").await?;
        let mut kept: Vec<i64> = kept.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        kept.sort_unstable();
        assert!(kept.len() > 60, "{} events", kept.len());
        let upto = *seen.last().expect("events");
        let kept: Vec<_> = kept.into_iter().filter(|id| *id <= upto).collect();
        assert_eq!(seen, kept, "each event once, in order, after {cuts} cuts");
        Ok(())
    }
}

/// Cuts that a reader lives through.
const CUTS: usize = 50;

app_test! {
    async fn cut_fifty_times_it_hears_everything_once(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let db = app.database().await?;
        let start = number(&db, "SELECT COALESCE(MAX(id), 0) FROM event").await?;
        let at = app.context().env.now();
        // Something happens all the time, by twos and threes, until the reader has been cut off often enough.
        let happens = async {
            for count in (2..=3).cycle() {
                let events: Vec<_> =
                    (0..count).map(|_| Happened::Account { id: AccountId(app.context().env.new_id()) }).collect();
                let tx = db.begin().await?;
                events_append(&tx, at, &events).await?;
                tx.commit().await?;
                app.context().announce();
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
            anyhow::Ok(())
        };
        let reads = async {
            let (mut last, mut heard) = (start, Vec::new());
            for cut in 0..=CUTS {
                let mut stream = app.client().events(Some(last)).await?;
                // A few frames, then the connection is dropped in the middle of whatever is on its way.
                for _ in 0..1 + cut % 4 {
                    let frame = stream.next_event(Duration::from_secs(20)).await?.expect("something happens all the time");
                    assert_ne!(frame.event, contract::events::RESET, "everything is still kept");
                    last = frame.id.expect("an event has an id");
                    heard.push(last);
                }
            }
            anyhow::Ok(heard)
        };
        let heard = tokio::select! {
            heard = reads => heard?,
            failed = happens => return failed,
        };
        let upto = heard.last().expect("events");
        let kept = texts(&db, &format!("SELECT CAST(id AS TEXT) AS id FROM event WHERE id > {start} AND id <= {upto} ORDER BY event.id"), "id").await?;
        let kept: Vec<i64> = kept.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        assert_eq!(heard, kept, "each event once, in order, after {CUTS} cuts");
        assert!(heard.len() > 2 * CUTS, "{} events", heard.len());
        Ok(())
    }
}

app_test! {
    async fn a_member_hears_of_their_own_only(app: TestAppOptions { transition_seconds: Some(1), ..TestAppOptions::default() }) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let rows = workspaces(app.client(), "state=AVAILABLE&running_mode=AUTO_STOP").await?;
        let (mine, other) = (&rows[0], rows.iter().find(|w| w.user_name != rows[0].user_name).expect("two people"));
        let member = app.create_user_named(&format!("{}@example.com", mine.user_name), Role::Member).await?;
        let mut stream = member.events(None).await?;
        // The stream says where it stands before anything happens, so that nothing is missed from here on.
        stream.next(Duration::from_secs(5)).await?;
        for target in [other, mine] {
            let body = serde_json::json!({ "workspace_ids": [target.id] });
            let view: contract::workspaces::WorkspaceActionView = app.client().post(paths::WORKSPACES_STOP, &body).await?.ok()?;
            app.wait_for_job(view.job_id.expect("accepted")).await?;
            app.wait_for_state(target.id, "STOPPED").await?;
        }
        let mut heard = Vec::new();
        while let Some(frame) = stream.next_event(Duration::from_secs(2)).await? {
            let Event::WorkspaceState { id, state, .. } = frame.parse()? else { panic!("not for a member: {frame:?}") };
            assert_eq!(id, mine.id);
            heard.push(state.to_string());
        }
        assert_eq!(heard, ["STOPPING", "STOPPED"]);
        Ok(())
    }
}

app_test! {
    async fn a_change_is_told_to_those_who_may_read_it(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let mut people = Vec::new();
        for role in [Role::Member, Role::Auditor, Role::Operator, Role::Viewer, Role::Member] {
            people.push(app.create_user(role).await?);
        }
        let mut streams = Vec::new();
        for person in &people {
            let mut stream = person.events(None).await?;
            // It says where it stands before anything happens.
            stream.next(Duration::from_secs(5)).await?;
            streams.push(stream);
        }
        app.client().post(paths::TEAMS, &serde_json::json!({ "name": "Night shift" })).await?.ok::<serde_json::Value>()?;
        people[0].post(paths::REQUESTS, &serde_json::json!({ "kind": "new_desktop" })).await?.ok::<serde_json::Value>()?;
        let mut heard = Vec::new();
        for stream in &mut streams {
            let mut whats = Vec::new();
            while let Some(frame) = stream.next_event(Duration::from_secs(3)).await? {
                match frame.parse()? {
                    Event::Changed { what, .. } if ["team", "request"].contains(&what.as_str()) => whats.push(what),
                    // They themselves were made just before.
                    Event::Changed { .. } => {}
                    other => panic!("nothing else happened: {other:?}"),
                }
            }
            heard.push(whats.join(" "));
        }
        assert_eq!(heard, ["request", "team request", "request", "", ""]);
        Ok(())
    }
}

app_test! {
    async fn what_was_read_is_told_where_it_may_be_read(app: TestAppOptions::default()) {
        app.create_owner().await?;
        let region: Region = "eu-central-1".parse()?;
        let here = Scope::only(Reach::Region { region: region.clone() });
        let viewer = app.create_user_with("here@example.com", &[(Role::Viewer, here)]).await?;
        let mut stream = viewer.events(None).await?;
        stream.next(Duration::from_secs(5)).await?;
        app.connect_simulated_and_sync().await?;
        let started: StartedJobsView =
            app.client().post_empty(&paths::with_id(paths::SCHEDULE_RUN, "sync-usage")).await?.ok()?;
        for job in started.job_ids {
            app.wait_for_job(job).await?;
        }
        let usage = |event: &Event| matches!(event, Event::Changed { what, .. } if what == "usage");
        let told = stream.until("usage was read", Duration::from_secs(60), usage).await?;
        let Event::Changed { region: place, user_id: None, .. } = told else { panic!("nobody did it: {told:?}") };
        assert_eq!(place, Some(region));
        Ok(())
    }
}

app_test! {
    async fn signing_out_ends_the_stream(app: TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        let viewer = app.create_user(Role::Viewer).await?;
        let mut stream = viewer.events(None).await?;
        stream.next(Duration::from_secs(5)).await?;
        viewer.delete(paths::SESSION).await?;
        let ended = async {
            while stream.next(Duration::from_secs(30)).await?.is_some() {}
            anyhow::Ok(())
        };
        let ended = tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it ends soon");
        assert!(ended.is_err(), "the server closed it");
        Ok(())
    }
}

app_test! {
    async fn a_place_that_never_was_is_a_reset(app: TestAppOptions::default()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        // From a database that was replaced: the client is ahead of everything.
        let mut stream = app.client().events(Some(1_000_000_000)).await?;
        let frame = stream.next_event(Duration::from_secs(10)).await?.expect("a frame");
        assert_eq!(frame.event, contract::events::RESET);
        let next = frame.id.expect("where to go on");
        let account = app.connect_named("Second").await?;
        let event = stream
            .until("the new account", Duration::from_secs(10), |event| matches!(event, Event::Account { id } if *id == account.id))
            .await?;
        assert!(matches!(event, Event::Account { .. }) && next < 1_000_000_000);
        // Nonsense is no place at all; it must not break the stream.
        let request = testkit::client::Request::new(axum::http::Method::GET, paths::JOBS).header("last-event-id", "x");
        assert_eq!(app.client().send(request).await?.status, 200);
        let done: contract::page::Page<contract::jobs::JobView> = app.client().get(paths::JOBS).await?.ok()?;
        assert!(done.items.iter().all(|job| job.state == JobState::Done));
        Ok(())
    }
}
