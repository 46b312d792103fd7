//! My desktop: what somebody sees of the desktops they work on. Their own only, however far they may see otherwise; the fleet
//! is `workspaces`.

pub mod error;
pub mod service;

pub use error::DesktopError;
pub use service::{DesktopAction, MOST_DESKTOPS, MyDesktop, MyDesktops, fetch_my_desktops};
