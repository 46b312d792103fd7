//! Tables: headers that sort, rows that wait, and a check box that knows "some". Rows are the page's own.
//! On a narrow screen each row becomes a card; cells carry `data-label` for that.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, IconView};

/// How a list is sorted: the text of `sort`, `-` before it for descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: String,
    /// From large to small.
    pub descending: bool,
}

impl Sort {
    /// Reads the text of `sort`.
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix('-') {
            Some(column) => Self { column: column.to_owned(), descending: true },
            None => Self { column: text.to_owned(), descending: false },
        }
    }

    /// The text of `sort`.
    pub fn text(&self) -> String {
        if self.descending { format!("-{}", self.column) } else { self.column.clone() }
    }

    /// What a click on a column's header asks for: the other direction of the same column, or the column's own first direction.
    pub fn after_click(&self, column: &str, descending_first: bool) -> Self {
        let descending = if self.column == column { !self.descending } else { descending_first };
        Self { column: column.to_owned(), descending }
    }
}

/// A header that sorts.
#[component]
pub fn SortHeader(
    /// The column, as in `sort`.
    column: &'static str,
    /// What it is called.
    label: &'static str,
    /// How the list is sorted.
    #[prop(into)]
    sort: Signal<Sort>,
    /// Whether a first click sorts from large to small (times).
    #[prop(optional)]
    descending_first: bool,
    /// Sorts.
    #[prop(into)]
    on_sort: Callback<Sort>,
) -> impl IntoView {
    let mine = move || sort.with(|s| (s.column == column).then_some(s.descending));
    let aria = move || match mine() {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    view! {
        <th scope="col" aria-sort=aria>
            <button
                class="sort"
                type="button"
                data-testid=format!("sort-{column}")
                on:click=move |_| on_sort.run(sort.with_untracked(|s| s.after_click(column, descending_first)))
            >
                {label}
                {move || mine().map(|down| view! { <IconView icon=if down { Icon::SortDown } else { Icon::SortUp }/> })}
            </button>
        </th>
    }
}

/// A check box with a third state.
#[component]
pub fn CheckBox(
    /// What it chooses.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is on.
    #[prop(into)]
    checked: Signal<bool>,
    /// Whether some but not all of what it stands for is on.
    #[prop(into, optional)]
    some: Signal<bool>,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Switches it; true when Shift was held.
    #[prop(into)]
    on_toggle: Callback<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = node.get() {
            input.set_indeterminate(some.get() && !checked.get());
        }
    });
    view! {
        <label class="check">
            <input
                type="checkbox"
                node_ref=node
                data-testid=testid
                aria-label=move || label.get()
                prop:checked=move || checked.get()
                on:click=move |event: leptos::ev::MouseEvent| on_toggle.run(event.shift_key())
            />
        </label>
    }
}

/// Rows that wait for data.
#[component]
pub fn SkeletonRows(columns: usize, #[prop(default = 10)] rows: usize) -> impl IntoView {
    let row = move |_| {
        let cells = (0..columns).map(|_| view! { <td><span class="skeleton-line"></span></td> }).collect_view();
        view! { <tr class="row-waiting" aria-hidden="true">{cells}</tr> }
    };
    (0..rows).map(row).collect_view()
}

#[cfg(test)]
mod tests {
    use super::Sort;

    #[test]
    fn a_click_turns_the_direction_or_changes_the_column() {
        let sort = Sort::parse("-state");
        assert_eq!(sort.text(), "-state");
        assert_eq!(sort.after_click("state", false).text(), "state");
        assert_eq!(sort.after_click("region", false).text(), "region");
        assert_eq!(sort.after_click("last_connected_at", true).text(), "-last_connected_at");
    }
}
