//! The lists of directories and bundles: who sees which and how many WorkSpaces of each, and each row once and in order whatever the
//! sort, filter and page.

use domain::access::Reach;
use domain::ids::DirectoryId;
use domain::workspace::{ObservedBundle, ObservedDirectory};

use super::*;
use crate::repo::inventory::{SyncContext, bundles_apply, directories_apply, inventory_apply, mark_gone};
use crate::testing::{TestDb, db_test, observed};

/// WorkSpaces of each directory and bundle, in the order of their ids. Names go the other way round.
const COUNTS: [usize; 5] = [0, 3, 1, 3, 2];

/// An account with five directories and five bundles, one WorkSpace gone of the last of each.
async fn fill(test: &TestDb) -> SyncContext {
    let ctx = test.account().await;
    let numbers = COUNTS.iter().enumerate().flat_map(|(place, &count)| std::iter::repeat_n(place, count));
    let all: Vec<_> = numbers
        .enumerate()
        .map(|(number, place)| {
            let mut one = observed(number);
            one.directory_id = format!("d-{place}");
            one.bundle_id = format!("wsb-{place}");
            one.user_name = format!("user{number}");
            one
        })
        .collect();
    let mut gone = observed(99);
    (gone.directory_id, gone.bundle_id) = ("d-4".to_owned(), "wsb-4".to_owned());
    inventory_apply(&test.db, &ctx, &[gone]).await.unwrap();
    let later = SyncContext { run: Some(domain::ids::SyncRunId(test.env.new_id())), ..ctx };
    inventory_apply(&test.db, &later, &all).await.unwrap();
    mark_gone(&test.db, later.account_id, &later.region, later.run.unwrap(), test.now()).await.unwrap();
    let directories: Vec<_> = (0..COUNTS.len()).map(directory).collect();
    directories_apply(&test.db, &later, &directories).await.unwrap();
    let bundles: Vec<_> = (0..COUNTS.len()).map(bundle).collect();
    bundles_apply(&test.db, &later, &bundles).await.unwrap();
    later
}

/// `Name 9`, `name 8`, …
fn name(number: usize) -> String {
    format!("{} {}", if number.is_multiple_of(2) { "Name" } else { "name" }, 9 - number)
}

fn directory(number: usize) -> ObservedDirectory {
    ObservedDirectory {
        aws_id: format!("d-{number}"),
        name: name(number),
        alias: Some("corp".to_owned()),
        kind: "SIMPLE_AD".to_owned(),
        state: "REGISTERED".to_owned(),
        registration_code: None,
        stage: None,
    }
}

fn bundle(number: usize) -> ObservedBundle {
    ObservedBundle {
        aws_id: format!("wsb-{number}"),
        name: name(number),
        owner: "AMAZON".to_owned(),
        description: None,
        compute_type: Some("STANDARD".into()),
        root_volume_gib: Some(80),
        user_volume_gib: None,
        image_id: None,
    }
}

/// All pages of both lists, two rows at a time, as `number:WorkSpaces`; both are the same here.
async fn walk(test: &TestDb, scope: &Scope, filter: &PlaceFilter, order: PlaceOrder) -> Vec<String> {
    let mut directories = Vec::new();
    let mut query = PlaceQuery { filter: filter.clone(), order, cursor: None, limit: 2 };
    loop {
        let page = directory_page(&test.db, scope, &query).await.unwrap();
        directories.extend(page.rows.iter().map(|row| format!("{}:{}", &row.place.aws_id[2..], row.workspaces)));
        query.cursor = page.next;
        if query.cursor.is_none() {
            assert_eq!(page.total, directories.len() as u64);
            break;
        }
    }
    let mut bundles = Vec::new();
    loop {
        let page = bundle_page(&test.db, scope, &query).await.unwrap();
        bundles.extend(page.rows.iter().map(|row| format!("{}:{}", &row.place.aws_id[4..], row.workspaces)));
        query.cursor = page.next;
        if query.cursor.is_none() {
            assert_eq!(page.total, bundles.len() as u64);
            break;
        }
    }
    let mut sorted = (directories.clone(), bundles.clone());
    sorted.0.sort();
    sorted.1.sort();
    assert_eq!(sorted.0, sorted.1, "each has its WorkSpaces in the bundle of the same number");
    if order.sort == PlaceSort::Name {
        assert_eq!(directories, bundles);
    }
    directories
}

