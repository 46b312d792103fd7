//! What an address asks for and there is not, told above what is shown without it. What that is, each page's address knows.

use leptos::prelude::*;

use super::{Button, ButtonSize, Icon, IconView};

/// What of an address was left out, in a sentence; the first few of it.
pub fn left_out_words(left_out: &[String]) -> Option<String> {
    const TOLD: usize = 5;
    const LONGEST: usize = 60;
    let told: Vec<String> = left_out.iter().take(TOLD).map(|one| one.chars().take(LONGEST).collect()).collect();
    let more = if left_out.len() > TOLD { " and more" } else { "" };
    let told = told.join(", ");
    (!left_out.is_empty())
        .then(|| format!("The address asks for what is not here: {told}{more}. The page is shown without it."))
}

/// The notice; nothing where nothing was left out.
#[component]
pub fn LeftOut(
    /// What, such as `sort=shoe_size`.
    #[prop(into)]
    told: Signal<Vec<String>>,
    /// Goes to the address without it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let words = Memo::new(move |_| told.with(|told| left_out_words(told)));
    move || {
        words.get().map(|words| {
            view! {
                <div class="notice notice-warning" role="status" data-testid="left-out">
                    <IconView icon=Icon::Alert/>
                    <p>{words}</p>
                    <Button size=ButtonSize::Small on_click=on_close>"Close"</Button>
                </div>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_told_in_a_sentence_that_ends() {
        let words = left_out_words(&["a=1".to_owned(), "b=2".to_owned()]).unwrap();
        assert!(words.contains(": a=1, b=2. "), "{words}");
        assert_eq!(left_out_words(&[]), None);
        assert!(
            left_out_words(&vec!["x=".repeat(99); 7])
                .is_some_and(|words| words.len() < 400 && words.contains("and more"))
        );
    }
}
