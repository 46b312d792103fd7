//! Keyset paging: there is a next page and a page before, and a count, but no page numbers to jump to.

use leptos::prelude::*;

use super::button::{Button, ButtonSize};
use super::icon::Icon;
use crate::format::thousands;

/// `1–50 of 1,234`, or `50 of 1,234` when it is not known how many came before.
pub fn range_words(before: Option<u64>, shown: u64, total: u64) -> String {
    match (before, shown) {
        (_, 0) => format!("0 of {}", thousands(total)),
        (Some(before), _) => {
            let last = before + shown;
            // Rows come and go between pages; the range never claims more than there is.
            format!("{}–{} of {}", thousands(before + 1), thousands(last), thousands(total.max(last)))
        }
        (None, _) => format!("{} of {}", thousands(shown), thousands(total)),
    }
}

/// The bar under a list.
#[component]
pub fn Pagination(
    /// Which rows are shown, in words.
    #[prop(into)]
    range: Signal<String>,
    /// Whether there is a page before.
    #[prop(into)]
    has_previous: Signal<bool>,
    /// Whether there is a next page.
    #[prop(into)]
    has_next: Signal<bool>,
    /// Goes back.
    #[prop(into)]
    on_previous: Callback<()>,
    /// Goes on.
    #[prop(into)]
    on_next: Callback<()>,
) -> impl IntoView {
    let blocked = |known: bool, text: &str| (!known).then(|| text.to_owned());
    view! {
        <nav class="pagination" aria-label="Pages">
            <span class="pagination-range">{move || range.get()}</span>
            <span class="pagination-buttons">
                <Button
                    size=ButtonSize::Small
                    icon=Icon::Left
                    testid="page-previous"
                    reason=Signal::derive(move || blocked(has_previous.get(), "This is the first page"))
                    on_click=on_previous
                >
                    "Previous"
                </Button>
                <Button
                    size=ButtonSize::Small
                    icon=Icon::Right
                    testid="page-next"
                    reason=Signal::derive(move || blocked(has_next.get(), "This is the last page"))
                    on_click=on_next
                >
                    "Next"
                </Button>
            </span>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::range_words;

    #[test]
    fn ranges() {
        assert_eq!(range_words(Some(0), 50, 1234), "1–50 of 1,234");
        assert_eq!(range_words(Some(1200), 34, 1234), "1,201–1,234 of 1,234");
        assert_eq!(range_words(Some(1200), 36, 1234), "1,201–1,236 of 1,236");
        assert_eq!(range_words(None, 50, 1234), "50 of 1,234");
        assert_eq!(range_words(Some(0), 0, 0), "0 of 0");
    }
}
