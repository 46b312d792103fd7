//! The built-in roles (PRODUCT.md, area 6) and what each may do.

use super::Permission;

closed_enum! {
    /// A built-in role. Custom roles come with their own list of permissions.
    pub enum Role {
        /// Created by the one-time link; may do everything.
        Owner = "owner",
        /// Manages users, accounts, keys and settings, and everything an operator may.
        Admin = "admin",
        /// Runs the fleet.
        Operator = "operator",
        /// Answers requests; sees the fleet.
        Approver = "approver",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
        /// Sees the fleet.
        Viewer = "viewer",
        /// A person with a desktop: sees and runs their own only.
        Member = "member",
    }
}

impl Role {
    /// The permissions of the role.
    #[must_use]
    pub fn permissions(self) -> Vec<Permission> {
        use Permission as P;
        match self {
            Self::Owner | Self::Admin => P::ALL.to_vec(),
            Self::Operator => vec![
                P::WorkspaceRead,
                P::WorkspaceStart,
                P::WorkspaceStop,
                P::WorkspaceReboot,
                P::WorkspaceRebuild,
                P::WorkspaceRestore,
                P::WorkspaceModify,
                P::WorkspaceTag,
                P::UsageRead,
                P::CostRead,
                P::RequestCreate,
                P::RequestRead,
                P::AssistantUse,
                P::AccountRead,
                P::SyncRun,
                P::JobRead,
                P::JobWrite,
                P::ScheduleWrite,
                P::KeyWrite,
                P::ReportRead,
                P::ReportManage,
                P::ViewShare,
            ],
            Self::Auditor => vec![
                P::WorkspaceRead,
                P::UsageRead,
                P::CostRead,
                P::RequestRead,
                P::AssistantUse,
                P::AccountRead,
                P::JobRead,
                P::UserRead,
                P::AuditRead,
                P::AuditExport,
                P::SystemRead,
                P::ReportRead,
            ],
            Self::Approver => vec![
                P::WorkspaceRead,
                P::UsageRead,
                P::CostRead,
                P::RequestRead,
                P::AssistantUse,
                P::AccountRead,
                P::JobRead,
                P::ReportRead,
            ],
            Self::Viewer => {
                vec![
                    P::WorkspaceRead,
                    P::UsageRead,
                    P::CostRead,
                    P::ReportRead,
                    P::AssistantUse,
                    P::AccountRead,
                    P::JobRead,
                ]
            }
            Self::Member => vec![
                P::WorkspaceRead,
                P::WorkspaceStart,
                P::WorkspaceStop,
                P::WorkspaceReboot,
                P::UsageRead,
                P::RequestCreate,
                P::RequestRead,
                P::AssistantUse,
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auditors_and_viewers_change_nothing() {
        for role in [Role::Auditor, Role::Viewer, Role::Approver] {
            let harmless = [Permission::AuditExport, Permission::AssistantUse];
            let reads = |p: &Permission| p.as_str().ends_with(":read") || harmless.contains(p);
            assert!(role.permissions().iter().all(reads), "{role}");
        }
    }
}
