//! Names of series beside what they name, at the right of a chart. Where each lies is the chart's own. One that may lie beside another's
//! part has the colour of its own before it.

use leptos::prelude::*;

use super::data::Ink;
use super::plot::{Plot, to_f64};

/// From this width on a chart has room for them.
pub const FROM: f64 = 560.0;
/// How wide and how high a colour before a name is, pixels.
const COLOUR: (f64, f64) = (4.0, 11.0);
/// How far behind the others a name with a colour begins, pixels: within the room that there is behind the longest.
const BEFORE: f64 = 4.0;

/// The longest name that is written whole in a chart so wide, letters.
fn longest(width: f64) -> usize {
    if width >= 1100.0 {
        28
    } else if width >= 850.0 {
        22
    } else {
        16
    }
}

/// Letters of the longest of them.
pub fn letters<'a>(names: impl IntoIterator<Item = &'a str>) -> usize {
    names.into_iter().map(|name| name.chars().count()).max().unwrap_or(0)
}

/// Pixels that they take in a chart so wide, where the longest has so many letters.
pub fn room(letters: usize, width: f64) -> f64 {
    7.0 * to_f64(letters.min(longest(width))) + 14.0
}

/// A name as it is written in a chart so wide.
fn written(name: String, width: f64) -> String {
    let most = longest(width);
    if name.chars().count() > most { name.chars().take(most - 1).chain(['…']).collect() } else { name }
}

/// Each at its height.
pub fn names(plot: &Plot, places: impl IntoIterator<Item = (f64, String)>) -> AnyView {
    places.into_iter().map(|(y, name)| text(plot, 0.0, y, name)).collect_view().into_any()
}

/// Each at its height, with its colour before it.
pub fn coloured(plot: &Plot, places: impl IntoIterator<Item = (f64, String, Ink)>) -> AnyView {
    let name = |(y, name, ink): (f64, String, Ink)| {
        let (x, top) = (format!("{:.1}", plot.right + 3.0), format!("{:.1}", y - COLOUR.1 / 2.0));
        view! {
            <rect class=ink.area() x=x y=top width=COLOUR.0.to_string() height=COLOUR.1.to_string() rx="2"></rect>
            {text(plot, BEFORE, y, name)}
        }
    };
    places.into_iter().map(name).collect_view().into_any()
}

/// A name at its height, so many pixels behind where names begin.
fn text(plot: &Plot, behind: f64, y: f64, name: String) -> AnyView {
    let (x, y) = (format!("{:.1}", plot.right + 6.0 + behind), format!("{:.1}", y + 4.0));
    view! { <text class="chart-strong" x=x y=y>{written(name, plot.width)}</text> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wider_a_chart_the_longer_its_names() {
        let name = "EUC1-AW-HW-2-AutoStop-Usage";
        for (width, shown) in [(FROM, "EUC1-AW-HW-2-Au…"), (900.0, "EUC1-AW-HW-2-AutoStop…"), (1200.0, name)] {
            assert_eq!(written(name.to_owned(), width), shown);
            let room = room(letters(["Other", name]), width);
            assert!((room - 7.0 * to_f64(shown.chars().count()) - 14.0).abs() < 1e-9, "{room} at {width}");
        }
        assert_eq!(written("Other".to_owned(), FROM), "Other");
    }
}
