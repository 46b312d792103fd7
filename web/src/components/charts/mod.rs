//! Charts one can read without a legend elsewhere: each part carries its name and number, and leads to what it counts.
//!
//! A chart over days is a [`data::Dated`] in [`stacked_bars::StackedBars`] or [`lines::Lines`], within a [`figure::Figure`] that
//! gives it title, table and files. Places are computed in `scale` and `plot`, which are pure. To add a kind of chart: a module
//! that draws, on `plot`, with its table; its looks in `styles/pages/00-charts.css`.

pub mod bars;
pub mod coverage;
pub mod data;
#[cfg(test)]
mod eyes;
pub mod figure;
pub mod frame;
pub mod heat_map;
pub mod histogram;
#[cfg(test)]
mod in_browser;
pub mod lines;
mod names;
#[cfg(test)]
mod palette;
pub mod plot;
pub mod reader;
pub mod scale;
pub mod stacked;
pub mod stacked_bars;
mod take;
pub mod taken;
pub mod width;

use crate::components::ui::Tone;

/// One part of a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// What it is, in words.
    pub label: String,
    /// How many.
    pub count: u64,
    /// Its meaning.
    pub tone: Tone,
    /// Where its members are listed.
    pub href: String,
}

/// A share in tenths of a percent; nothing of nothing is none.
pub fn share(count: u64, total: u64) -> u64 {
    (count * 1000).checked_div(total).unwrap_or(0)
}

/// A share in words: `12 %`, `< 1 %`.
pub fn share_words(count: u64, total: u64) -> String {
    match share(count, total) {
        0 if count == 0 => "0 %".to_owned(),
        0..10 => "< 1 %".to_owned(),
        tenths => format!("{} %", (tenths + 5) / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        assert_eq!(share(0, 0), 0);
        assert_eq!(share_words(1, 3), "33 %");
        assert_eq!(share_words(2, 3), "67 %");
        assert_eq!(share_words(1, 50_000), "< 1 %");
        assert_eq!(share_words(0, 50_000), "0 %");
        assert_eq!(share_words(7, 7), "100 %");
    }
}
