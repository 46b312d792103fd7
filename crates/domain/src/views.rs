//! Saved views: which pages have them, and who may see such a page. What a page's query may hold is checked where the query of
//! its list is (`api`); whose a view is, and who else sees it, is `services::views`.

use crate::access::Permission;

closed_enum! {
    /// A page whose filters can be kept under a name.
    pub enum ViewPage {
        /// The list of WorkSpaces.
        Workspaces = "workspaces",
        /// Our own audit log.
        Audit = "audit",
        /// AWS's events.
        Trail = "trail",
        /// Both in one list.
        Activity = "activity",
        /// The jobs.
        Jobs = "jobs",
        /// Usage.
        Usage = "usage",
        /// Costs.
        Costs = "costs",
    }
}

impl ViewPage {
    /// What somebody must be allowed to do to see the page, and so the views of it that others share.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Workspaces => Permission::WorkspaceRead,
            Self::Audit | Self::Trail | Self::Activity => Permission::AuditRead,
            Self::Jobs => Permission::JobRead,
            Self::Usage => Permission::UsageRead,
            Self::Costs => Permission::CostRead,
        }
    }

    /// The page's path in the portal, to which a view's query is added.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Workspaces => "/workspaces",
            Self::Audit => "/audit/log",
            Self::Trail => "/audit",
            Self::Activity => "/audit/all",
            Self::Jobs => "/jobs",
            Self::Usage => "/usage",
            Self::Costs => "/costs",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_a_path_of_its_own_and_is_only_read() {
        for (at, page) in ViewPage::ALL.iter().enumerate() {
            assert!(page.path().starts_with('/') && page.permission().as_str().ends_with(":read"), "{page}");
            assert!(ViewPage::ALL[at + 1..].iter().all(|other| other.path() != page.path()), "{page}");
        }
    }
}
