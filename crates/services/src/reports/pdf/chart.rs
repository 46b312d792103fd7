//! The figure of a PDF: bars by day upon an axis, or by kind beside their names. Drawn as vectors, with their unit, and told in words
//! to whoever can't see it. What they are long is decided in `figures`.

use chrono::NaiveDate;
use domain::number::grouped;
use krilla::geom::PathBuilder;
use krilla::surface::Surface;

use super::draw::{ACCENT, FAINT, MUTED, TEXT, fill, rectangle, write};
use super::fonts::{Faces, Line};

/// Points that a chart takes, its title included.
pub(super) const HEIGHT: f32 = 190.0;
const TITLE: f32 = 22.0;
const LABELS: f32 = 16.0;
const AXIS: f32 = 42.0;
const SIZE: f32 = 8.0;
/// Labels below the axis at most, and the points that each needs.
const MOST_LABELS: usize = 8;
const LABEL: f32 = 44.0;
/// Kinds with a bar of their own at most; the smallest beyond share one.
const MOST_KINDS: usize = 7;
/// Points of the bar of a kind at most, the space around it included.
const KIND: f32 = 22.0;
/// The part of the width that names may take.
const NAMES: f32 = 0.45;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chart {
    /// Such as "Cost by day".
    pub(super) title: String,
    /// The unit of its numbers.
    pub(super) unit: String,
    pub(super) bars: Bars,
    /// Whether its bars are parts of one whole: what is in several of them has no sum.
    pub(super) adds_up: bool,
}

/// What its bars stand for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bars {
    /// Each day; `None` where nothing is known.
    Days(Vec<(NaiveDate, Option<f64>)>),
    /// Each kind by its name, the largest first.
    Kinds(Vec<(String, f64)>),
}

impl Chart {
    /// What it shows, in words.
    pub(super) fn told(&self) -> String {
        let head = format!("Bar chart: {} in {}", self.title.to_lowercase(), self.unit);
        match &self.bars {
            Bars::Days(days) => format!("{head}{}", days_told(days)),
            Bars::Kinds(kinds) => {
                let each: Vec<String> =
                    few(kinds).iter().map(|(name, value)| format!("{name} {}", number(*value))).collect();
                let total: f64 = kinds.iter().map(|(_, value)| value).sum();
                let together = if self.adds_up { format!("; together {}", number(total)) } else { String::new() };
                format!("{head}. {}{together}.", each.join(", "))
            }
        }
    }

    /// Draws it with its upper left corner there.
    pub(super) fn draw(&self, surface: &mut Surface<'_>, faces: &Faces, (x, y, width): (f32, f32, f32)) {
        let title = faces.bold.line(&format!("{} ({})", self.title, self.unit), 11.0, width);
        write(surface, &faces.bold, 11.0, (x, y + 11.0), &title, TEXT);
        match &self.bars {
            Bars::Days(days) => draw_days(surface, faces, (x, y, width), days),
            Bars::Kinds(kinds) => draw_kinds(surface, faces, (x, y + TITLE, width), &few(kinds)),
        }
    }
}

fn days_told(days: &[(NaiveDate, Option<f64>)]) -> String {
    let known: Vec<(NaiveDate, f64)> = days.iter().filter_map(|(day, value)| Some((*day, (*value)?))).collect();
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return String::new() };
    let most = known.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((day, value)) = most else { return "; nothing is known of these days".to_owned() };
    let total: f64 = known.iter().map(|(_, value)| value).sum();
    format!(
        ", {} to {}. Together {}, most on {day} with {}; {} of {} days are known.",
        first.0,
        last.0,
        number(total),
        number(value),
        known.len(),
        days.len()
    )
}

/// As many kinds as are drawn: what is left over is one of its own.
fn few(kinds: &[(String, f64)]) -> Vec<(String, f64)> {
    let (own, shared) = kinds.split_at(kinds.len().min(MOST_KINDS));
    let mut few = own.to_vec();
    match shared {
        [] => {}
        [one] => few.push(one.clone()),
        _ => few.push((format!("{} others", shared.len()), shared.iter().map(|(_, value)| value).sum())),
    }
    few
}

