//! The pages of a PDF and their tags: a head, figures, a table whose head stands on each page, page numbers. Tagged so that
//! whoever has it read to them hears headings, described figures, and cells with their columns; checked against PDF/UA-1 while it
//! is written. What is in the cells is decided elsewhere.

use std::num::NonZeroU16;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use domain::number::grouped;
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, BBox, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};

use super::chart::{self, Chart};
use super::columns::Plan;
use super::fonts::{Face, Faces, Line};
use crate::exports::ExportError;

/// A colour: red, green, blue.
pub(super) type Ink = (u8, u8, u8);

pub(super) const TEXT: Ink = (24, 28, 36);
pub(super) const MUTED: Ink = (92, 100, 114);
pub(super) const FAINT: Ink = (222, 226, 232);
pub(super) const ACCENT: Ink = (38, 98, 168);

/// Points around a page.
pub(super) const MARGIN: f32 = 42.0;
/// Points of a row.
const ROW: f32 = 15.0;
/// Points of a row of the head.
const FACT: f32 = 14.0;
/// Points between cells.
pub(super) const GAP: f32 = 14.0;
/// Points between figures.
const BETWEEN: f32 = 24.0;
/// The letters of cells.
pub(super) const SIZE: f32 = 8.0;

/// The column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) words: String,
    /// Whether it holds numbers.
    pub(super) number: bool,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    pub(super) title: String,
    /// What is said of it: names and values.
    pub(super) facts: Vec<(&'static str, String)>,
    /// Side by side: two at most.
    pub(super) charts: Vec<Chart>,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) made: DateTime<Utc>,
}

/// The file.
pub(super) fn pdf(sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    let faces = Faces::new()?;
    let plan = Plan::of(sheet, &faces);
    let drawing = Drawing { sheet, faces: &faces, plan: &plan };
    let mut document =
        Document::new_with(SerializeSettings { configuration: accessible()?, ..SerializeSettings::default() });
    document.set_metadata(drawing.metadata());
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    let (mut head, mut body) = (TagGroup::new(Tag::THead), TagGroup::new(Tag::TBody));

    let first = drawing.rows_after(drawing.head_height());
    let each = drawing.rows_after(0.0).max(1);
    let rest = sheet.rows.len().saturating_sub(first).div_ceil(each);
    // Where not even one row fits below the head, the table begins on the next page.
    let pages = 1 + rest;
    let mut rows = sheet.rows.as_slice();
    for number in 0..pages {
        let settings = PageSettings::from_wh(plan.page.0, plan.page.1);
        let mut page = document.start_page_with(settings.ok_or_else(|| ExportError::file("a page without size"))?);
        let mut surface = page.surface();
        let mut y = MARGIN;
        if number == 0 {
            y = drawing.head(&mut surface, &mut tree);
        }
        let (some, others) = rows.split_at(rows.len().min(if number == 0 { first } else { each }));
        rows = others;
        if !some.is_empty() || (number == 0 && sheet.rows.is_empty()) {
            let tagged = if head_is_new(number, first) { Some(&mut head) } else { None };
            y = drawing.columns(&mut surface, tagged, y);
            for row in some {
                body.push(drawing.row(&mut surface, row, y));
                y += ROW;
            }
        }
        drawing.foot(&mut surface, number + 1, pages);
        surface.finish();
        page.finish();
    }
    let mut table = TagGroup::new(Tag::Table);
    table.push(head);
    if !sheet.rows.is_empty() {
        table.push(body);
    }
    tree.push(table);
    document.set_tag_tree(tree);
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(sheet.title.clone(), XyzDestination::new(0, Point::from_xy(MARGIN, MARGIN))));
    document.set_outline(outline);
    document.finish().map_err(|error| ExportError::file(format!("the PDF can't be written: {error:?}")))
}

/// Whether the head of the table is on this page for the first time; after that it only repeats.
fn head_is_new(number: usize, rows_of_first: usize) -> bool {
    number == usize::from(rows_of_first == 0)
}

