//! Light, dark, or as the system says; kept in the browser.

use leptos::prelude::*;

const KEY: &str = "wheelhouse.theme";

/// What the reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Choice {
    /// The choice after this one, in the order of the toggle.
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// The text kept in the browser and set on the page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// The theme of the page.
#[derive(Debug, Clone, Copy)]
pub struct Theme(RwSignal<Choice>);

impl Theme {
    /// What was chosen before on this browser. A browser that keeps nothing gets the system's.
    pub fn load() -> Self {
        let stored = window().local_storage().ok().flatten().and_then(|s| s.get_item(KEY).ok().flatten());
        let theme = Self(RwSignal::new(stored.map_or(Choice::System, |text| Choice::parse(&text))));
        Effect::new(move |_| apply(theme.0.get()));
        theme
    }

    /// The choice.
    pub fn choice(self) -> Choice {
        self.0.get()
    }

    /// Makes a choice.
    pub fn choose(self, choice: Choice) {
        self.0.set(choice);
    }

    /// Goes to the next choice.
    pub fn toggle(self) {
        self.0.update(|choice| *choice = choice.next());
    }
}

/// The theme from the context.
pub fn use_theme() -> Theme {
    expect_context()
}

fn apply(choice: Choice) {
    if let Some(root) = document().document_element() {
        // A page that can't take the attribute stays as the system says; a browser that keeps nothing forgets the choice.
        let _ = root.set_attribute("data-theme", choice.as_str());
    }
    if let Some(storage) = window().local_storage().ok().flatten() {
        let _ = storage.set_item(KEY, choice.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toggle_goes_round_and_choices_survive_storage() {
        for choice in [Choice::System, Choice::Light, Choice::Dark] {
            assert_eq!(Choice::parse(choice.as_str()), choice);
            assert_eq!(choice.next().next().next(), choice);
            assert_ne!(choice.next(), choice);
        }
    }
}
