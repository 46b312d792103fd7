//! A PDF as it is written: whole, tagged, on as many pages as it needs, whatever stands in its cells. That others can read it is
//! `tests/integration/reports_pdf.rs`.

use domain::access::{Permission, Role};
use domain::audit::Entry;
use domain::reports::{ReportFormat, ReportTemplate};

use super::*;
use crate::exports::Rows;
use crate::exports::tables::{AuditTable, UsageTable, WorkspaceTable};
use crate::reports::tests::{daily, made, person};
use crate::reports::{NewReport, ReportFilter, run_now};
use crate::testing::{FakeFleet, Harness, RecordedRun};

fn sheet(rows: usize, charts: usize) -> Sheet {
    let day = |n: u32| NaiveDate::from_ymd_opt(2026, 3, n).unwrap();
    let bars = (1..=30).map(|n| (day(n), (n != 7).then_some(f64::from(n * 13 % 40)))).collect();
    let kinds = (1..=12_u32).map(|n| (format!("a rather long name of kind {n}"), f64::from(n % 4) * 1_234.5)).collect();
    let chart = |bars| Chart { title: "Cost by day".to_owned(), unit: "USD".to_owned(), bars, adds_up: true };
    let head = |(words, number): (&str, bool)| Head { words: words.to_owned(), number };
    Sheet {
        title: "Costs of last month".to_owned(),
        facts: vec![("About", "What was billed".to_owned()), ("Rows", rows.to_string())],
        charts: [Bars::Days(bars), Bars::Kinds(kinds)].map(chart).into_iter().take(charts).collect(),
        heads: [("Day", false), ("User", false), ("Amount", true)].map(head).to_vec(),
        rows: (0..rows).map(|n| vec![day(1).to_string(), format!("user{n}"), n.to_string()]).collect(),
        made: "2026-04-01T05:00:00Z".parse().unwrap(),
    }
}

fn pages(file: &[u8]) -> usize {
    // `/Type /Page` and not `/Type /Pages`.
    let text = String::from_utf8_lossy(file);
    text.matches("/Type/Page\n").count() + text.matches("/Type /Page\n").count()
}

#[test]
fn as_many_pages_as_it_needs() {
    for (rows, charts) in [(0, 0), (0, 1), (1, 2), (40, 0), (41, 1), (500, 2)] {
        let file = draw::pdf(&sheet(rows, charts)).unwrap();
        assert!(file.starts_with(b"%PDF-1.7"), "{rows}");
        let text = String::from_utf8_lossy(&file);
        for said in ["/Marked true", "/StructTreeRoot", "/Lang"] {
            assert!(text.contains(said), "{said}");
        }
        assert!(pages(&file) <= 1 + rows.div_ceil(30), "{rows}: {}", pages(&file));
    }
}

#[test]
fn hostile_cells_are_only_text() {
    let mut hostile = sheet(1, 0);
    hostile.title = "\u{202e}) Tj ET\u{0}\u{ffff} <script>".to_owned();
    hostile.rows = [
        ") Tj ET endstream endobj",
        "/JavaScript (app.alert(1))",
        "=HYPERLINK(\"http://x\")",
        "\u{0}\u{feff}\u{fffe}\u{e000}\u{10ffff}",
        "山田太郎 👩‍👩‍👧 مرحبا",
        "line\nbreak\r\n\ttab",
        "",
    ]
    .iter()
    .map(|cell| vec![(*cell).to_owned(), cell.repeat(3_000), "1".to_owned()])
    .collect();
    let file = draw::pdf(&hostile).unwrap();
    let text = String::from_utf8_lossy(&file);
    assert!(!text.contains("/JS") && !text.contains("/OpenAction") && !text.contains("/AA"));
}

#[test]
fn a_wide_table_lies_on_its_side() {
    let faces = fonts::Faces::new().unwrap();
    let narrow = columns::Plan::of(&sheet(3, 0), &faces);
    assert!(narrow.page.0 < narrow.page.1);
    let mut wide = sheet(3, 0);
    wide.heads = (0..9).map(|n| Head { words: format!("Column {n}"), number: false }).collect();
    wide.rows = vec![vec!["a fairly long text in each of them".to_owned(); 9]];
    let plan = columns::Plan::of(&wide, &faces);
    assert!(plan.page.0 > plan.page.1);
    let end = plan.columns.last().map(|last| last.left + last.width).unwrap();
    assert!(end <= plan.page.0 - draw::MARGIN + 0.1, "{end}");
}

