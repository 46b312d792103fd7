//! Workbooks of Excel. Rows go to a temporary file as they come; the workbook is put together at the end, in a file that has no
//! name, so that nobody ever holds half of one.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::cell::{Cell, Column, Kind};
use super::error::ExportError;
use super::table::Row;

/// Rows of one sheet, the head included; what is beyond goes to a next sheet.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of one cell.
const MOST_CHARACTERS: usize = 32_767;
/// What a text ends with that was too long for a cell.
const CUT: &str = " … (cut)";
/// Digits that a number of a workbook keeps.
const DIGITS: usize = 15;

/// A workbook that is being written.
pub(super) struct SheetWriter {
    book: Workbook,
    name: &'static str,
    columns: &'static [Column],
    sheets: usize,
    next: u32,
    most: u32,
    moments: Format,
    days: Format,
}

impl SheetWriter {
    /// An empty one; its sheets have the table's name.
    pub(super) fn begin(name: &'static str, columns: &'static [Column]) -> Result<Self, ExportError> {
        Self::with_rows(name, columns, MOST_ROWS)
    }

    pub(super) fn with_rows(name: &'static str, columns: &'static [Column], most: u32) -> Result<Self, ExportError> {
        let moments = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let days = Format::new().set_num_format("yyyy-mm-dd");
        let mut writer = Self { book: Workbook::new(), name, columns, sheets: 0, next: 0, most, moments, days };
        writer.add_sheet().map_err(ExportError::file)?;
        Ok(writer)
    }

    fn add_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let name = if self.sheets == 1 { self.name.to_owned() } else { format!("{} {}", self.name, self.sheets) };
        let bold = Format::new().set_bold();
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (at, column) in (0u16..).zip(self.columns) {
            let title = column.unit.map_or_else(|| column.name.to_owned(), |unit| format!("{} ({unit})", column.name));
            let width = match column.kind {
                Kind::Time => 20.0,
                Kind::Text | Kind::Json => 24.0,
                Kind::Number | Kind::Day | Kind::Flag => 14.0,
            };
            sheet.set_column_width(at, width)?;
            sheet.write_string_with_format(0, at, title, &bold)?;
        }
        self.next = 1;
        Ok(())
    }

    /// Adds rows.
    pub(super) fn rows(&mut self, rows: &[Row]) -> Result<(), ExportError> {
        for row in rows {
            if self.next == self.most {
                self.add_sheet().map_err(ExportError::file)?;
            }
            let sheet = self.book.worksheet_from_index(self.sheets - 1).map_err(ExportError::file)?;
            for (at, cell) in (0u16..).zip(row) {
                write(sheet, (self.next, at), cell, (&self.moments, &self.days)).map_err(ExportError::file)?;
            }
            self.next += 1;
        }
        Ok(())
    }

    /// The workbook, to be read from its beginning.
    pub(super) fn end(mut self) -> Result<File, ExportError> {
        let mut file = tempfile::tempfile().map_err(ExportError::file)?;
        self.book.save_to_writer(&mut file).map_err(ExportError::file)?;
        file.seek(SeekFrom::Start(0)).map_err(ExportError::file)?;
        Ok(file)
    }
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    (moments, days): (&Format, &Format),
) -> Result<(), XlsxError> {
    let text = |sheet: &mut Worksheet, text: &str| sheet.write_string(row, column, text).map(|_| ());
    match cell {
        Cell::Empty => Ok(()),
        Cell::Flag(flag) => sheet.write_boolean(row, column, *flag).map(|_| ()),
        Cell::Time(at) => match ExcelDateTime::from_timestamp(at.timestamp()) {
            Ok(moment) => sheet.write_datetime_with_format(row, column, &moment, moments).map(|_| ()),
            Err(_) => text(sheet, &cell.shown()),
        },
        Cell::Day(day) => match ExcelDateTime::parse_from_str(&day.to_string()) {
            Ok(day) => sheet.write_datetime_with_format(row, column, &day, days).map(|_| ()),
            Err(_) => text(sheet, &cell.shown()),
        },
        // What Excel would round stays exact as text.
        Cell::Number(number) => match number.parse::<f64>() {
            Ok(value) if number.bytes().filter(u8::is_ascii_digit).count() <= DIGITS => {
                sheet.write_number(row, column, value).map(|_| ())
            }
            _ => text(sheet, number),
        },
        // A string of a workbook is never run, whatever it begins with.
        Cell::Text(_) | Cell::Json(_) => text(sheet, &short(cell.shown())),
    }
}

/// The text, cut where a cell ends, and saying so. A cell counts as UTF-16 does.
fn short(text: String) -> String {
    if text.len() <= MOST_CHARACTERS || text.encode_utf16().count() <= MOST_CHARACTERS {
        return text;
    }
    let room = MOST_CHARACTERS - CUT.encode_utf16().count();
    let mut used = 0;
    let kept = text.chars().take_while(|c| {
        used += c.len_utf16();
        used <= room
    });
    kept.collect::<String>() + CUT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_for_a_cell_says_that_it_was_cut() {
        assert_eq!(short("abc".to_owned()), "abc");
        let cut = short("😀".repeat(20_000));
        assert!(cut.ends_with(CUT) && cut.encode_utf16().count() <= MOST_CHARACTERS);
        assert_eq!(short("ä".repeat(MOST_CHARACTERS)).chars().count(), MOST_CHARACTERS);
    }
}