const BY_NAME: PlaceOrder = PlaceOrder { sort: PlaceSort::Name, descending: false };

db_test! {
    async fn both_sorts_page_each_row_once_and_in_order(test) {
        fill(test).await;
        let all = PlaceFilter::default();
        assert_eq!(walk(test, &Scope::Everything, &all, BY_NAME).await, ["4:2", "3:3", "2:1", "1:3", "0:0"]);
        let back = PlaceOrder { descending: true, ..BY_NAME };
        assert_eq!(walk(test, &Scope::Everything, &all, back).await, ["0:0", "1:3", "2:1", "3:3", "4:2"]);
        for descending in [false, true] {
            let order = PlaceOrder { sort: PlaceSort::Workspaces, descending };
            let rows = walk(test, &Scope::Everything, &all, order).await;
            let mut counts: Vec<_> = rows.iter().map(|row| row[2..].to_owned()).collect();
            if descending {
                counts.reverse();
            }
            assert_eq!(counts, ["0", "1", "2", "3", "3"], "what is gone does not count");
        }
    }
}

db_test! {
    async fn filters_narrow_and_cursors_belong_to_their_list(test) {
        let ctx = fill(test).await;
        let found = async |q: &str| {
            let filter = PlaceFilter { q: Some(q.to_owned()), ..PlaceFilter::default() };
            let query = PlaceQuery { filter, limit: 10, ..PlaceQuery::default() };
            let page = directory_page(&test.db, &Scope::Everything, &query).await.unwrap();
            page.rows.into_iter().map(|row| row.place.aws_id).collect::<Vec<_>>()
        };
        assert_eq!(found("NAME 8").await, ["d-1"]);
        assert_eq!(found("D-3").await, ["d-3"]);
        assert!(found("%").await.is_empty(), "a wildcard is a letter");
        let here = PlaceFilter {
            account_ids: vec![ctx.account_id],
            regions: vec![ctx.region.clone()],
            ..PlaceFilter::default()
        };
        assert_eq!(walk(test, &Scope::Everything, &here, BY_NAME).await.len(), 5);
        let elsewhere = PlaceFilter { regions: vec!["us-east-1".parse().unwrap()], ..PlaceFilter::default() };
        assert!(walk(test, &Scope::Everything, &elsewhere, BY_NAME).await.is_empty());

        let first = PlaceQuery { order: BY_NAME, limit: 2, ..PlaceQuery::default() };
        let next = directory_page(&test.db, &Scope::Everything, &first).await.unwrap().next;
        let second = PlaceQuery { cursor: next, ..first };
        let other = PlaceQuery { filter: here, ..second.clone() };
        let order = PlaceQuery { order: PlaceOrder { descending: true, ..BY_NAME }, ..second.clone() };
        for query in [&other, &order] {
            let refused = directory_page(&test.db, &Scope::Everything, query).await;
            assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
        }
        let refused = bundle_page(&test.db, &Scope::Everything, &second).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
    }
}

db_test! {
    async fn a_scope_gives_its_places_and_counts_its_workspaces_only(test) {
        let ctx = fill(test).await;
        test.account().await;
        let all = PlaceFilter::default();
        let whole = ["4:2", "3:3", "2:1", "1:3", "0:0"];
        let seen = async |scope: Scope| walk(test, &scope, &all, BY_NAME).await;
        assert_eq!(seen(Scope::only(Reach::Account { account_id: ctx.account_id })).await, whole);
        assert_eq!(seen(Scope::only(Reach::Region { region: ctx.region.clone() })).await, whole);
        let directory_id = DirectoryId::derive(ctx.account_id, &ctx.region, "d-3");
        assert_eq!(seen(Scope::only(Reach::Directory { directory_id })).await, ["3:3"]);
        // The first three WorkSpaces are of number 1, so that user1 has one of the three.
        assert_eq!(seen(Scope::desktops(["user1"])).await, ["1:1"]);
        assert!(seen(Scope::only(Reach::Account { account_id: test.env.new_id().into() })).await.is_empty());

        let query = PlaceQuery { limit: 1, ..PlaceQuery::default() };
        let page = directory_page(&test.db, &Scope::Everything, &query).await.unwrap();
        assert_eq!(page.rows[0].account_name, format!("account {}", ctx.account_id));
        assert_eq!(page.rows[0].place.alias.as_deref(), Some("corp"));
    }
}
