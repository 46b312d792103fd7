//! CSV, JSON and JSON lines: formats that are written from the beginning to the end.

use domain::csv;
use domain::export::ExportFormat;
use serde_json::Value;

use super::cell::{Cell, Column};
use super::table::Row;

/// Writes one of the text formats.
#[derive(Debug)]
pub(super) struct TextWriter {
    format: ExportFormat,
    columns: &'static [Column],
    first: bool,
}

impl TextWriter {
    /// A writer with the text that stands before all rows.
    pub(super) fn begin(format: ExportFormat, columns: &'static [Column]) -> (Self, String) {
        let head = match format {
            ExportFormat::Csv => csv::line(columns.iter().map(|column| column.name)),
            ExportFormat::Json => "[".to_owned(),
            ExportFormat::JsonLines | ExportFormat::Xlsx => String::new(),
        };
        (Self { format, columns, first: true }, head)
    }

    /// The text of these rows.
    pub(super) fn rows(&mut self, rows: &[Row]) -> String {
        let mut text = String::with_capacity(rows.len() * self.columns.len() * 16);
        for row in rows {
            match self.format {
                ExportFormat::Csv => line(&mut text, row),
                _ => {
                    if self.format == ExportFormat::Json {
                        text.push_str(if self.first { "\n" } else { ",\n" });
                    }
                    self.object(&mut text, row);
                    if self.format == ExportFormat::JsonLines {
                        text.push('\n');
                    }
                }
            }
            self.first = false;
        }
        text
    }

    /// The text after all rows.
    pub(super) fn end(self) -> String {
        if self.format == ExportFormat::Json { "\n]\n".to_owned() } else { String::new() }
    }

    fn object(&self, text: &mut String, row: &Row) {
        for (at, (column, cell)) in self.columns.iter().zip(row).enumerate() {
            text.push_str(if at == 0 { "{\"" } else { ",\"" });
            text.push_str(column.name);
            text.push_str("\":");
            match cell {
                Cell::Empty => text.push_str("null"),
                Cell::Number(number) => text.push_str(number),
                Cell::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
                Cell::Json(value) => text.push_str(&value.to_string()),
                Cell::Text(_) | Cell::Time(_) | Cell::Day(_) => text.push_str(&Value::from(cell.shown()).to_string()),
            }
        }
        text.push('}');
    }
}

/// A line of CSV. Numbers, moments and flags are ours: only texts may hold what a spreadsheet would run.
fn line(text: &mut String, row: &Row) {
    for (at, cell) in row.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        match cell {
            Cell::Text(words) => text.push_str(&csv::cell(words)),
            Cell::Json(value) => text.push_str(&csv::cell(&value.to_string())),
            other => text.push_str(&other.shown()),
        }
    }
    text.push_str("\r\n");
}
