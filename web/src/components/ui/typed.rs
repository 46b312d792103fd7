//! A word that must be typed before something is done that can't be taken back, as a hand that is quicker than the eye does not type
//! it: for one thing what it is called, for many how many they are.

use leptos::prelude::*;

use super::field::{FieldState, TextField};

/// Whether what is typed is the word: spaces around it, capitals and the separators of a number don't matter.
fn is_typed(word: &str, typed: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase();
    let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let typed =
        if number { typed.replace([',', '.', ' ', '\u{a0}', '\u{202f}', '’', '\''], "") } else { typed.to_owned() };
    plain(word) == plain(&typed)
}

/// Why the button does not work yet; `None` when the word is typed, and where none is asked for.
pub fn untyped(word: Signal<Option<String>>, typed: FieldState) -> Signal<Option<String>> {
    Signal::derive(move || {
        let word = word.get()?;
        let right = typed.value.with(|typed| is_typed(&word, typed));
        (!right).then(|| format!("Type {word} first"))
    })
}

/// The field, where a word is asked for.
#[component]
pub fn TypedField(
    /// The word.
    #[prop(into)]
    word: Signal<Option<String>>,
    /// What is typed.
    typed: FieldState,
) -> impl IntoView {
    let asked = Memo::new(move |_| word.get());
    move || {
        asked.get().map(|word| {
            let wrong = untyped(Signal::stored(Some(word.clone())), typed);
            let rule = Signal::derive(move || wrong.get().map(|_| "That is not it.".to_owned()));
            view! {
                <TextField id="typed-word" label=format!("To go on, type {word}") state=typed rule testid="typed-word"/>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_typed_as_it_stands_there() {
        assert!(is_typed("ana.berg", " Ana.Berg "));
        assert!(!is_typed("ana.berg", "anaberg") && !is_typed("ana.berg", ""));
        assert!(is_typed("1234", "1,234") && is_typed("1234", "1 234") && is_typed("12", "12"));
        assert!(is_typed("1234", "1\u{202f}234") && is_typed("1234", "1’234") && is_typed("1234", "1.234"));
        assert!(!is_typed("12", "120") && !is_typed("12", "twelve"));
    }
}
