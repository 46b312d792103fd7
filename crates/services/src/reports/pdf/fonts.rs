//! The letters of a PDF: how wide a text is, how it is cut, what stands for letters that the font lacks. The font (Roboto
//! Condensed, `fonts/OFL.txt`) has Latin, Greek and Cyrillic letters, one after the other without shaping; what else stands in a
//! cell is shown as `?` and kept as the text that readers and searches find.

use std::ops::Range;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};

use crate::exports::ExportError;

const REGULAR: &[u8] = include_bytes!("../../../fonts/RobotoCondensed-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../fonts/RobotoCondensed-Bold.ttf");
/// What a text ends with that was cut.
const CUT: char = '…';
/// What stands for a letter that the font lacks.
const UNKNOWN: char = '?';
/// Most characters of a text that is kept beside what is shown of it.
const MOST_KEPT: usize = 2_000;

/// The two faces.
pub(super) struct Faces {
    pub(super) regular: Face,
    pub(super) bold: Face,
}

impl Faces {
    pub(super) fn new() -> Result<Self, ExportError> {
        Ok(Self { regular: Face::new(REGULAR)?, bold: Face::new(BOLD)? })
    }
}

/// One face.
pub(super) struct Face {
    pub(super) font: Font,
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
}

/// A text that can be drawn.
#[derive(Default)]
pub(super) struct Line {
    /// What is shown.
    pub(super) shown: String,
    /// What it stands for, where that is something else.
    pub(super) actual: Option<String>,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Its width in the font's size.
    pub(super) width: f32,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Result<Self, ExportError> {
        let parsed = FontRef::new(bytes).map_err(ExportError::file)?;
        let font = Font::new(bytes.into(), 0).ok_or_else(|| ExportError::file("the font of reports can't be read"))?;
        let widths = parsed.glyph_metrics(Size::new(1.0), LocationRef::default());
        Ok(Self { font, letters: parsed.charmap(), widths })
    }

    /// The glyph of a letter, and its width.
    fn glyph(&self, letter: char) -> Option<(u32, f32)> {
        let id = self.letters.map(letter).filter(|id| id.to_u32() != 0)?;
        Some((id.to_u32(), self.widths.advance_width(id).unwrap_or(0.0)))
    }

    /// How wide a text is at that size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().filter_map(drawn).map(|letter| self.known(letter).2).sum::<f32>() * size
    }

    fn known(&self, letter: char) -> (char, u32, f32) {
        let found = |letter| self.glyph(letter).map(|(id, width)| (letter, id, width));
        found(letter).or_else(|| found(UNKNOWN)).unwrap_or((UNKNOWN, 0, 0.0))
    }

    /// A text in at most that width at that size; what is cut ends with an ellipsis.
    pub(super) fn line(&self, text: &str, size: f32, most: f32) -> Line {
        let most = most / size;
        let (_, _, ellipsis) = self.known(CUT);
        let mut line = Line::default();
        // Up to where an ellipsis would still fit.
        let mut room = (0, 0, 0.0_f32);
        let mut cut = false;
        for letter in text.chars().filter_map(drawn) {
            let (letter, id, width) = self.known(letter);
            if line.width + width > most {
                cut = true;
                break;
            }
            line.push(letter, id, width);
            if line.width + ellipsis <= most {
                room = (line.shown.len(), line.glyphs.len(), line.width);
            }
        }
        if cut {
            line.shown.truncate(room.0);
            line.glyphs.truncate(room.1);
            line.width = room.2;
            let (letter, id, width) = self.known(CUT);
            line.push(letter, id, width);
        }
        line.actual = (line.shown != text).then(|| text.chars().filter(|c| !c.is_control()).take(MOST_KEPT).collect());
        line
    }
}

impl Line {
    fn push(&mut self, letter: char, id: u32, width: f32) {
        let from = self.shown.len();
        self.shown.push(letter);
        let range: Range<usize> = from..self.shown.len();
        self.glyphs.push(KrillaGlyph::new(GlyphId::new(id), width, 0.0, 0.0, 0.0, range, None));
        self.width += width;
    }
}

/// What is drawn of a character: blanks for anything that would break a line, nothing for marks that have no shape or turn the
/// direction of what follows.
fn drawn(letter: char) -> Option<char> {
    match letter {
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' => None,
        '\u{e000}'..='\u{f8ff}' => Some(UNKNOWN),
        letter if letter.is_whitespace() || letter.is_control() => Some(' '),
        letter => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_and_say_what_they_stand_for() {
        let faces = Faces::new().unwrap();
        let face = &faces.regular;
        let whole = face.line("eu-central-1", 8.0, 500.0);
        assert_eq!((whole.shown.as_str(), whole.actual), ("eu-central-1", None));
        assert!((face.width("eu-central-1", 8.0) - whole.width * 8.0).abs() < 0.01);
        let cut = face.line("a very long name of somebody", 8.0, 40.0);
        assert!(cut.shown.ends_with(CUT) && cut.width * 8.0 <= 40.0, "{}", cut.shown);
        assert_eq!(cut.actual.as_deref(), Some("a very long name of somebody"));
        for (text, shown) in [
            ("Zoë Ж α", "Zoë Ж α"),
            ("山田", "??"),
            ("a\nb\tc\0d", "a b c d"),
            ("\u{202e}gnp.exe\u{200b}", "gnp.exe"),
            ("\u{e123}", "?"),
        ] {
            assert_eq!(face.line(text, 8.0, 500.0).shown, shown, "{text:?}");
        }
        assert!(face.line("x", 8.0, 0.0).glyphs.len() <= 1);
    }
}
