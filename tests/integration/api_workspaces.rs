//! The list of WorkSpaces: paging, filters, search, facets, detail, and who sees what.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use contract::overview::OverviewView;
use contract::page::Page;
use contract::paths::{
    OVERVIEW, WORKSPACE, WORKSPACE_FACETS, WORKSPACE_IDS, WORKSPACE_TAG_KEYS, WORKSPACES, WORKSPACES_STOP, with_id,
};
use contract::workspaces::{
    FacetValue, SORTS, TagKeyView, WorkspaceActionView, WorkspaceDetailView, WorkspaceFacetsView, WorkspaceIdsView,
    WorkspaceView,
};
use domain::access::Role;
use domain::workspace::WorkspaceAction;
use serde_json::json;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;
use uuid::Uuid;

use crate::support::{changes_asked_of_aws, whole_list, workspaces};

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 150, seed: 11, ..TestAppOptions::default() }
}

/// All keys, so many at a time.
async fn tag_keys(client: &ApiClient, limit: usize) -> Result<Vec<String>> {
    let (keys, _) = whole_list::<TagKeyView>(client, WORKSPACE_TAG_KEYS, &format!("limit={limit}")).await?;
    Ok(keys.into_iter().map(|tag| tag.key).collect())
}

async fn synced(app: &TestApp) -> Result<Vec<WorkspaceView>> {
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    let all = workspaces(app.client(), "").await?;
    anyhow::ensure!(all.len() == 150, "{} WorkSpaces", all.len());
    Ok(all)
}

/// What a sort sorts by, as text that sorts the same way.
fn key(row: &WorkspaceView, sort: &str) -> String {
    match sort {
        "user_name" => row.user_name.to_lowercase(),
        "state" => row.state.as_str().to_owned(),
        "running_mode" => row.running_mode.as_ref().map(ToString::to_string).unwrap_or_default(),
        "compute_type" => row.compute_type.as_ref().map(ToString::to_string).unwrap_or_default(),
        "region" => row.region.as_str().to_owned(),
        "last_connected_at" => row.last_connected_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
        "state_since" => row.state_since.to_rfc3339(),
        "aws_id" => row.aws_id.clone(),
        _ => String::new(),
    }
}

app_test! {
    async fn every_sort_pages_each_row_once_and_in_order(app: fleet()) {
        let all = synced(app).await?;
        let ids: BTreeSet<_> = all.iter().map(|w| w.id).collect();
        for sort in SORTS {
            let (up, pages) = whole_list::<WorkspaceView>(app.client(), WORKSPACES, &format!("limit=7&sort={sort}")).await?;
            assert_eq!(pages, 150_usize.div_ceil(7), "{sort}");
            assert_eq!(up.iter().map(|w| w.id).collect::<BTreeSet<_>>(), ids, "{sort}: each once");
            assert_eq!(up.len(), 150, "{sort}: none twice");
            let keys: Vec<_> = up.iter().map(|w| key(w, sort)).collect();
            assert!(keys.is_sorted(), "{sort}: {keys:?}");
            let (mut down, _) = whole_list::<WorkspaceView>(app.client(), WORKSPACES, &format!("limit=64&sort=-{sort}")).await?;
            down.reverse();
            let keys: Vec<_> = down.iter().map(|w| key(w, sort)).collect();
            assert!(keys.is_sorted(), "-{sort}: {keys:?}");
            assert_eq!(down.iter().map(|w| w.id).collect::<BTreeSet<_>>(), ids, "-{sort}: each once");
        }
        Ok(())
    }
}

