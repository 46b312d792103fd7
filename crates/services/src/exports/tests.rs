//! Exports as a whole: each format, what a spreadsheet must not run, what breaks off, who waits.

use std::io::Read as _;

use async_trait::async_trait;
use domain::access::{Actor, Permission, Role};
use domain::audit::Entry;
use domain::ids::UserId;
use futures::StreamExt as _;
use serde_json::{Value, json};
use store::StoreError;
use uuid::Uuid;

use super::sheet::SheetWriter;
use super::*;
use crate::Context;
use crate::testing::{FakeFleet, Harness};

const COLUMNS: &[Column] =
    &[Column::number("n"), Column::text("word"), Column::time("at"), Column::flag("even"), Column::json("tags")];

/// A table of so many pages, of which one may fail.
struct Pages {
    pages: usize,
    rows: usize,
    broken: Option<usize>,
}

#[async_trait]
impl Table for Pages {
    fn name(&self) -> &'static str {
        "pages"
    }

    fn permission(&self) -> Permission {
        Permission::WorkspaceRead
    }

    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn entry(&self) -> Entry {
        Entry::new("pages.export", Permission::WorkspaceRead)
    }

    async fn page(&self, _: &Context, _: &Actor, cursor: Option<String>) -> Result<Rows, ExportError> {
        let page: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        if self.broken == Some(page) {
            return Err(StoreError::Unavailable { source: None }.into());
        }
        let rows = (0..self.rows).map(|row| cells(page * self.rows + row)).collect();
        Ok(Rows { rows, next: (page + 1 < self.pages).then(|| (page + 1).to_string()) })
    }
}

fn cells(n: usize) -> Row {
    let word = if n == 0 { "=cmd|' /C calc'!A0".to_owned() } else { format!("say \"{n}\", please") };
    vec![
        Cell::number(n),
        Cell::Text(word),
        Cell::Time("2026-03-01T12:00:00Z".parse().unwrap()),
        Cell::Flag(n.is_multiple_of(2)),
        if n == 1 { Cell::Empty } else { Cell::Json(json!({ "Team": "core" })) },
    ]
}

fn viewer() -> Actor {
    Actor::user(UserId(Uuid::from_u128(7)), "ada@example.com", Role::Viewer)
}

async fn file(harness: &Harness, table: Pages, format: ExportFormat) -> Vec<u8> {
    let export = begin(&harness.ctx, &viewer(), Box::new(table), format, &Gate::default()).await.unwrap();
    let parts: Vec<_> = export.parts.collect().await;
    parts.into_iter().flat_map(Result::unwrap).collect()
}

fn whole() -> Pages {
    Pages { pages: 3, rows: 4, broken: None }
}

#[tokio::test]
async fn every_format_has_every_row() {
    let harness = Harness::new(FakeFleet::default()).await;
    let csv = String::from_utf8(file(&harness, whole(), ExportFormat::Csv).await).unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 13);
    assert_eq!(lines[0], "n,word,at,even,tags");
    assert_eq!(lines[1], "0,'=cmd|' /C calc'!A0,2026-03-01T12:00:00Z,true,\"{\"\"Team\"\":\"\"core\"\"}\"");
    assert_eq!(lines[2], "1,\"say \"\"1\"\", please\",2026-03-01T12:00:00Z,false,");

    let text = String::from_utf8(file(&harness, whole(), ExportFormat::Json).await).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(rows.len(), 12);
    assert_eq!(rows[0]["word"], "=cmd|' /C calc'!A0", "what is no spreadsheet stays as it is");
    assert_eq!(
        (&rows[1]["tags"], &rows[2]["tags"]["Team"], &rows[11]["n"]),
        (&Value::Null, &json!("core"), &json!(11))
    );

    let text = String::from_utf8(file(&harness, whole(), ExportFormat::JsonLines).await).unwrap();
    assert_eq!(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>(), rows);

    // A table without rows is a whole file too.
    let none = || Pages { pages: 1, rows: 0, broken: None };
    assert_eq!(file(&harness, none(), ExportFormat::Csv).await, b"n,word,at,even,tags\r\n");
    let empty: Vec<Value> = serde_json::from_slice(&file(&harness, none(), ExportFormat::Json).await).unwrap();
    assert!(empty.is_empty());
}