/// What a report can be: what its filter says, its template, and the columns of its table.
pub(super) fn each_shape() -> Vec<(ReportFilter, ReportTemplate, &'static [Column])> {
    let day: NaiveDate = "2026-03-01".parse().unwrap();
    let asked = crate::usage::UsageQuestion {
        filter: crate::workspaces::WorkspaceFilter::default(),
        from: NaiveDate::MIN,
        to: NaiveDate::MIN,
    };
    let whole = [
        (ReportTemplate::Inventory, WorkspaceTable::default().columns()),
        (ReportTemplate::Usage, UsageTable { asked }.columns()),
        (ReportTemplate::Cost, tables::costs(ReportFilter::default(), (day, day)).columns()),
        (ReportTemplate::Audit, AuditTable::default().columns()),
        (ReportTemplate::Savings, tables::SAVINGS),
    ];
    let whole = whole.map(|(template, columns)| (ReportFilter::default(), template, columns));
    let groups = ["usage_type", "tag:Stage", "estimate:bundle"].map(|by| {
        let filter = ReportFilter { by: Some(by.parse().unwrap()), ..ReportFilter::default() };
        (filter.clone(), ReportTemplate::Cost, tables::costs(filter, (day, day)).columns())
    });
    whole.into_iter().chain(groups).collect()
}

#[test]
fn every_column_that_is_shown_is_there() {
    for (filter, template, columns) in each_shape() {
        let shape = filter.shape(template);
        assert_eq!(picked(shape, columns).len(), columns::shown(shape).len(), "{shape:?}");
    }
    let by_tag = ReportFilter { by: Some("tag:Stage".parse().unwrap()), ..ReportFilter::default() };
    let columns = tables::costs(by_tag.clone(), (NaiveDate::MIN, NaiveDate::MIN)).columns();
    assert_eq!(picked(by_tag.shape(ReportTemplate::Cost), columns)[0].1.words, "Tag Stage");
}

#[test]
fn it_says_what_narrows_it_and_not_what_it_ignores() {
    let account = domain::ids::AccountId(uuid::Uuid::from_u128(1));
    let filter = ReportFilter {
        accounts: vec![account],
        regions: vec!["eu-central-1".parse().unwrap()],
        directories: vec!["d-1".to_owned()],
        running_modes: vec!["AUTO_STOP".to_owned()],
        tag: Some("Team=Blue".to_owned()),
        ..ReportFilter::default()
    };
    let whole = "one account, eu-central-1, d-1, AUTO_STOP, tag Team=Blue";
    let placed = "one account, eu-central-1";
    for (template, said) in [
        (ReportTemplate::Inventory, Some(whole)),
        (ReportTemplate::Usage, Some(whole)),
        (ReportTemplate::Savings, Some(whole)),
        (ReportTemplate::Cost, Some(placed)),
        (ReportTemplate::Audit, None),
    ] {
        assert_eq!(filter.said(template).as_deref(), said, "{template}");
        assert_eq!(ReportFilter::default().said(template), None, "{template}");
    }
    let by = ReportFilter { by: Some("estimate:bundle".parse().unwrap()), ..filter };
    assert_eq!(by.said(ReportTemplate::Cost).as_deref(), Some(placed));
}

#[test]
fn numbers_are_short_and_never_vanish() {
    let shown = |text: &str| rounded(text.parse().unwrap());
    assert_eq!(
        ["1234567.891", "0.0012345", "-3", "12.50", "0"].map(shown),
        ["1,234,567.89", "0.0012", "-3", "12.50", "0"]
    );
}

/// A table without end, of which a test counts the pages that were read.
struct Endless(std::sync::atomic::AtomicUsize);

#[async_trait::async_trait]
impl Table for Endless {
    fn name(&self) -> &'static str {
        "endless"
    }

    fn permission(&self) -> Permission {
        Permission::WorkspaceRead
    }

    fn columns(&self) -> &'static [Column] {
        const { &[Column::text("user_name")] }
    }

    fn entry(&self) -> Entry {
        Entry::new("endless.export", Permission::WorkspaceRead)
    }

    async fn page(&self, _: &Context, _: &Actor, _: Option<String>) -> Result<Rows, ExportError> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(Rows { rows: vec![vec![Cell::text("x")]; 1_000], next: Some("more".to_owned()) })
    }
}

#[tokio::test]
async fn what_is_too_long_for_pages_says_what_to_choose() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let new = NewReport { format: ReportFormat::Pdf, ..daily(ReportTemplate::Inventory) };
    let report = made(ctx, &owner, new).await;
    let run = run_now(ctx, &owner, report.id).await.unwrap();
    let handle = RecordedRun::new(run.job_id.unwrap());
    let table = Endless(std::sync::atomic::AtomicUsize::new(0));
    let refused =
        make(ctx, Told { handle: &handle, total: None }, (&owner, &table), (&report, &run)).await.unwrap_err();
    assert!(refused.to_string().contains("choose CSV or Excel"), "{refused}");
    assert_eq!(table.0.into_inner(), MOST_ROWS / 1_000 + 1, "no more is read than is needed to know it");
}
