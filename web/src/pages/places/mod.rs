//! The pages under that of the WorkSpaces: directories and bundles, each with how many WorkSpaces it has. `list` is what both share;
//! one WorkSpace is `pages::workspace`. To add a tab: a line in `head`, its address in `parts`, its line in the palette.

mod bundles;
mod directories;
mod head;
mod list;
mod parts;

pub use head::FleetTabs;
pub use parts::WorkspacePages;
