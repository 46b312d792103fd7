//! The lists of images and quotas: what is counted for each, who sees which, and what AWS no longer shows.

use domain::access::Reach;
use domain::ids::DirectoryId;
use domain::workspace::{ObservedBundle, ObservedDirectory, ObservedImage, ObservedQuota, QUOTA_NEARLY_PERCENT};

use super::*;
use crate::repo::inventory::{
    SyncContext, bundles_apply, directories_apply, images_apply, images_forget, inventory_apply, quotas_apply,
    quotas_forget,
};
use crate::testing::{TestDb, db_test, observed};

/// Four WorkSpaces, three of them of the first bundle and one of the second, in a directory each of the two; a third directory is no
/// longer registered. The image `wsi-0` is that of both bundles, nothing is made of `wsi-1`.
async fn fill(test: &TestDb) -> SyncContext {
    let ctx = test.account().await;
    let mut all: Vec<_> = (0..4).map(observed).collect();
    for (number, one) in all.iter_mut().enumerate() {
        let place = usize::from(number == 3);
        (one.directory_id, one.bundle_id) = (format!("d-{place}"), format!("wsb-{place}"));
        one.user_name = format!("user{number}");
        one.compute_type = Some(if number == 0 { "GRAPHICS_G4DN" } else { "STANDARD" }.into());
    }
    inventory_apply(&test.db, &ctx, &all).await.unwrap();
    let directories: Vec<_> = (0..3).map(directory).collect();
    directories_apply(&test.db, &ctx, &directories).await.unwrap();
    let bundles: Vec<_> = (0..2).map(bundle).collect();
    bundles_apply(&test.db, &ctx, &bundles).await.unwrap();
    assert_eq!(images_apply(&test.db, &ctx, &[image("wsi-0"), image("wsi-1")]).await.unwrap(), 2);
    assert_eq!(quotas_apply(&test.db, &ctx, &quotas()).await.unwrap(), 5);
    ctx
}

fn directory(number: usize) -> ObservedDirectory {
    ObservedDirectory {
        aws_id: format!("d-{number}"),
        name: format!("corp{number}.example.com"),
        alias: None,
        kind: "SIMPLE_AD".to_owned(),
        state: if number == 2 { "DEREGISTERED" } else { "REGISTERED" }.to_owned(),
        registration_code: None,
        stage: None,
    }
}

fn bundle(number: usize) -> ObservedBundle {
    ObservedBundle {
        aws_id: format!("wsb-{number}"),
        name: format!("Bundle {number}"),
        owner: "123456789012".to_owned(),
        description: None,
        compute_type: None,
        root_volume_gib: None,
        user_volume_gib: None,
        image_id: Some("wsi-0".to_owned()),
    }
}

fn image(aws_id: &str) -> ObservedImage {
    ObservedImage {
        aws_id: aws_id.to_owned(),
        name: format!("Image {aws_id}"),
        description: Some("as of spring".to_owned()),
        operating_system: Some("WINDOWS".to_owned()),
        state: "AVAILABLE".to_owned(),
        required_tenancy: Some("DEFAULT".to_owned()),
        owner_account_id: Some("123456789012".to_owned()),
        created_at: chrono::DateTime::from_timestamp(1_700_000_000, 0),
        update_available: Some(true),
        error_code: None,
        error_message: None,
    }
}

fn quota(code: &str, name: &str, value: Option<i64>) -> ObservedQuota {
    ObservedQuota { code: code.to_owned(), name: name.to_owned(), value, adjustable: true, global: false }
}

fn quotas() -> Vec<ObservedQuota> {
    vec![
        quota("L-34278094", "WorkSpaces", Some(5)),
        quota("L-EEB759DE", "Directories", Some(50)),
        quota("L-1", "Graphics.g4dn WorkSpaces", Some(0)),
        quota("L-2", "GraphicsPro WorkSpaces", None),
        quota("L-3", "Images", Some(40)),
    ]
}

/// `name:used/value`, page by page.
async fn told(test: &TestDb, scope: &Scope, order: PlaceOrder) -> Vec<String> {
    let (mut rows, mut query) = (Vec::new(), PlaceQuery { order, limit: 2, ..PlaceQuery::default() });
    loop {
        let page = quota_page(&test.db, scope, &query).await.unwrap();
        rows.extend(page.rows.iter().map(|row| {
            let used = if row.place.counted { row.workspaces.to_string() } else { "?".to_owned() };
            format!("{}:{used}/{}", row.place.quota.code, row.place.quota.value.unwrap_or(-1))
        }));
        query.cursor = page.next;
        if query.cursor.is_none() {
            assert_eq!(page.total, rows.len() as u64);
            return rows;
        }
    }
}

const BY_NAME: PlaceOrder = PlaceOrder { sort: PlaceSort::Name, descending: false };
const NEAREST: PlaceOrder = PlaceOrder { sort: PlaceSort::Workspaces, descending: true };

db_test! {
    async fn a_quota_is_held_against_what_is_there(test) {
        fill(test).await;
        let everything = Scope::Everything;
        let by_name = ["L-EEB759DE:2/50", "L-1:1/0", "L-2:0/-1", "L-3:?/40", "L-34278094:4/5"];
        assert_eq!(told(test, &everything, BY_NAME).await, by_name);
        let nearest = told(test, &everything, NEAREST).await;
        assert_eq!(nearest[..3], ["L-1:1/0", "L-34278094:4/5", "L-EEB759DE:2/50"], "by how much of it is used");
        let nearly = async |percent| quota_count(&test.db, &everything, percent).await.unwrap();
        assert_eq!([nearly(QUOTA_NEARLY_PERCENT).await, nearly(81).await, nearly(101).await], [2, 1, 0]);
    }
}

