//! One WorkSpace: what it is, how it is set up, what happened to it, and what can be done with it now.

mod action_bar;
mod state;
mod tabs;
mod view;

pub use view::WorkspaceDetailPage;
