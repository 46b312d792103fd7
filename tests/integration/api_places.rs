//! The lists of directories and bundles: the same numbers as the list of WorkSpaces, paging, sorts, filters, files, and who sees what.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use contract::page::Page;
use contract::paths::{AUDIT_LOG, BUNDLES, DIRECTORIES, EXPORT_BUNDLES, EXPORT_DIRECTORIES};
use contract::places::{BundleView, DirectoryView};
use domain::access::{Reach, Role, Scope};
use domain::ids::DirectoryId;
use serde_json::Value;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;

use crate::support::{whole_list, workspaces};

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 150, seed: 11, ..TestAppOptions::default() }
}

async fn synced(app: &TestApp) -> Result<()> {
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    Ok(())
}

async fn directories(client: &ApiClient, query: &str) -> Result<Vec<DirectoryView>> {
    Ok(whole_list(client, DIRECTORIES, query).await?.0)
}

async fn bundles(client: &ApiClient, query: &str) -> Result<Vec<BundleView>> {
    Ok(whole_list(client, BUNDLES, query).await?.0)
}

app_test! {
    async fn each_number_is_that_of_the_workspaces_it_leads_to(app: fleet()) {
        synced(app).await?;
        let client = app.client();
        let (there, made) = (directories(client, "limit=1").await?, bundles(client, "limit=2").await?);
        assert!(there.len() > 1 && made.len() > 1, "{} directories, {} bundles", there.len(), made.len());
        for one in &there {
            let query = format!("directory={}&account={}&region={}", one.aws_id, one.account_id, one.region);
            assert_eq!(workspaces(client, &query).await?.len() as u64, one.workspaces, "{query}");
            assert!(!one.name.is_empty() && !one.kind.is_empty() && one.state == "REGISTERED", "{one:?}");
        }
        for one in &made {
            let query = format!("bundle={}&account={}&region={}", one.aws_id, one.account_id, one.region);
            assert_eq!(workspaces(client, &query).await?.len() as u64, one.workspaces, "{query}");
            assert!(one.compute_type.is_some() && !one.owner.is_empty(), "{one:?}");
        }
        assert_eq!(there.iter().map(|one| one.workspaces).sum::<u64>(), 150);
        assert_eq!(made.iter().map(|one| one.workspaces).sum::<u64>(), 150);
        Ok(())
    }
}

app_test! {
    async fn sorts_filters_and_files_agree_with_the_whole_list(app: fleet()) {
        synced(app).await?;
        let client = app.client();
        let all = bundles(client, "limit=200").await?;
        let names = |rows: &[BundleView]| rows.iter().map(|one| one.name.to_lowercase()).collect::<Vec<_>>();
        let counts = |rows: &[BundleView]| rows.iter().map(|one| one.workspaces).collect::<Vec<_>>();
        let ids = |rows: &[BundleView]| rows.iter().map(|one| one.id).collect::<BTreeSet<_>>();
        for query in ["limit=2&sort=name", "limit=2&sort=-name", "limit=2&sort=workspaces", "limit=2&sort=-workspaces"] {
            let rows = bundles(client, query).await?;
            assert_eq!((rows.len(), ids(&rows)), (all.len(), ids(&all)), "{query}: each once");
        }
        assert_eq!(names(&bundles(client, "limit=2&sort=name").await?), names(&all), "by name when nothing is said");
        assert!(counts(&bundles(client, "limit=2&sort=workspaces").await?).is_sorted());
        assert!(counts(&bundles(client, "limit=2&sort=-workspaces").await?).iter().rev().is_sorted());

        let one = all.first().context("a bundle")?;
        let found = bundles(client, &format!("q={}", one.aws_id.to_uppercase())).await?;
        assert!(!found.is_empty() && found.iter().all(|row| row.aws_id == one.aws_id), "{found:?}");
        let here = bundles(client, &format!("account={}&region={}", one.account_id, one.region)).await?;
        let expected = all.iter().filter(|row| row.region == one.region).count();
        assert_eq!(here.len(), expected);
        assert!(bundles(client, "q=nobody-of-this-name").await?.is_empty());

        for (list, file) in [(DIRECTORIES, EXPORT_DIRECTORIES), (BUNDLES, EXPORT_BUNDLES)] {
            let page: Value = client.get(&format!("{list}?limit=200&sort=-workspaces")).await?.ok()?;
            let rows: Value = client.get(&format!("{file}?format=json&sort=-workspaces")).await?.ok()?;
            let (rows, items) = (rows.as_array().context("rows")?, page["items"].as_array().context("items")?);
            assert_eq!(rows.len(), items.len(), "{file}");
            for (row, item) in rows.iter().zip(items) {
                for (name, value) in item.as_object().context("an object")? {
                    // What is not known is empty in a file.
                    let empty = value.is_null() && row[name].as_str().is_none_or(str::is_empty);
                    assert!(row[name] == *value || empty, "{file} {name}: {row} {item}");
                }
            }
        }
        let log: Value = client.get(&format!("{AUDIT_LOG}?action=directory.export,bundle.export")).await?.ok()?;
        assert_eq!(log["total"], 2, "{log}");
        Ok(())
    }
}

