//! Where things lie within a chart, pixels. Pure; what is drawn there is in the chart's own module.

use std::fmt::Write as _;

use super::scale::Scale;

/// Room for the labels below.
const BELOW: f64 = 24.0;
/// Room for the name of the axis above.
const ABOVE: f64 = 22.0;
/// How wide a letter of a label is, about.
const LETTER: f64 = 7.0;

/// The area of a chart: equal places side by side, values upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plot {
    /// The whole width.
    pub width: f64,
    /// The whole height.
    pub height: f64,
    /// Where the places begin.
    pub left: f64,
    /// Where they end.
    pub right: f64,
    /// How many places.
    pub count: usize,
    /// The values.
    pub scale: Scale,
}

impl Plot {
    /// A plot of that size; the labels of the scale have room at the left, and `beside` pixels are kept free at the right.
    pub fn new(width: f64, height: f64, count: usize, scale: Scale, beside: f64) -> Self {
        let letters = scale.ticks().into_iter().map(|t| scale.label(t).chars().count()).max().unwrap_or(0);
        let left = LETTER * to_f64(letters) + 10.0;
        Self { width, height, left, right: (width - beside).max(left + 1.0), count, scale }
    }

    /// Pixels from top to the highest value.
    pub fn top(&self) -> f64 {
        ABOVE
    }

    /// Pixels from top to the lowest value.
    pub fn bottom(&self) -> f64 {
        self.height - BELOW
    }

    /// How wide a place is.
    pub fn band(&self) -> f64 {
        (self.right - self.left) / to_f64(self.count.max(1))
    }

    /// Where a place begins.
    pub fn x(&self, i: usize) -> f64 {
        self.left + to_f64(i) * self.band()
    }

    /// The middle of a place.
    pub fn middle(&self, i: usize) -> f64 {
        self.x(i) + self.band() / 2.0
    }

    /// How high a value lies.
    pub fn y(&self, value: f64) -> f64 {
        self.bottom() - self.scale.share(value) * (self.bottom() - self.top())
    }

    /// The place at so many pixels from the left, the nearest one if it is beside them; `None` when there are none.
    pub fn place(&self, x: f64) -> Option<usize> {
        let i = ((x - self.left) / self.band()).floor().max(0.0);
        (0..self.count).take_while(|n| to_f64(*n) <= i).last()
    }

    /// How many labels of places there is room for.
    pub fn labels(&self, letters: usize) -> usize {
        let each = LETTER * to_f64(letters) + 16.0;
        (1..40).take_while(|n| to_f64(*n) * each <= self.right - self.left).last().unwrap_or(1)
    }

    /// How wide a bar within a place is: with a gap where there is room for one.
    pub fn bar(&self) -> f64 {
        let band = self.band();
        if band >= 5.0 { (band * 0.78).min(48.0) } else { band }
    }
}

/// A small count as a number to draw with.
pub fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Adds a rectangle to a path.
pub fn rectangle(path: &mut String, x: f64, y: f64, width: f64, height: f64) {
    // Writing to a text does not fail.
    let _ = write!(path, "M{x:.1} {y:.1}h{width:.1}v{height:.1}h{:.1}z", -width);
}

/// A line through the points; where one is missing it is broken, and a point without neighbours is a short stroke.
pub fn line(points: impl IntoIterator<Item = Option<(f64, f64)>>) -> String {
    let mut path = String::new();
    let mut alone = None;
    let mut open = false;
    for point in points {
        match point {
            Some((x, y)) => {
                let _ = write!(path, "{}{x:.1} {y:.1}", if open { "L" } else { "M" });
                alone = (!open).then_some(());
                open = true;
            }
            None => {
                if open && alone.take().is_some() {
                    path.push_str("h0.1");
                }
                open = false;
            }
        }
    }
    if alone.is_some() {
        path.push_str("h0.1");
    }
    path
}

/// Moves labels apart that lie beside each other, keeping their order: each is at least `apart` from the one above, none below
/// `most`.
pub fn spread(places: &[f64], apart: f64, most: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]));
    let mut out = places.to_vec();
    let mut least = f64::NEG_INFINITY;
    for &i in &order {
        out[i] = out[i].max(least);
        least = out[i] + apart;
    }
    let mut limit = most;
    for &i in order.iter().rev() {
        out[i] = out[i].min(limit);
        limit = out[i] - apart;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> Plot {
        Plot::new(600.0, 240.0, 10, Scale::around([0.0, 95.0], 5), 0.0)
    }

    #[test]
    fn places_fill_the_width_and_are_found_again() {
        let plot = plot();
        assert!((plot.x(10) - 600.0).abs() < 1e-9);
        for i in 0..10 {
            assert_eq!(plot.place(plot.middle(i)), Some(i));
        }
        assert_eq!((plot.place(-50.0), plot.place(9999.0)), (Some(0), Some(9)));
        assert_eq!(Plot { count: 0, ..plot }.place(10.0), None);
        assert!(plot.bar() < plot.band());
    }

    #[test]
    fn values_lie_between_top_and_bottom() {
        let plot = plot();
        assert!((plot.y(0.0) - plot.bottom()).abs() < 1e-9 && (plot.y(100.0) - plot.top()).abs() < 1e-9);
    }

    #[test]
    fn lines_break_where_nothing_is_known() {
        assert_eq!(line([Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, 4.0))]), "M0.0 1.0L1.0 2.0M3.0 4.0h0.1");
        assert_eq!(line([Some((0.0, 1.0)), None]), "M0.0 1.0h0.1");
        assert_eq!(line([None, None]), "");
    }

    #[test]
    fn labels_are_moved_apart() {
        assert_eq!(spread(&[10.0, 12.0, 50.0], 14.0, 100.0), [10.0, 24.0, 50.0]);
        assert_eq!(spread(&[99.0, 98.0], 14.0, 100.0), [100.0, 86.0]);
        assert_eq!(spread(&[], 14.0, 100.0), Vec::<f64>::new());
    }
}