fn accessible() -> Result<Configuration, ExportError> {
    let builder = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1);
    builder.finish().map_err(|error| ExportError::file(format!("{error:?}")))
}

struct Drawing<'a> {
    sheet: &'a Sheet,
    faces: &'a Faces,
    plan: &'a Plan,
}

impl Drawing<'_> {
    fn width(&self) -> f32 {
        self.plan.page.0 - 2.0 * MARGIN
    }

    fn bottom(&self) -> f32 {
        self.plan.page.1 - MARGIN - 14.0
    }

    /// Points of everything above the table of the first page.
    fn head_height(&self) -> f32 {
        let charts = if self.sheet.charts.is_empty() { 0.0 } else { chart::HEIGHT + 14.0 };
        32.0 + FACT * self.sheet.facts.len() as f32 + 16.0 + charts
    }

    /// Rows of the table that fit below so many points.
    fn rows_after(&self, used: f32) -> usize {
        ((self.bottom() - MARGIN - used - ROW) / ROW).floor().max(0.0) as usize
    }

    fn metadata(&self) -> Metadata {
        let at = self.sheet.made;
        let part = |part: u32| u8::try_from(part).unwrap_or(0);
        let made = krilla::metadata::DateTime::new(u16::try_from(at.year()).unwrap_or(0))
            .month(part(at.month()))
            .day(part(at.day()))
            .hour(part(at.hour()))
            .minute(part(at.minute()))
            .second(part(at.second()))
            .utc_offset_hour(0)
            .utc_offset_minute(0);
        Metadata::new()
            .title(self.sheet.title.clone())
            .language("en".to_owned())
            .creator("Wheelhouse".to_owned())
            .creation_date(made)
    }

    /// Title, facts and figures; gives where the table begins.
    fn head(&self, surface: &mut Surface<'_>, tree: &mut TagTree) -> f32 {
        let Self { sheet, faces, .. } = self;
        let title = faces.bold.line(&sheet.title, 20.0, self.width());
        let said = tagged(surface, &title, |surface| {
            write(surface, &faces.bold, 20.0, (MARGIN, MARGIN + 16.0), &title, TEXT);
        });
        let level = NonZeroU16::MIN;
        tree.push(TagGroup::with_children(Tag::Hn(level, Some(sheet.title.clone())), vec![said.into()]));
        let mut y = MARGIN + 32.0;
        for (name, value) in &sheet.facts {
            let name = faces.regular.line(name, 9.0, 88.0);
            let value = faces.regular.line(value, 9.0, self.width() - 96.0);
            let first = tagged(surface, &name, |surface| {
                write(surface, &faces.regular, 9.0, (MARGIN, y + 9.0), &name, MUTED);
            });
            let second = tagged(surface, &value, |surface| {
                write(surface, &faces.regular, 9.0, (MARGIN + 96.0, y + 9.0), &value, TEXT);
            });
            tree.push(TagGroup::with_children(Tag::P, vec![first.into(), second.into()]));
            y += FACT;
        }
        y += 16.0;
        if sheet.charts.is_empty() {
            return y;
        }
        let count = sheet.charts.len() as f32;
        let width = (self.width() - BETWEEN * (count - 1.0)) / count;
        for (n, chart) in sheet.charts.iter().enumerate() {
            let x = MARGIN + (width + BETWEEN) * n as f32;
            let drawn = surface.start_tagged(ContentTag::Other);
            chart.draw(surface, faces, (x, y, width));
            surface.end_tagged();
            let edge = Rect::from_xywh(x, y, width, chart::HEIGHT).map(|rect| BBox::new(0, rect));
            tree.push(TagGroup::with_children(Tag::Figure(Some(chart.told())).with_bbox(edge), vec![drawn.into()]));
        }
        y + chart::HEIGHT + 14.0
    }

    /// The heads of the columns; gives where the first row begins.
    fn columns(&self, surface: &mut Surface<'_>, mut group: Option<&mut TagGroup>, y: f32) -> f32 {
        let repeated = group.is_none();
        let mut cells = TagGroup::new(Tag::TR);
        if repeated {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Header)));
        }
        for (column, head) in self.plan.columns.iter().zip(&self.sheet.heads) {
            let line = self.faces.bold.line(&head.words, SIZE, column.width);
            let x = column.x(head.number, line.width * SIZE);
            let draw = |surface: &mut Surface<'_>| write(surface, &self.faces.bold, SIZE, (x, y + 10.0), &line, TEXT);
            if repeated {
                draw(surface);
            } else {
                let said = tagged(surface, &line, draw);
                cells.push(TagGroup::with_children(Tag::TH(TableHeaderScope::Column), vec![said.into()]));
            }
        }
        if repeated {
            surface.end_tagged();
        } else if let Some(group) = group.as_mut() {
            group.push(cells);
        }
        rule(surface, (MARGIN, y + ROW - 0.75, self.width(), 0.75), MUTED);
        y + ROW
    }

    fn row(&self, surface: &mut Surface<'_>, row: &[String], y: f32) -> TagGroup {
        let mut cells = TagGroup::new(Tag::TR);
        for ((column, head), text) in self.plan.columns.iter().zip(&self.sheet.heads).zip(row) {
            // A cell without anything in it would be none to whoever has it read.
            let (text, color) = if text.is_empty() { ("–", MUTED) } else { (text.as_str(), TEXT) };
            let line = self.faces.regular.line(text, SIZE, column.width);
            let x = column.x(head.number, line.width * SIZE);
            let said = tagged(surface, &line, |surface| {
                write(surface, &self.faces.regular, SIZE, (x, y + 10.0), &line, color);
            });
            cells.push(TagGroup::with_children(Tag::TD, vec![said.into()]));
        }
        rule(surface, (MARGIN, y + ROW - 0.25, self.width(), 0.25), FAINT);
        cells
    }

    fn foot(&self, surface: &mut Surface<'_>, number: usize, pages: usize) {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        let y = self.plan.page.1 - MARGIN + 6.0;
        let name = self.faces.regular.line(&self.sheet.title, SIZE, self.width() - 90.0);
        write(surface, &self.faces.regular, SIZE, (MARGIN, y), &name, MUTED);
        let count = format!("Page {} of {}", grouped(&number.to_string()), grouped(&pages.to_string()));
        let count = self.faces.regular.line(&count, SIZE, 90.0);
        let x = self.plan.page.0 - MARGIN - count.width * SIZE;
        write(surface, &self.faces.regular, SIZE, (x, y), &count, MUTED);
        surface.end_tagged();
    }
}

