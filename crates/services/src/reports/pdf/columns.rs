//! Which columns of a table a PDF shows, and how wide each is: what people read on paper. The whole of a table is in the other
//! formats.

use domain::reports::ReportTemplate;

use super::draw::{GAP, MARGIN, SIZE, Sheet};
use super::fonts::Faces;
use crate::reports::tables::Shape;

/// Stands for the name of what costs are told apart by.
pub(super) const GROUP: &str = "Group";
/// A4, points.
const A4: (f32, f32) = (595.0, 842.0);
/// Points that no column is wider than.
const WIDEST: f32 = 190.0;
/// Points below which no column is squeezed.
const NARROWEST: f32 = 28.0;

/// The columns of a report: their names in the table, and what people call them. What its costs are told apart by says itself what it
/// is called.
pub(super) fn shown(shape: Shape<'_>) -> &'static [(&'static str, &'static str)] {
    let template = match shape {
        Shape::Whole(template) => template,
        Shape::Groups(by) if by.is_estimate() => {
            return &[
                ("label", GROUP),
                ("workspaces", "WorkSpaces"),
                ("not_reckoned", "Not reckoned"),
                ("active_users", "Active users"),
                ("estimate", "Estimate"),
                ("per_active_user", "Per active user"),
                ("before", "Month before"),
                ("difference", "Difference"),
                ("currency", "Currency"),
            ];
        }
        Shape::Groups(_) => {
            return &[
                ("key", GROUP),
                ("amount", "Amount"),
                ("currency", "Currency"),
                ("estimated", "May still change"),
            ];
        }
    };
    match template {
        ReportTemplate::Inventory => &[
            ("user_name", "User"),
            ("aws_id", "WorkSpace"),
            ("account_name", "Account"),
            ("region", "Region"),
            ("bundle_name", "Bundle"),
            ("running_mode", "Running mode"),
            ("state", "State"),
            ("connection", "Connection"),
            ("last_connected_at", "Last connected"),
        ],
        ReportTemplate::Usage => &[
            ("user_name", "User"),
            ("aws_id", "WorkSpace"),
            ("account_name", "Account"),
            ("region", "Region"),
            ("running_mode", "Running mode"),
            ("hours", "Hours"),
            ("sessions", "Sessions"),
            ("days", "Days"),
            ("last_day", "Last day"),
        ],
        ReportTemplate::Cost => &[
            ("day", "Day"),
            ("account_name", "Account"),
            ("region", "Region"),
            ("usage_type", "Usage type"),
            ("quantity", "Quantity"),
            ("unit", "Unit"),
            ("amount", "Amount"),
            ("currency", "Currency"),
        ],
        ReportTemplate::Savings => &[
            ("user_name", "User"),
            ("aws_id", "WorkSpace"),
            ("account_name", "Account"),
            ("region", "Region"),
            ("running_mode", "Running mode"),
            ("advice", "Advice"),
            ("hours", "Hours"),
            ("saving", "Saving"),
            ("currency", "Currency"),
        ],
        ReportTemplate::Audit => &[
            ("at", "At"),
            ("actor_name", "Who"),
            ("action", "Action"),
            ("object_kind", "On"),
            ("object_name", "Name"),
            ("outcome", "Outcome"),
            ("reason", "Reason"),
        ],
    }
}

/// Where a column is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) left: f32,
    pub(super) width: f32,
}

impl Place {
    /// Where a text of that width begins.
    pub(super) fn x(&self, number: bool, width: f32) -> f32 {
        if number { self.left + self.width - width } else { self.left }
    }
}

/// The size of the pages, and where the columns are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) page: (f32, f32),
    pub(super) columns: Vec<Place>,
}

impl Plan {
    /// Upright where the table fits, on its side where it does not; squeezed where it does not fit there either.
    pub(super) fn of(sheet: &Sheet, faces: &Faces) -> Self {
        let mut widths: Vec<f32> = sheet.heads.iter().map(|head| faces.bold.width(&head.words, SIZE)).collect();
        for row in &sheet.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                // Nothing is wider than the widest, and most cells are not worth a look.
                if *width < WIDEST && cell.len() as f32 * SIZE > *width {
                    *width = width.max(faces.regular.width(cell, SIZE).min(WIDEST));
                }
            }
        }
        let gaps = GAP * widths.len().saturating_sub(1) as f32;
        let wanted = widths.iter().sum::<f32>() + gaps;
        let (upright, sideways) = (A4.0 - 2.0 * MARGIN, A4.1 - 2.0 * MARGIN);
        let (page, room) = if wanted <= upright { (A4, upright) } else { ((A4.1, A4.0), sideways) };
        if wanted > room {
            squeeze(&mut widths, room - gaps);
        }
        // What is left over is shared, so that the last column ends where the lines do.
        let spare = (room - gaps - widths.iter().sum::<f32>()).max(0.0) / widths.len().max(1) as f32;
        let mut left = MARGIN;
        let columns = widths.into_iter().map(|width| {
            let place = Place { left, width: width + spare };
            left += place.width + GAP;
            place
        });
        Self { page, columns: columns.collect() }
    }
}

/// Takes from the widest until all fit.
fn squeeze(widths: &mut [f32], room: f32) {
    let (mut low, mut high) = (NARROWEST, WIDEST);
    // The height of a ceiling under which they fit; forty halvings are finer than a point.
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        let sum: f32 = widths.iter().map(|width| width.min(middle)).sum();
        if sum > room { high = middle } else { low = middle }
    }
    for width in widths {
        *width = width.min(low);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_give_way() {
        let mut widths = [30.0, 190.0, 100.0, 190.0];
        squeeze(&mut widths, 360.0);
        assert!((widths.iter().sum::<f32>() - 360.0).abs() < 0.1, "{widths:?}");
        assert_eq!((widths[0], widths[2]), (30.0, 100.0));
        assert!((widths[1] - 115.0).abs() < 0.1, "{widths:?}");
    }
}
