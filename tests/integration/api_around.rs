//! The lists of images and quotas: what is counted for each, files, who sees what, what is nearly used up, and a permission that is
//! missing.

use anyhow::{Context as _, Result};
use contract::accounts::StartedJobsView;
use contract::data_sets::DataSetsView;
use contract::overview::OverviewView;
use contract::paths::{
    BUNDLES, DATA_SETS, DIRECTORIES, EXPORT_IMAGES, EXPORT_QUOTAS, IMAGES, OVERVIEW, QUOTAS, SCHEDULE_RUN, with_id,
};
use contract::places::{BundleView, DirectoryView, ImageView, QuotaView};
use domain::access::{Reach, Role, Scope};
use domain::sync::SyncKind;
use domain::workspace::ComputeType;
use sea_orm::ConnectionTrait as _;
use serde_json::Value;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;

use crate::support::{whole_list, workspaces};

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 150, seed: 11, ..TestAppOptions::default() }
}

/// Runs what brings images and quotas in, and waits.
async fn read(app: &TestApp) -> Result<()> {
    for kind in [SyncKind::Images, SyncKind::Quotas] {
        let started: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, kind)).await?.ok()?;
        for job in started.job_ids {
            app.wait_for_job(job).await?;
        }
    }
    Ok(())
}

async fn synced(app: &TestApp) -> Result<()> {
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    read(app).await
}

async fn images(client: &ApiClient, query: &str) -> Result<Vec<ImageView>> {
    Ok(whole_list(client, IMAGES, query).await?.0)
}

async fn quotas(client: &ApiClient, query: &str) -> Result<Vec<QuotaView>> {
    Ok(whole_list(client, QUOTAS, query).await?.0)
}

app_test! {
    async fn an_image_has_the_bundles_and_workspaces_that_are_made_of_it(app: fleet()) {
        synced(app).await?;
        let client = app.client();
        let all = images(client, "limit=1").await?;
        let bundles: Vec<BundleView> = whole_list(client, BUNDLES, "").await?.0;
        assert!(all.len() > 1 && all.iter().any(|image| image.workspaces > 0), "{all:?}");
        for image in &all {
            let made: Vec<_> = bundles
                .iter()
                .filter(|b| (b.account_id, &b.region) == (image.account_id, &image.region))
                .filter(|b| b.image_id.as_ref() == Some(&image.aws_id))
                .collect();
            let desktops = made.iter().map(|bundle| bundle.workspaces).sum::<u64>();
            assert_eq!((image.bundles, image.workspaces), (made.len() as u64, desktops), "{image:?}");
            assert!(image.state == "AVAILABLE" && image.created_at.is_some() && image.operating_system.is_some());
        }
        let most = images(client, "limit=1&sort=-workspaces").await?;
        assert!(most.iter().rev().map(|image| image.workspaces).is_sorted() && most.len() == all.len());
        let found = images(client, &format!("q={}", all[0].aws_id.to_uppercase())).await?;
        assert!(found.iter().all(|image| image.aws_id == all[0].aws_id) && !found.is_empty());
        Ok(())
    }
}

app_test! {
    async fn a_quota_is_held_against_the_inventory_and_told_when_it_is_near(app: fleet()) {
        synced(app).await?;
        let client = app.client();
        let (desktops, all) = (workspaces(client, "").await?, quotas(client, "limit=2").await?);
        let directories: Vec<DirectoryView> = whole_list(client, DIRECTORIES, "").await?.0;
        for quota in &all {
            let here = desktops.iter().filter(|w| (w.account_id, &w.region) == (quota.account_id, &quota.region));
            let of = |compute: ComputeType| here.clone().filter(|w| w.compute_type.as_ref() == Some(&compute)).count();
            let used = match quota.name.as_str() {
                "WorkSpaces" => Some(here.clone().count()),
                "Graphics WorkSpaces" => Some(of(ComputeType::Graphics)),
                "GraphicsPro WorkSpaces" => Some(of(ComputeType::GraphicsPro)),
                "Directories" => Some(directories.iter().filter(|one| one.region == quota.region).count()),
                _ => None,
            };
            assert_eq!(quota.used, used.map(|used| used as u64), "{quota:?}");
            let left = quota.limit.zip(quota.used).map(|(limit, used)| limit.saturating_sub(used));
            assert!(quota.left == left && quota.used_percent.is_some() == left.is_some(), "{quota:?}");
        }
        let one = all.iter().find(|quota| quota.code == "L-34278094" && quota.used > Some(4)).context("a fleet")?;
        assert_eq!((one.limit, one.adjustable), (Some(60_000), true));

        let near = async || -> Result<u64> { Ok(client.get(OVERVIEW).await?.ok::<OverviewView>()?.quotas_nearly_used) };
        let before = near().await?;
        assert_eq!(before, all.iter().filter(|quota| quota.used_percent.is_some_and(|used| used >= 80)).count() as u64);
        let lowered = format!("UPDATE quota SET value = {} WHERE aws_id = '{}'", one.used.unwrap_or(0) * 5 / 4, one.code);
        let lowered = format!("{lowered} AND region = '{}'", one.region);
        app.context().db.execute_unprepared(&lowered).await?;
        assert_eq!(near().await?, before + 1);
        let by_use: Vec<_> = quotas(client, "limit=2&sort=-used").await?.into_iter().map(|quota| quota.used_percent).collect();
        assert!(by_use.iter().rev().is_sorted() && by_use.len() == all.len(), "{by_use:?}");
        // The number is the length of the list that its link opens.
        let told = quotas(client, "limit=1&used_from=80&sort=-used").await?;
        assert_eq!(told.len() as u64, before + 1);
        assert!(told.iter().all(|quota| quota.used_percent.is_some_and(|used| used >= 80)), "{told:?}");

        // AWS's word counts again as soon as it is heard.
        read(app).await?;
        assert_eq!(near().await?, before);
        Ok(())
    }
}

