//! The permissions. One macro makes the enum, the wire names and a marker type each, so that a handler can name the
//! permission it needs in its signature (`Require<marker::WorkspaceStop>`).

/// A marker type that stands for one permission in a signature.
pub trait PermissionMarker: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[doc = $words:literal])+ $variant:ident = $text:literal),+ $(,)?) => {
        closed_enum! {
            /// What an actor may do. Names are `object:verb`.
            pub enum Permission { $($(#[doc = $words])+ $variant = $text),+ }
        }

        impl Permission {
            /// What it lets somebody do, in a sentence.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => concat!($($words),+).trim_ascii_start(),)+ }
            }
        }

        /// One marker type for each [`Permission`].
        pub mod marker {
            $(
                $(#[doc = $words])+
                #[derive(Debug, Clone, Copy)]
                pub enum $variant {}
                impl super::PermissionMarker for $variant {
                    const PERMISSION: super::Permission = super::Permission::$variant;
                }
            )+
        }
    };
}

permissions! {
    /// See WorkSpaces, directories and bundles.
    WorkspaceRead = "workspace:read",
    /// Start WorkSpaces.
    WorkspaceStart = "workspace:start",
    /// Stop WorkSpaces.
    WorkspaceStop = "workspace:stop",
    /// Reboot WorkSpaces.
    WorkspaceReboot = "workspace:reboot",
    /// Rebuild WorkSpaces: make them anew from their image.
    WorkspaceRebuild = "workspace:rebuild",
    /// Restore WorkSpaces: take them back to their last snapshot.
    WorkspaceRestore = "workspace:restore",
    /// Terminate WorkSpaces: delete them with everything on them.
    WorkspaceTerminate = "workspace:terminate",
    /// Change running mode, compute type and volumes of WorkSpaces.
    WorkspaceModify = "workspace:modify",
    /// Set and remove tags of WorkSpaces.
    WorkspaceTag = "workspace:tag",
    /// See who was connected when, and for how long.
    UsageRead = "usage:read",
    /// See what was billed, what it will come to, what could be saved.
    CostRead = "cost:read",
    /// Make, change and remove budgets.
    BudgetManage = "budget:manage",
    /// See one's own reports, with their files.
    ReportRead = "report:read",
    /// Make and change reports, have them made; over everything also those of others that one may read.
    ReportManage = "report:manage",
    /// Ask for a desktop, or for something about one's own.
    RequestCreate = "request:create",
    /// See what people ask for.
    RequestRead = "request:read",
    /// Share saved views with everybody who may see their page.
    ViewShare = "view:share",
    /// Remove saved views that others share.
    ViewManage = "view:manage",
    /// Ask the assistant; it sees what its asker may see.
    AssistantUse = "assistant:use",
    /// See connected AWS accounts.
    AccountRead = "account:read",
    /// Connect and change AWS accounts, test a connection.
    AccountWrite = "account:write",
    /// Start a sync by hand.
    SyncRun = "sync:run",
    /// See jobs, their runs and logs.
    JobRead = "job:read",
    /// Retry and cancel jobs.
    JobWrite = "job:write",
    /// Change schedules: their period, pause, resume.
    ScheduleWrite = "schedule:write",
    /// See the users, their sessions, roles, teams and invitations.
    UserRead = "user:read",
    /// Invite, create, change and remove users; end their sessions; give them roles.
    UserWrite = "user:write",
    /// Make and change roles.
    RoleWrite = "role:write",
    /// Make and change teams.
    TeamWrite = "team:write",
    /// Make API keys for oneself.
    KeyWrite = "key:write",
    /// See and revoke everybody's API keys.
    KeyManage = "key:manage",
    /// Read the audit log.
    AuditRead = "audit:read",
    /// Take the audit log along as a file.
    AuditExport = "audit:export",
    /// See the health details of the installation.
    SystemRead = "system:read",
}

#[cfg(test)]
mod tests {
    use super::Permission;

    #[test]
    fn each_says_what_it_is_for() {
        assert_eq!(Permission::WorkspaceStart.words(), "Start WorkSpaces.");
        assert!(Permission::ALL.iter().all(|one| one.words().ends_with('.') && one.as_str().contains(':')));
    }
}