app_test! {
    async fn filters_search_and_facets_agree_with_the_whole_list(app: fleet()) {
        let all = synced(app).await?;
        let client = app.client();
        let count = async |query: &str| -> Result<BTreeSet<String>> {
            Ok(workspaces(client, query).await?.into_iter().map(|w| w.aws_id).collect())
        };
        let expected = |keep: &dyn Fn(&WorkspaceView) -> bool| -> BTreeSet<String> {
            all.iter().filter(|w| keep(w)).map(|w| w.aws_id.clone()).collect()
        };
        let mode = |w: &WorkspaceView, m: &str| w.running_mode.as_ref().is_some_and(|x| x.as_str() == m);
        let one = &all[42];
        let cases: Vec<(String, BTreeSet<String>)> = vec![
            ("state=AVAILABLE".into(), expected(&|w| w.state.as_str() == "AVAILABLE")),
            ("state=STOPPED,AVAILABLE".into(), expected(&|w| matches!(w.state.as_str(), "STOPPED" | "AVAILABLE"))),
            ("region=eu-central-1".into(), expected(&|w| w.region.as_str() == "eu-central-1")),
            ("running_mode=ALWAYS_ON".into(), expected(&|w| mode(w, "ALWAYS_ON"))),
            (
                "running_mode=AUTO_STOP&state=STOPPED&region=us-east-1".into(),
                expected(&|w| mode(w, "AUTO_STOP") && w.state.as_str() == "STOPPED" && w.region.as_str() == "us-east-1"),
            ),
            (format!("directory={}", one.directory_id), expected(&|w| w.directory_id == one.directory_id)),
            (format!("bundle={}", one.bundle_id), expected(&|w| w.bundle_id == one.bundle_id)),
            (format!("account={}", one.account_id), expected(&|_| true)),
            (format!("account={}", Uuid::nil()), BTreeSet::new()),
            (format!("q={}", one.aws_id), expected(&|w| w.aws_id == one.aws_id)),
            (format!("q={}", one.user_name.to_uppercase()), expected(&|w| w.user_name.contains(&one.user_name))),
            (format!("q={}%20{}", one.user_name, one.aws_id), expected(&|w| w.aws_id == one.aws_id)),
            ("q=%25".into(), BTreeSet::new()),
            ("q=_____________________".into(), BTreeSet::new()),
            ("q=%27%3B--".into(), BTreeSet::new()),
            ("gone=true".into(), BTreeSet::new()),
        ];
        for (query, expected) in cases {
            assert_eq!(count(&query).await?, expected, "{query}");
        }

        let facets: WorkspaceFacetsView = client.get(WORKSPACE_FACETS).await?.ok()?;
        let tally = |of: &dyn Fn(&WorkspaceView) -> String| {
            let mut tally = BTreeMap::<String, u64>::new();
            all.iter().for_each(|w| *tally.entry(of(w)).or_default() += 1);
            tally
        };
        let told = |values: &[FacetValue]| values.iter().map(|v| (v.value.clone(), v.count)).collect::<BTreeMap<_, _>>();
        assert_eq!(told(&facets.state), tally(&|w| w.state.to_string()));
        assert_eq!(told(&facets.region), tally(&|w| w.region.to_string()));
        assert_eq!(told(&facets.bundle), tally(&|w| w.bundle_id.clone()));
        assert_eq!(told(&facets.directory), tally(&|w| w.directory_id.clone()));
        assert_eq!(told(&facets.account), tally(&|w| w.account_id.to_string()));
        assert!(facets.bundle.iter().all(|v| !v.label.is_empty() && v.label != v.value), "bundles have names");

        let overview: OverviewView = client.get(OVERVIEW).await?.ok()?;
        assert_eq!((overview.workspaces, overview.accounts), (150, 1));
        assert_eq!(told(&overview.by_state), tally(&|w| w.state.to_string()));
        assert_eq!(overview.connected, all.iter().filter(|w| w.connection.as_ref().is_some_and(|c| c.as_str() == "CONNECTED")).count() as u64);
        assert_eq!(overview.last_syncs.len(), 2);
        assert!(overview.fresh_since.is_some());
        Ok(())
    }
}

