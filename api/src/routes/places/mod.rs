//! Directories, bundles, images and quotas: what WorkSpaces belong to and are made from, and how many AWS allows. The WorkSpaces
//! themselves are `workspaces`.

pub mod bundles;
pub mod directories;
pub(crate) mod filter;
pub mod images;
pub mod quotas;
mod view;