app_test! {
    async fn what_one_sees_of_the_fleet_decides_what_is_listed(app: fleet()) {
        synced(app).await?;
        let all = workspaces(app.client(), "").await?;
        let there = directories(app.client(), "limit=200").await?;
        let one = there.iter().find(|one| one.workspaces > 0).context("a directory in use")?;
        let scope = Scope::only(Reach::Directory { directory_id: one.id });
        let viewer = app.create_user_with("viewer@example.com", &[(Role::Viewer, scope)]).await?;
        assert_eq!(directories(&viewer, "limit=1").await?, std::slice::from_ref(one), "that one only");
        let within: Vec<_> = all
            .iter()
            .filter(|w| (&w.directory_id, w.account_id, &w.region) == (&one.aws_id, one.account_id, &one.region))
            .collect();
        let made = bundles(&viewer, "limit=1").await?;
        let expected: BTreeSet<_> = within.iter().map(|w| w.bundle_id.clone()).collect();
        assert_eq!(made.iter().map(|row| row.aws_id.clone()).collect::<BTreeSet<_>>(), expected);
        assert_eq!(made.iter().map(|row| row.workspaces).sum::<u64>(), one.workspaces);

        let mine = &all[7];
        let own: Vec<_> = all.iter().filter(|w| w.user_name == mine.user_name).collect();
        let member = app.create_user_named(&format!("{}@example.com", mine.user_name), Role::Member).await?;
        let seen: BTreeSet<DirectoryId> = directories(&member, "").await?.into_iter().map(|row| row.id).collect();
        let expected: BTreeSet<_> = own.iter().map(|w| DirectoryId::derive(w.account_id, &w.region, &w.directory_id)).collect();
        assert_eq!(seen, expected);
        assert_eq!(bundles(&member, "").await?.iter().map(|row| row.workspaces).sum::<u64>(), own.len() as u64);
        Ok(())
    }
}

app_test! {
    async fn wrong_queries_are_refused_by_name(app: TestAppOptions { simulated_workspaces: 20, ..TestAppOptions::default() }) {
        synced(app).await?;
        let client = app.client();
        for path in [DIRECTORIES, BUNDLES] {
            for (query, field) in [
                ("sort=price", "sort"),
                ("sort=--name", "sort"),
                ("account=7", "account"),
                ("region=moon", "region"),
                ("limit=0", "limit"),
                ("limit=201", "limit"),
                ("state=REGISTERED", "state"),
            ] {
                let problem = client.get(&format!("{path}?{query}")).await?.refused(400, "invalid_query")?;
                assert_eq!(problem.errors[0].field, field, "{path}?{query}");
            }
        }
        for path in [EXPORT_DIRECTORIES, EXPORT_BUNDLES] {
            for (query, field) in [("format=pdf", "format"), ("sort=price", "sort"), ("limit=5", "limit"), ("cursor=x", "cursor")] {
                let problem = client.get(&format!("{path}?{query}")).await?.refused(400, "invalid_query")?;
                assert_eq!(problem.errors[0].field, field, "{path}?{query}");
            }
        }
        let next = client.get(&format!("{BUNDLES}?limit=1")).await?.ok::<Page<BundleView>>()?.next_cursor;
        let next = next.context("more than one bundle")?;
        for path in [format!("{BUNDLES}?limit=1&sort=-name"), format!("{BUNDLES}?limit=1&q=x"), format!("{DIRECTORIES}?limit=1")] {
            client.get(&format!("{path}&cursor={next}")).await?.refused(400, "bad_cursor")?;
        }
        Ok(())
    }
}
