//! Directories and bundles: what WorkSpaces belong to and are made from. The WorkSpaces themselves are `workspaces`.

pub mod bundles;
pub mod directories;
pub(crate) mod filter;
mod view;