/// The text of a file of a workbook.
fn inside(workbook: Vec<u8>, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_workbook_has_rows_and_runs_nothing() {
    let harness = Harness::new(FakeFleet::default()).await;
    let workbook = file(&harness, whole(), ExportFormat::Xlsx).await;
    let sheet = inside(workbook, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<row ").count(), 13);
    assert!(sheet.contains("=cmd|") && !sheet.contains("<f>"), "a text, not a formula");
    assert!(sheet.contains("<v>11</v>"), "numbers are numbers");
}

#[test]
fn what_does_not_fit_a_sheet_goes_to_the_next() {
    let mut writer = SheetWriter::with_rows("pages", COLUMNS, 4).unwrap();
    writer.rows(&(0..7).map(cells).collect::<Vec<_>>()).unwrap();
    let mut workbook = Vec::new();
    writer.end().unwrap().read_to_end(&mut workbook).unwrap();
    let rows = |sheet: &str| inside(workbook.clone(), &format!("xl/worksheets/{sheet}.xml")).matches("<row ").count();
    assert_eq!([rows("sheet1"), rows("sheet2"), rows("sheet3")], [4, 4, 2]);
}

#[tokio::test]
async fn what_breaks_in_the_middle_does_not_end() {
    let harness = Harness::new(FakeFleet::default()).await;
    for format in ExportFormat::ALL {
        let table = Box::new(Pages { pages: 5, rows: 2, broken: Some(3) });
        let export = begin(&harness.ctx, &viewer(), table, *format, &Gate::default()).await.unwrap();
        let parts: Vec<_> = export.parts.collect().await;
        // A reader that is behind when it breaks off learns only that it did.
        assert!(matches!(parts.last(), Some(Err(ExportError::Store(_) | ExportError::GivenUp))), "{format}");
    }
    // Before anything was given it is an answer.
    let table = Box::new(Pages { pages: 5, rows: 2, broken: Some(0) });
    assert!(begin(&harness.ctx, &viewer(), table, ExportFormat::Csv, &Gate::default()).await.is_err());
}

#[tokio::test]
async fn whoever_leaves_makes_room() {
    let harness = Harness::new(FakeFleet::default()).await;
    let gate = Gate::default();
    let endless = || Box::new(Pages { pages: usize::MAX, rows: 100, broken: None });
    let mut open = Vec::new();
    for _ in 0..OF_ONE {
        let mut export = begin(&harness.ctx, &viewer(), endless(), ExportFormat::Csv, &gate).await.unwrap();
        assert!(export.parts.next().await.unwrap().is_ok());
        open.push(export);
    }
    let refused = begin(&harness.ctx, &viewer(), endless(), ExportFormat::Csv, &gate).await;
    assert!(matches!(refused, Err(ExportError::Busy(_))));
    drop(open);
    // The task sees that nobody reads any more with the next part.
    loop {
        match begin(&harness.ctx, &viewer(), endless(), ExportFormat::Csv, &gate).await {
            Ok(_) => break,
            Err(ExportError::Busy(_)) => tokio::task::yield_now().await,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn without_the_permission_there_is_none() {
    let harness = Harness::new(FakeFleet::default()).await;
    let nobody = Actor::new(UserId(Uuid::from_u128(8)), "b@example.com", Vec::new());
    let refused = begin(&harness.ctx, &nobody, Box::new(whole()), ExportFormat::Csv, &Gate::default()).await;
    assert!(matches!(refused, Err(ExportError::Forbidden(_))));
}
