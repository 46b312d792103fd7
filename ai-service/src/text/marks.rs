//! Marks: tokens such as `<|user|>` that steer the model and that no text may contain.
//!
//! [`Marks::cut`] looks for them in the template's own words only, never in what somebody said, nor across the border
//! between the two.

use std::collections::HashSet;

use super::template::Span;

/// A mark as its file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub text: String,
    pub id: u32,
    /// White space before it belongs to it.
    pub strips_left: bool,
    /// White space behind it belongs to it.
    pub strips_right: bool,
}

/// The marks of a model.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The longest first.
    all: Vec<Mark>,
    ids: HashSet<u32>,
}

/// A piece of a prompt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Mark(u32),
    Text(String),
}

impl Marks {
    pub fn new(all: impl IntoIterator<Item = Mark>) -> Self {
        let mut all: Vec<Mark> = all.into_iter().filter(|mark| !mark.text.is_empty()).collect();
        all.sort_by(|one, other| other.text.len().cmp(&one.text.len()).then_with(|| one.id.cmp(&other.id)));
        let ids = all.iter().map(|mark| mark.id).collect();
        Self { all, ids }
    }

    pub fn is_mark(&self, id: u32) -> bool {
        self.ids.contains(&id)
    }

    pub fn id(&self, text: &str) -> Option<u32> {
        self.all.iter().find(|mark| mark.text == text).map(|mark| mark.id)
    }

    /// The first mark in a text: where it begins, and which.
    fn find<'m>(&'m self, text: &str) -> Option<(usize, &'m Mark)> {
        let found = self.all.iter().filter_map(|mark| text.find(&mark.text).map(|at| (at, mark)));
        // Of those that begin at the same place the longest, which comes first.
        found.min_by_key(|(at, _)| *at)
    }

    /// Puts what was said (`texts`) into its places and cuts everything into marks and plain text.
    pub fn cut(&self, spans: &[Span], texts: &[&str]) -> Vec<Piece> {
        let mut cutter = Cutter::default();
        for span in spans {
            match span {
                Span::Said(index) => cutter.text.push_str(texts.get(*index).copied().unwrap_or_default()),
                Span::Written(written) => {
                    let mut rest = written.as_str();
                    while let Some((at, mark)) = self.find(rest) {
                        let (before, behind) = rest.split_at(at);
                        cutter.text.push_str(before);
                        cutter.mark(mark);
                        rest = behind.strip_prefix(mark.text.as_str()).unwrap_or_default();
                    }
                    cutter.text.push_str(rest);
                }
            }
        }
        cutter.flush(false);
        cutter.pieces
    }
}

#[derive(Default)]
struct Cutter {
    pieces: Vec<Piece>,
    text: String,
    /// The mark before `text` takes its white space.
    stripped: bool,
}

impl Cutter {
    fn mark(&mut self, mark: &Mark) {
        self.flush(mark.strips_left);
        self.pieces.push(Piece::Mark(mark.id));
        self.stripped = mark.strips_right;
    }

    fn flush(&mut self, strips_left: bool) {
        let mut text = self.text.as_str();
        if self.stripped {
            text = text.trim_start();
        }
        if strips_left {
            text = text.trim_end();
        }
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
        self.text.clear();
        self.stripped = false;
    }
}
