//! Bars by day: the figure of a PDF. Drawn as vectors, with axes and their unit, and told in words to whoever can't see it.

use chrono::NaiveDate;
use domain::number::grouped;
use krilla::geom::PathBuilder;
use krilla::surface::Surface;

use super::draw::{ACCENT, FAINT, MUTED, TEXT, fill, rectangle, write};
use super::fonts::Faces;

/// Points that a chart takes, its title included.
pub(super) const HEIGHT: f32 = 190.0;
const TITLE: f32 = 22.0;
const LABELS: f32 = 16.0;
const AXIS: f32 = 42.0;
const SIZE: f32 = 8.0;
/// Labels below the axis at most.
const MOST_LABELS: usize = 8;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chart {
    /// Such as "Cost by day".
    pub(super) title: String,
    /// The unit of its numbers.
    pub(super) unit: String,
    /// Each day; `None` where nothing is known.
    pub(super) bars: Vec<(NaiveDate, Option<f64>)>,
}

impl Chart {
    /// What it shows, in words.
    pub(super) fn told(&self) -> String {
        let known: Vec<(NaiveDate, f64)> =
            self.bars.iter().filter_map(|(day, value)| Some((*day, (*value)?))).collect();
        let head = format!("Bar chart: {} in {}", self.title.to_lowercase(), self.unit);
        let (Some(first), Some(last)) = (self.bars.first(), self.bars.last()) else { return head };
        let most = known.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((day, value)) = most else { return format!("{head}; nothing is known of these days") };
        let total: f64 = known.iter().map(|(_, value)| value).sum();
        format!(
            "{head}, {} to {}. Together {}, most on {day} with {}; {} of {} days are known.",
            first.0,
            last.0,
            number(total),
            number(value),
            known.len(),
            self.bars.len()
        )
    }

    /// Draws it with its upper left corner there.
    pub(super) fn draw(&self, surface: &mut Surface<'_>, faces: &Faces, (x, y, width): (f32, f32, f32)) {
        let title = faces.bold.line(&format!("{} ({})", self.title, self.unit), 11.0, width);
        write(surface, &faces.bold, 11.0, (x, y + 11.0), &title, TEXT);
        let (left, top) = (x + AXIS, y + TITLE);
        let (inner, floor) = (width - AXIS, y + HEIGHT - LABELS);
        let most = self.bars.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max);
        let (step, steps) = scale(most);
        let high = step * f64::from(steps);
        let at = |value: f64| floor - (floor - top) * (value.max(0.0) / high) as f32;
        for n in 0..=steps {
            let value = step * f64::from(n);
            let line = at(value);
            fill(surface, if n == 0 { MUTED } else { FAINT });
            rectangle(surface, (left, line - 0.25, inner, 0.5));
            let label = faces.regular.line(&number(value), SIZE, AXIS);
            write(surface, &faces.regular, SIZE, (left - 6.0 - label.width * SIZE, line + 3.0), &label, MUTED);
        }
        let slot = inner / self.bars.len().max(1) as f32;
        let every = self.bars.len().div_ceil(MOST_LABELS).max(1);
        for (n, (day, value)) in self.bars.iter().enumerate() {
            let from = left + slot * n as f32;
            if let Some(value) = value.filter(|value| *value > 0.0) {
                fill(surface, ACCENT);
                let bar = (slot * 0.7).min(36.0);
                rectangle(surface, (from + (slot - bar) / 2.0, at(value), bar, floor - at(value)));
            }
            if n % every == 0 {
                let label = faces.regular.line(&day.format("%-d %b").to_string(), SIZE, 60.0);
                let middle = from + slot / 2.0 - label.width * SIZE / 2.0;
                write(surface, &faces.regular, SIZE, (middle, floor + 11.0), &label, MUTED);
            }
        }
    }
}

/// The step of an axis up to that value, and how many there are: 1, 2 or 5 times a power of ten, at most five of them.
fn scale(most: f64) -> (f64, u32) {
    if !(most.is_finite() && most > 0.0) {
        return (1.0, 1);
    }
    let power = 10_f64.powf((most / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| most / step <= 5.0);
    let step = step.unwrap_or(power * 10.0);
    // A value just on a line needs no further one.
    (step, ((most / step - 1e-9).ceil().max(1.0)) as u32)
}

/// A number with at most two decimals, thousands set apart.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    grouped(text.trim_end_matches('0').trim_end_matches('.'))
}

/// A path of one rectangle.
pub(super) fn path(rectangle: krilla::geom::Rect) -> Option<krilla::geom::Path> {
    let mut builder = PathBuilder::new();
    builder.push_rect(rectangle);
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_above_what_they_show() {
        for (most, expected) in [
            (0.0, (1.0, 1)),
            (5.0, (1.0, 5)),
            (5.01, (2.0, 3)),
            (47.0, (10.0, 5)),
            (1234.0, (500.0, 3)),
            (0.3, (0.1, 3)),
        ] {
            let (step, steps) = scale(most);
            assert!((step - expected.0).abs() < 1e-9 && steps == expected.1, "{most}: {step} {steps}");
        }
        assert_eq!(scale(f64::NAN), (1.0, 1));
        assert_eq!(
            [number(1_234_567.0), number(0.5), number(-1000.25), number(12.0)],
            ["1,234,567", "0.5", "-1,000.25", "12"]
        );
    }

    #[test]
    fn it_says_what_it_shows() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let bars = vec![(day("2026-03-01"), Some(2.0)), (day("2026-03-02"), None), (day("2026-03-03"), Some(5.5))];
        let chart = Chart { title: "Cost by day".to_owned(), unit: "USD".to_owned(), bars };
        assert_eq!(
            chart.told(),
            "Bar chart: cost by day in USD, 2026-03-01 to 2026-03-03. Together 7.5, most on 2026-03-03 with 5.5; 2 of 3 days are known."
        );
    }
}