/// Draws a text as what it stands for.
fn tagged(surface: &mut Surface<'_>, line: &Line, draw: impl FnOnce(&mut Surface<'_>)) -> Identifier {
    let id = surface.start_tagged(ContentTag::Span(SpanTag::empty().with_actual_text(line.actual.as_deref())));
    draw(surface);
    surface.end_tagged();
    id
}

/// A line that says nothing.
fn rule(surface: &mut Surface<'_>, place: (f32, f32, f32, f32), color: Ink) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    fill(surface, color);
    rectangle(surface, place);
    surface.end_tagged();
}

/// What is drawn next has that colour.
pub(super) fn fill(surface: &mut Surface<'_>, (red, green, blue): Ink) {
    surface.set_fill(Some(Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }));
}

/// A rectangle: left, top, width, height.
pub(super) fn rectangle(surface: &mut Surface<'_>, (x, y, width, height): (f32, f32, f32, f32)) {
    if let Some(path) = Rect::from_xywh(x, y, width, height).and_then(chart::path) {
        surface.draw_path(&path);
    }
}

/// A text, with its base line beginning there.
pub(super) fn write(surface: &mut Surface<'_>, face: &Face, size: f32, (x, y): (f32, f32), line: &Line, color: Ink) {
    if line.glyphs.is_empty() {
        return;
    }
    fill(surface, color);
    surface.draw_glyphs(Point::from_xy(x, y), &line.glyphs, face.font.clone(), &line.shown, size, false);
}
