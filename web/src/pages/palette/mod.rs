//! The command palette: every page, what can be done from anywhere, and WorkSpaces by a few letters of who they belong to;
//! and the list of keys.
//!
//! `commands` is what there is and how it is found (pure), `desktops` are the WorkSpaces that were found (pure), `view` shows both,
//! `keys` is the list of keys. To add a page or an
//! action: a line in `commands`; every place of the side bar and every tab has one. The keys that open it are in `components::layout::palette`.

mod commands;
mod desktops;
#[cfg(test)]
mod in_browser;
mod keys;
mod view;

#[cfg(test)]
pub use commands::addresses;
use leptos::prelude::*;

/// Which of the two is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Pages, actions, WorkSpaces.
    Commands,
    /// The keys.
    Keys,
}

impl Face {
    /// The dialog's heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Commands => "Go to or do",
            Self::Keys => "Keys",
        }
    }
}

/// What is in the dialog; the first signal closes it.
pub type Inside = fn(RwSignal<bool>, RwSignal<Face>) -> AnyView;

/// What is in the dialog.
pub fn inside(open: RwSignal<bool>, face: RwSignal<Face>) -> AnyView {
    let inside = move || match face.get() {
        Face::Commands => view! { <view::Commands open face/> }.into_any(),
        Face::Keys => keys::keys(),
    };
    inside.into_any()
}