fn draw_days(
    surface: &mut Surface<'_>,
    faces: &Faces,
    (x, y, width): (f32, f32, f32),
    days: &[(NaiveDate, Option<f64>)],
) {
    let (left, top) = (x + AXIS, y + TITLE);
    let (inner, floor) = (width - AXIS, y + HEIGHT - LABELS);
    let most = days.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max);
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
    let slot = inner / days.len().max(1) as f32;
    let labels = ((inner / LABEL) as usize).clamp(1, MOST_LABELS);
    let every = days.len().div_ceil(labels).max(1);
    for (n, (day, value)) in days.iter().enumerate() {
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

/// A name, its bar, and at the end of it its number.
fn draw_kinds(surface: &mut Surface<'_>, faces: &Faces, (x, y, width): (f32, f32, f32), kinds: &[(String, f64)]) {
    let names: Vec<Line> =
        kinds.iter().map(|(name, _)| faces.regular.line(name, SIZE, (width - AXIS) * NAMES)).collect();
    let values: Vec<Line> = kinds.iter().map(|(_, value)| faces.bold.line(&number(*value), SIZE, width)).collect();
    let widest = |lines: &[Line]| lines.iter().map(|line| line.width * SIZE).fold(0.0, f32::max);
    let left = x + widest(&names) + 8.0;
    let inner = (x + width - left - widest(&values) - 6.0).max(0.0);
    let most = kinds.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let slot = ((HEIGHT - TITLE) / kinds.len().max(1) as f32).min(KIND);
    for (n, (((_, value), name), told)) in kinds.iter().zip(&names).zip(&values).enumerate() {
        let top = y + slot * n as f32;
        let base = top + slot / 2.0 + 3.0;
        write(surface, &faces.regular, SIZE, (left - 8.0 - name.width * SIZE, base), name, TEXT);
        let long = if *value > 0.0 { inner * (*value / most) as f32 } else { 0.0 };
        if long > 0.0 {
            fill(surface, ACCENT);
            rectangle(surface, (left, top + slot * 0.15, long, slot * 0.7));
        }
        write(surface, &faces.bold, SIZE, (left + long + 6.0, base), told, TEXT);
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
        let bars = Bars::Days(bars);
        let chart = Chart { title: "Cost by day".to_owned(), unit: "USD".to_owned(), bars, adds_up: true };
        assert_eq!(
            chart.told(),
            "Bar chart: cost by day in USD, 2026-03-01 to 2026-03-03. Together 7.5, most on 2026-03-03 with 5.5; 2 of 3 days are known."
        );
    }

    #[test]
    fn kinds_are_few_and_none_is_lost() {
        let kinds = |count: usize| -> Vec<(String, f64)> {
            (0..count).map(|n| (format!("action.{n}"), (count - n) as f64)).collect()
        };
        for count in [1, MOST_KINDS, MOST_KINDS + 1] {
            assert_eq!(few(&kinds(count)), kinds(count), "each has its own");
        }
        let many = few(&kinds(10));
        assert_eq!((many.len(), &many[MOST_KINDS]), (MOST_KINDS + 1, &("3 others".to_owned(), 6.0)));
        let bars = Bars::Kinds(kinds(9));
        let chart = Chart { title: "Activity by action".to_owned(), unit: "entries".to_owned(), bars, adds_up: true };
        assert_eq!(
            chart.told(),
            "Bar chart: activity by action in entries. action.0 9, action.1 8, action.2 7, action.3 6, action.4 5, action.5 4, \
             action.6 3, 2 others 3; together 45."
        );
        let in_both = Chart { bars: Bars::Kinds(kinds(2)), adds_up: false, ..chart };
        assert_eq!(in_both.told(), "Bar chart: activity by action in entries. action.0 2, action.1 1.");
    }
}
