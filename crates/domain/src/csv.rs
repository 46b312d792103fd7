//! Cells of CSV files that people open in a spreadsheet: quoted where RFC 4180 wants it, and harmless where a spreadsheet would
//! read a formula. Not a reader of CSV.

/// The text as a cell. One that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, also after blanks, gets an
/// apostrophe before it: spreadsheets then show it instead of running it.
#[must_use]
pub fn cell(text: &str) -> String {
    // Full-width signs are read as the plain ones by some spreadsheets.
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let seen = text.trim_start_matches([' ', '\u{a0}', '\u{feff}']);
    let text = if seen.starts_with(formula) { format!("'{text}") } else { text.to_owned() };
    let quoted = text.contains(['"', ',', ';', '\n', '\r', '\t']) || text.starts_with(' ') || text.ends_with(' ');
    if quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A line of cells, with its end.
#[must_use]
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|text| cell(text.as_ref())).collect();
    cells.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_shown_and_not_run() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("  =1", "\"'  =1\"".trim_matches('"')),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("plain", "plain"),
            ("a=b", "a=b"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), shown, "{text:?}");
        }
        assert_eq!(line(["a", "=b", "c,d"]), "a,'=b,\"c,d\"\r\n");
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula_and_quotes_are_even(text in "[ =+@\t\r\n\",;a-z-]{0,12}") {
            let cell = cell(&text);
            let inner = cell.strip_prefix('"').unwrap_or(&cell);
            prop_assert!(!inner.trim_start().starts_with(['=', '+', '-', '@']));
            prop_assert_eq!(cell.matches('"').count() % 2, 0);
            let open = !cell.starts_with('"');
            prop_assert!(!open || !cell.contains([',', '\n', '\r']));
        }
    }
}
