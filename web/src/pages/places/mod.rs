//! The pages under that of the WorkSpaces: directories, bundles, images and quotas. `page` is all of them, `list` what narrows them;
//! one WorkSpace is `pages::workspace`. To add a tab: its [`page::Kind`] in a file of its own, a line in `head`, its address in
//! `parts`, its line in the palette.

mod bundles;
mod directories;
mod head;
mod images;
#[cfg(test)]
mod in_browser;
mod list;
mod page;
mod parts;
mod quotas;

pub use head::FleetTabs;
pub use parts::WorkspacePages;
