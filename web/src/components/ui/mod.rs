//! The design system: buttons, badges, fields, tables, filters, dialogs and the states of a page.
//! To add a part: a module here with an enum for its variants, its looks in `styles/20-components.css`, or in
//! `styles/pages/00-basic.css` where the overview and the sign-in do without it.

pub mod badge;
pub mod button;
pub mod choice;
#[cfg(test)]
mod choice_in_browser;
pub mod confirm;
pub mod dialog;
pub mod editor;
pub mod export_menu;
pub mod facet_menu;
pub mod field;
pub mod filter_bar;
pub mod focus;
pub mod freshness;
pub mod icon;
#[cfg(test)]
mod in_browser;
pub mod job_state;
pub mod left_out;
pub mod list;
pub mod new_password;
pub mod number;
pub mod once;
pub mod pagination;
pub mod popover;
pub mod progress;
pub mod rules;
pub mod sessions;
pub mod states;
pub mod table;
pub mod tabs;
pub mod text_area;
pub mod time;
pub mod toast;
pub mod typed;

pub use badge::{StateBadge, Tone};
pub use button::{Button, ButtonKind, ButtonSize, IconButton};
pub use icon::{Icon, IconView};