app_test! {
    async fn tags_filter_and_show(app: fleet()) {
        let all = synced(app).await?;
        let mut by_team = BTreeMap::<String, BTreeSet<String>>::new();
        for row in &all {
            let detail: WorkspaceDetailView = app.client().get(&with_id(WORKSPACE, row.id)).await?.ok()?;
            assert_eq!(&detail.workspace, row);
            assert!(detail.tags_read_at.is_some() && detail.registration_code.is_some());
            assert_eq!(detail.history.len(), 1, "first seen");
            assert_eq!(detail.history[0].after, row.state);
            assert_eq!(detail.actions.len(), WorkspaceAction::ALL.len());
            if let Some(team) = detail.tags.get("Team") {
                by_team.entry(team.clone()).or_default().insert(row.aws_id.clone());
            }
        }
        assert!(by_team.len() > 2, "{by_team:?}");
        for (team, ids) in &by_team {
            let tagged = workspaces(app.client(), &format!("tag=Team={}", team.replace(' ', "%20"))).await?;
            assert_eq!(&tagged.into_iter().map(|w| w.aws_id).collect::<BTreeSet<_>>(), ids, "{team}");
        }
        let any: usize = by_team.values().map(BTreeSet::len).sum();
        assert_eq!(workspaces(app.client(), "tag=Team").await?.len(), any);
        assert_eq!(workspaces(app.client(), "tag=NoSuchTag").await?.len(), 0);

        // The keys to choose from are those that are there, by name; each finds something.
        let keys = tag_keys(app.client(), 200).await?;
        assert!(keys.len() > 1 && keys.contains(&"Team".to_owned()) && keys.is_sorted(), "{keys:?}");
        assert_eq!(tag_keys(app.client(), 1).await?, keys, "page by page");
        for key in &keys {
            assert_ne!(workspaces(app.client(), &format!("tag={key}")).await?.len(), 0, "{key}");
        }
        let other_list = app.client().get(&format!("{WORKSPACES}?limit=1")).await?.ok::<Page<WorkspaceView>>()?.next_cursor;
        let refused = format!("{WORKSPACE_TAG_KEYS}?cursor={}", other_list.expect("more"));
        app.client().get(&refused).await?.refused(400, "bad_cursor")?;
        Ok(())
    }
}

app_test! {
    async fn wrong_queries_are_refused_by_name(app: TestAppOptions { simulated_workspaces: 20, ..TestAppOptions::default() }) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let client = app.client();
        let cases = [
            ("limit=0", "limit"), ("limit=201", "limit"), ("limit=ten", "limit"), ("limit=-1", "limit"),
            ("limit=99999999999999999999", "limit"), ("sort=colour", "sort"), ("sort=--user_name", "sort"),
            ("stat=AVAILABLE", "stat"), ("gone=perhaps", "gone"), ("account=seven", "account"),
            ("region=the-moon", "region"), ("q=a&q=b", "q"), ("q=a%00b", "q"), ("tag=", "tag"),
            ("offset=-1", "offset"), ("offset=1000001", "offset"), ("offset=5&cursor=x", "offset"),
        ];
        for (query, parameter) in cases {
            let answer = client.get(&format!("{WORKSPACES}?{query}")).await?;
            if query == "tag=" && answer.status == 200 {
                // An empty filter is none.
                continue;
            }
            let problem = answer.refused(400, "invalid_query").map_err(|e| e.context(query))?;
            assert_eq!(problem.errors.first().map(|e| e.field.as_str()), Some(parameter), "{query}: {problem:?}");
        }
        let first: Page<WorkspaceView> = client.get(&format!("{WORKSPACES}?limit=5&sort=state")).await?.ok()?;
        let cursor = first.next_cursor.expect("there are 20");
        let damaged = format!("{}x{}", &cursor[..cursor.len() / 2], &cursor[cursor.len() / 2..]);
        let bad = [
            ("rubbish", "sort=state"), ("", "sort=state"), ("AAAA", "sort=state"), (&damaged, "sort=state"),
            (&cursor, "sort=-state"), (&cursor, "sort=user_name"), (&cursor, "sort=region"),
        ];
        for (cursor, sort) in bad {
            let answer = client.get(&format!("{WORKSPACES}?limit=5&{sort}&cursor={cursor}")).await?;
            if cursor.is_empty() && answer.status == 200 {
                continue;
            }
            answer.refused(400, "bad_cursor").map_err(|e| e.context(format!("{cursor} with {sort}")))?;
        }
        assert_eq!(client.get(&format!("{WORKSPACES}?limit=5&sort=state&cursor={cursor}")).await?.status, 200);
        // A leap lands where the cursor leads, and beyond the end there is nothing but the total.
        let on: Page<WorkspaceView> = client.get(&format!("{WORKSPACES}?sort=state&cursor={cursor}")).await?.ok()?;
        let leapt: Page<WorkspaceView> = client.get(&format!("{WORKSPACES}?sort=state&offset=5")).await?.ok()?;
        assert_eq!((leapt.items, leapt.total), (on.items, on.total));
        let beyond: Page<WorkspaceView> = client.get(&format!("{WORKSPACES}?offset=500")).await?.ok()?;
        assert_eq!((beyond.items.len(), beyond.next_cursor, beyond.total), (0, None, on.total));
        client.get(&with_id(WORKSPACE, Uuid::nil())).await?.refused(404, "not_found")?;
        client.get(&with_id(WORKSPACE, "ws-123")).await?.refused(400, "invalid_path")?;
        Ok(())
    }
}