app_test! {
    async fn files_have_what_the_lists_have_and_wrong_queries_are_named(app: fleet()) {
        synced(app).await?;
        let client = app.client();
        for (list, file, sort) in [(IMAGES, EXPORT_IMAGES, "-workspaces"), (QUOTAS, EXPORT_QUOTAS, "-used")] {
            let page: Value = client.get(&format!("{list}?limit=200&sort={sort}")).await?.ok()?;
            let rows: Value = client.get(&format!("{file}?format=json&sort={sort}")).await?.ok()?;
            let (rows, items) = (rows.as_array().context("rows")?, page["items"].as_array().context("items")?);
            assert!(rows.len() == items.len() && !rows.is_empty(), "{file}");
            for (row, item) in rows.iter().zip(items) {
                for (name, value) in item.as_object().context("an object")? {
                    // What is not known is empty in a file.
                    let empty = value.is_null() && row[name].as_str().is_none_or(str::is_empty);
                    assert!(row[name] == *value || empty, "{file} {name}: {row} {item}");
                }
            }
            for (query, field) in [("sort=price", "sort"), ("account=7", "account"), ("region=moon", "region"), ("state=x", "state")] {
                let problem = client.get(&format!("{list}?{query}")).await?.refused(400, "invalid_query")?;
                assert_eq!(problem.errors[0].field, field, "{list}?{query}");
            }
        }
        let rows: Value = client.get(&format!("{EXPORT_QUOTAS}?format=json&used_from=0")).await?.ok()?;
        let page: Value = client.get(&format!("{QUOTAS}?used_from=0")).await?.ok()?;
        assert_eq!(rows.as_array().map(Vec::len).map(|rows| rows as u64), page["total"].as_u64());
        for (path, query) in [(QUOTAS, "used_from=1001"), (QUOTAS, "used_from=-1"), (QUOTAS, "used_from=most"),
            (EXPORT_QUOTAS, "used_from=1001"), (IMAGES, "used_from=80")] {
            let problem = client.get(&format!("{path}?{query}")).await?.refused(400, "invalid_query")?;
            assert_eq!(problem.errors[0].field, "used_from", "{path}?{query}");
        }
        client.get(&format!("{IMAGES}?sort=used")).await?.refused(400, "invalid_query")?;
        client.get(&format!("{QUOTAS}?sort=workspaces")).await?.refused(400, "invalid_query")?;
        Ok(())
    }
}

app_test! {
    async fn a_part_of_a_region_shows_its_images_and_no_quota(app: fleet()) {
        synced(app).await?;
        let all = images(app.client(), "").await?;
        let directories: Vec<DirectoryView> = whole_list(app.client(), DIRECTORIES, "").await?.0;
        for directory in directories {
            let scope = Scope::only(Reach::Directory { directory_id: directory.id });
            let viewer = app.create_user_with(&format!("{}@example.com", directory.aws_id), &[(Role::Viewer, scope)]).await?;
            let bundles: Vec<BundleView> = whole_list(&viewer, BUNDLES, "").await?.0;
            let of_those = |image: &&ImageView| {
                bundles.iter().any(|b| b.image_id.as_ref() == Some(&image.aws_id) && b.region == image.region)
            };
            let expected: Vec<_> = all.iter().filter(of_those).map(|image| image.id).collect();
            assert_eq!(images(&viewer, "").await?.iter().map(|image| image.id).collect::<Vec<_>>(), expected);
            assert_eq!(quotas(&viewer, "").await?, []);
            assert_eq!(viewer.get(OVERVIEW).await?.ok::<OverviewView>()?.quotas_nearly_used, 0);
        }
        Ok(())
    }
}

app_test! {
    async fn a_quota_that_may_not_be_read_is_named_and_stops_nothing_else(app: fleet()) {
        app.create_owner().await?;
        app.faults(&["deny:ListServiceQuotas"])?;
        app.connect_simulated_and_sync().await?;
        read(app).await?;
        assert_eq!(quotas(app.client(), "").await?, []);
        assert!(!images(app.client(), "").await?.is_empty());
        let sets: DataSetsView = app.client().get(DATA_SETS).await?.ok()?;
        for set in sets.items.iter().filter(|set| set.kind == SyncKind::Quotas) {
            let named = (set.status.as_str(), set.missing_permission.as_deref());
            assert_eq!(named, ("failed", Some("servicequotas:ListServiceQuotas")), "{set:?}");
        }
        for set in sets.items.iter().filter(|set| matches!(set.kind, SyncKind::Workspaces | SyncKind::Images)) {
            assert_eq!((set.status.as_str(), set.missing_permission.as_deref()), ("ok", None), "{set:?}");
        }
        Ok(())
    }
}
