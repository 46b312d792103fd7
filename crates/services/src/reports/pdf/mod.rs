//! Reports as PDF: a head that says what it is, figures, and the columns that people read on paper. `draw` writes pages and tags,
//! `columns` decides what is shown and how wide, `figures` adds up what `chart` draws, `fonts` has the letters.
//!
//! A PDF is for reading: it holds at most [`MOST_ROWS`] rows, so that what is kept in memory is bounded too. Who has more chooses
//! another format, and is told so.

mod chart;
mod columns;
mod draw;
mod figures;
mod fonts;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::access::Actor;
use domain::number::grouped;
use domain::reports::ReportTemplate;
use rust_decimal::Decimal;
use store::repo::reports::{ReportRecord, RunRecord};

use self::chart::{Bars, Chart};
use self::draw::{Head, Sheet};
use self::figures::Figures;
use super::error::ReportError;
use super::make::Told;
use super::tables::{self, Shape};
use crate::Context;
use crate::exports::{Cell, Column, ExportError, Kind, Row, Table};
use crate::usage::{UsageError, usage_by_day};

/// Most rows of a PDF.
pub const MOST_ROWS: usize = 5_000;

/// The file of a run, and how many rows are in it.
pub(super) async fn make(
    ctx: &Context,
    told: Told<'_>,
    (actor, table): (&Actor, &dyn Table),
    (report, run): (&ReportRecord, &RunRecord),
) -> Result<(Vec<u8>, u64), ReportError> {
    let zone = tables::zone(&report.zone)?;
    let filter = tables::filter(report)?;
    let shape = filter.shape(report.template);
    let picked = picked(shape, table.columns());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut figures = Figures::new(shape, table.columns(), zone);
    let by_group = matches!(shape, Shape::Groups(_));
    // Groups of an estimate are shown by name, which may be that of several.
    let by_name = matches!(shape, Shape::Groups(by) if by.is_estimate());
    let key = table.columns().iter().position(|column| by_name && column.name == "key");
    let mut keys: Vec<String> = Vec::new();
    let read = |row: &Row| -> Vec<String> {
        let mut cells: Vec<String> = picked.iter().map(|(at, _)| text(row.get(*at), zone)).collect();
        // As the figure calls it.
        if let Some(group) = cells.first_mut().filter(|group| by_group && group.is_empty()) {
            figures::WITHOUT.clone_into(group);
        }
        cells
    };
    let mut cursor = None;
    loop {
        let page = table.page(ctx, actor, cursor).await?;
        if rows.len() + page.rows.len() > MOST_ROWS {
            let words = format!(
                "a PDF holds at most {MOST_ROWS} rows, and this report has more: narrow it, or choose CSV or Excel"
            );
            return Err(ReportError::Conflict(words));
        }
        page.rows.iter().for_each(|row| figures.add(row));
        rows.extend(page.rows.iter().map(&read));
        if let Some(at) = key {
            keys.extend(page.rows.iter().map(|row| text(row.get(at), zone)));
        }
        told.rows(rows.len() as u64, "rows read").await?;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    figures::tell_apart(&mut rows, &keys);
    let count = rows.len() as u64;
    let mut facts = facts(report, run.created_at, zone, count)?;
    let mut charts = figures.charts(tables::period(report, run.created_at));
    if report.template == ReportTemplate::Usage {
        let days = usage_days(ctx, actor, report, run).await?;
        let known = days.iter().filter(|(_, hours)| hours.is_some()).count();
        facts.push(("Known", format!("{known} of {} days", days.len())));
        if known > 0 {
            let bars = Bars::Days(days);
            charts.push(Chart { title: "Usage by day".to_owned(), unit: "hours".to_owned(), bars, adds_up: true });
        }
    }
    let sheet = Sheet {
        title: title(&report.name),
        facts,
        charts,
        heads: picked.into_iter().map(|(_, head)| head).collect(),
        rows,
        made: run.created_at,
    };
    let drawn = tokio::task::spawn_blocking(move || draw::pdf(&sheet)).await.map_err(ExportError::file)?;
    Ok((drawn?, count))
}

/// The name without what a document's title may not hold.
fn title(name: &str) -> String {
    name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The columns that are shown: where each is in the table, and its head.
fn picked(shape: Shape<'_>, columns: &[Column]) -> Vec<(usize, Head)> {
    let called = |words: &str| match shape {
        Shape::Groups(by) if words == columns::GROUP => sentence(&by.words()),
        _ => words.to_owned(),
    };
    let found = |(name, words): &(&str, &str)| {
        let at = columns.iter().position(|column| column.name == *name)?;
        Some((at, Head { words: called(words), number: columns[at].kind == Kind::Number }))
    };
    columns::shown(shape).iter().filter_map(found).collect()
}

/// The words with a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// A cell as people read it.
fn text(cell: Option<&Cell>, zone: Tz) -> String {
    match cell {
        Some(Cell::Time(at)) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        Some(Cell::Flag(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
        Some(Cell::Number(number)) => number.parse().map_or_else(|_| number.clone(), rounded),
        Some(other) => other.shown(),
        None => String::new(),
    }
}

/// Two decimals, none where it is whole, two digits where two decimals would be nothing; thousands set apart.
fn rounded(number: Decimal) -> String {
    let short = number.round_dp(2);
    let text = if number.fract().is_zero() {
        number.normalize().to_string()
    } else if short.is_zero() {
        number.round_sf(2).unwrap_or(short).normalize().to_string()
    } else {
        format!("{short:.2}")
    };
    grouped(&text)
}

/// What is said of a report above its table.
fn facts(
    report: &ReportRecord,
    at: DateTime<Utc>,
    zone: Tz,
    rows: u64,
) -> Result<Vec<(&'static str, String)>, ReportError> {
    let filter = tables::filter(report)?;
    let about = match filter.shape(report.template) {
        Shape::Whole(ReportTemplate::Inventory) => "WorkSpaces, as they were when it was made".to_owned(),
        Shape::Whole(ReportTemplate::Usage) => "Connected time by WorkSpace".to_owned(),
        Shape::Whole(ReportTemplate::Cost) => "What was billed".to_owned(),
        Shape::Whole(ReportTemplate::Savings) => "What could have been saved".to_owned(),
        Shape::Whole(ReportTemplate::Audit) => "Audit log".to_owned(),
        Shape::Groups(by) if by.is_estimate() => format!("What WorkSpaces are reckoned to cost, by {}", by.words()),
        Shape::Groups(by) => format!("What was billed, by {}", by.words()),
    };
    let mut facts = vec![("About", about)];
    if let Some(days) = tables::period(report, at) {
        facts.push(("Days", tables::days_words(days)));
    }
    facts.push(("Made", at.with_timezone(&zone).format("%-d %B %Y, %H:%M").to_string()));
    facts.push(("Time zone", report.zone.clone()));
    facts.push(("Rows", grouped(&rows.to_string())));
    if let Some(narrowed) = filter.said(report.template) {
        facts.push(("Narrowed to", narrowed));
    }
    facts.push(("Seen by", format!("{}, whose report it is", report.owner)));
    Ok(facts)
}

/// The hours of each day; `None` where they are not known.
async fn usage_days(
    ctx: &Context,
    actor: &Actor,
    report: &ReportRecord,
    run: &RunRecord,
) -> Result<Vec<(NaiveDate, Option<f64>)>, ReportError> {
    let asked = tables::usage(report, run.created_at)?;
    let found = usage_by_day(ctx, actor, &asked, None).await.map_err(|error| match error {
        UsageError::Forbidden(forbidden) => ReportError::Forbidden(forbidden),
        UsageError::Store(error) => ReportError::Store(error),
    })?;
    Ok(found.days.iter().map(|day| (day.day, day.totals.map(|totals| totals.hours as f64))).collect())
}