app_test! {
    async fn all_that_match_are_those_of_the_list(app: fleet()) {
        let all = synced(app).await?;
        for query in ["", "state=STOPPED", "running_mode=AUTO_STOP&q=ws-", "state=NO_SUCH_STATE"] {
            let listed: BTreeSet<_> = workspaces(app.client(), query).await?.into_iter().map(|w| w.id).collect();
            let matching: WorkspaceIdsView = app.client().get(&format!("{WORKSPACE_IDS}?{query}")).await?.ok()?;
            assert_eq!(matching.total, listed.len() as u64, "{query}");
            assert_eq!(matching.ids.len(), listed.len(), "{query}: each once");
            assert_eq!(matching.ids.into_iter().collect::<BTreeSet<_>>(), listed, "{query}");
        }
        let name = &all[7].user_name;
        let member = app.create_user_named(&format!("{name}@example.com"), Role::Member).await?;
        let own: WorkspaceIdsView = member.get(WORKSPACE_IDS).await?.ok()?;
        let expected: BTreeSet<_> = all.iter().filter(|w| w.user_name == *name).map(|w| w.id).collect();
        assert_eq!(own.ids.into_iter().collect::<BTreeSet<_>>(), expected);
        app.client().get(&format!("{WORKSPACE_IDS}?region=moon")).await?.refused(400, "invalid_query")?;
        Ok(())
    }
}

app_test! {
    async fn a_member_sees_and_runs_their_own_only(app: fleet()) {
        let all = synced(app).await?;
        let mine = &all[7];
        let other = all.iter().find(|w| w.user_name != mine.user_name).expect("more than one person");
        let member = app.create_user_named(&format!("{}@example.com", mine.user_name.to_uppercase()), Role::Member).await?;
        let expected: BTreeSet<_> = all.iter().filter(|w| w.user_name == mine.user_name).map(|w| w.id).collect();
        let seen = workspaces(&member, "").await?;
        assert_eq!(seen.iter().map(|w| w.id).collect::<BTreeSet<_>>(), expected);
        assert_eq!(workspaces(&member, &format!("q={}", other.user_name)).await?.len(), 0);

        assert_eq!(member.get(&with_id(WORKSPACE, mine.id)).await?.status, 200);
        member.get(&with_id(WORKSPACE, other.id)).await?.refused(404, "not_found")?;
        let facets: WorkspaceFacetsView = member.get(WORKSPACE_FACETS).await?.ok()?;
        assert_eq!(facets.state.iter().map(|v| v.count).sum::<u64>(), expected.len() as u64);
        for key in tag_keys(&member, 200).await? {
            assert_ne!(workspaces(&member, &format!("tag={key}")).await?.len(), 0, "{key} is of their own");
        }

        let before = changes_asked_of_aws(app);
        let body = json!({ "workspace_ids": [other.id], "dry_run": false });
        let view: WorkspaceActionView = member.post(WORKSPACES_STOP, &body).await?.ok()?;
        assert_eq!((view.accepted, view.job_id), (0, None));
        assert_eq!(view.items[0].code.as_deref(), Some("not_found"));
        assert_eq!((&view.items[0].aws_id, &view.items[0].user_name), (&None, &None), "nothing is given away");
        assert_eq!(changes_asked_of_aws(app), before, "AWS was told nothing");
        Ok(())
    }
}
