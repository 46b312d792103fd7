//! Names of series beside what they name, at the right of a chart. Where each lies is the chart's own.

use leptos::prelude::*;

use super::plot::{Plot, to_f64};

/// From this width on a chart has room for them.
pub const FROM: f64 = 560.0;
/// The longest name that is written whole, letters.
const LONGEST: usize = 16;

/// Pixels that they take.
pub fn room<'a>(names: impl IntoIterator<Item = &'a str>) -> f64 {
    let letters = names.into_iter().map(|name| name.chars().count().min(LONGEST)).max().unwrap_or(0);
    7.0 * to_f64(letters) + 14.0
}

/// Each at its height.
pub fn names(plot: &Plot, places: impl IntoIterator<Item = (f64, String)>) -> AnyView {
    let name = |(y, name): (f64, String)| {
        let short: String =
            if name.chars().count() > LONGEST { name.chars().take(LONGEST - 1).chain(['…']).collect() } else { name };
        view! { <text class="chart-strong" x=format!("{:.1}", plot.right + 6.0) y=format!("{:.1}", y + 4.0)>{short}</text> }
    };
    places.into_iter().map(name).collect_view().into_any()
}