db_test! {
    async fn the_quotas_of_which_so_much_is_used_are_those_that_are_counted(test) {
        fill(test).await;
        let everything = Scope::Everything;
        for (percent, codes) in [
            (0, vec!["L-1", "L-34278094", "L-EEB759DE"]),
            (4, vec!["L-1", "L-34278094", "L-EEB759DE"]),
            (5, vec!["L-1", "L-34278094"]),
            (QUOTA_NEARLY_PERCENT, vec!["L-1", "L-34278094"]),
            (81, vec!["L-1"]),
            (101, vec![]),
        ] {
            let filter = PlaceFilter { at_least: Some(percent), ..PlaceFilter::default() };
            let mut query = PlaceQuery { filter, order: NEAREST, limit: 1, ..PlaceQuery::default() };
            let mut found = Vec::new();
            loop {
                let page = quota_page(&test.db, &everything, &query).await.unwrap();
                assert_eq!(page.total, codes.len() as u64, "{percent} %");
                assert_eq!(page.total, quota_count(&test.db, &everything, percent).await.unwrap(), "{percent} %");
                found.extend(page.rows.into_iter().map(|row| row.place.quota.code));
                query.cursor = page.next;
                if query.cursor.is_none() {
                    break;
                }
            }
            assert_eq!(found, codes, "{percent} %: what is not counted is not among them");
        }
    }
}

db_test! {
    async fn only_who_sees_all_of_a_region_sees_its_quotas(test) {
        let ctx = fill(test).await;
        let directory_id = DirectoryId::derive(ctx.account_id, &ctx.region, "d-0");
        for (scope, rows) in [
            (Scope::only(Reach::Account { account_id: ctx.account_id }), 5),
            (Scope::only(Reach::Region { region: ctx.region.clone() }), 5),
            (Scope::only(Reach::Region { region: "ap-southeast-2".parse().unwrap() }), 0),
            (Scope::only(Reach::Directory { directory_id }), 0),
            (Scope::desktops(["user0"]), 0),
        ] {
            assert_eq!(told(test, &scope, BY_NAME).await.len(), rows, "{scope:?}");
            let nearly = quota_count(&test.db, &scope, QUOTA_NEARLY_PERCENT).await.unwrap();
            assert_eq!(nearly, if rows > 0 { 2 } else { 0 }, "{scope:?}");
        }
    }
}

db_test! {
    async fn an_image_has_the_workspaces_of_its_bundles(test) {
        let ctx = fill(test).await;
        let seen = async |scope: &Scope| -> Vec<(String, u64, u64)> {
            let page = image_page(&test.db, scope, &PlaceQuery { limit: 10, ..PlaceQuery::default() }).await.unwrap();
            page.rows.into_iter().map(|row| (row.place.image.aws_id, row.place.bundles, row.workspaces)).collect()
        };
        let whole = [("wsi-0".to_owned(), 2, 4), ("wsi-1".to_owned(), 0, 0)];
        assert_eq!(seen(&Scope::Everything).await, whole);
        assert_eq!(seen(&Scope::only(Reach::Account { account_id: ctx.account_id })).await, whole);
        let directory_id = DirectoryId::derive(ctx.account_id, &ctx.region, "d-0");
        assert_eq!(seen(&Scope::only(Reach::Directory { directory_id })).await, [("wsi-0".to_owned(), 1, 3)]);
        assert_eq!(seen(&Scope::desktops(["user3"])).await, [("wsi-0".to_owned(), 1, 1)]);
        assert_eq!(seen(&Scope::desktops(["nobody"])).await, []);

        let query = PlaceQuery { limit: 1, ..PlaceQuery::default() };
        let page = image_page(&test.db, &Scope::Everything, &query).await.unwrap();
        assert_eq!(page.rows[0].place.image, image("wsi-0"), "as AWS says it");
        let refused = quota_page(&test.db, &Scope::Everything, &PlaceQuery { cursor: page.next, ..query }).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
    }
}

db_test! {
    async fn what_is_not_shown_any_more_is_forgotten_there_alone(test) {
        let ctx = fill(test).await;
        let other = fill(test).await;
        assert_eq!(images_apply(&test.db, &ctx, &[image("wsi-0")]).await.unwrap(), 0, "as it was");
        assert_eq!(images_forget(&test.db, &ctx, &[image("wsi-0")]).await.unwrap(), 1);
        assert_eq!(quotas_forget(&test.db, &ctx, &[]).await.unwrap(), 5);
        let raised = quota("L-34278094", "WorkSpaces", Some(500));
        assert_eq!(quotas_apply(&test.db, &other, &[raised]).await.unwrap(), 1, "raised");
        assert_eq!(told(test, &Scope::Everything, BY_NAME).await.len(), 5);
        let here = Scope::only(Reach::Account { account_id: other.account_id });
        assert_eq!(told(test, &here, BY_NAME).await[4], "L-34278094:4/500");
        let page = image_page(&test.db, &here, &PlaceQuery { limit: 10, ..PlaceQuery::default() }).await.unwrap();
        assert_eq!(page.total, 2);
    }
}
