//! Page objects: each knows how its page is found and used, none asserts.

mod access;
mod accounts;
mod jobs;
mod schedules;
mod session;
mod workspaces;

pub use access::{AdminPage, ProfilePage, StepUp};
pub use accounts::AccountsPage;
pub use jobs::JobsPage;
pub use schedules::{DataSetsPage, SchedulesPage};
pub use session::{SetupPage, SignInPage};
pub use workspaces::{WorkspaceListPage, WorkspacePage};
