//! Permissions in words. Pure.

use domain::access::Permission;

/// What a permission allows; its own name where it is not known here.
pub fn permission_words(name: &str) -> String {
    use Permission as P;
    let Ok(permission) = name.parse::<P>() else { return name.to_owned() };
    match permission {
        P::WorkspaceRead => "See WorkSpaces",
        P::WorkspaceStart => "Start WorkSpaces",
        P::WorkspaceStop => "Stop WorkSpaces",
        P::WorkspaceReboot => "Reboot WorkSpaces",
        P::WorkspaceRebuild => "Rebuild WorkSpaces",
        P::WorkspaceRestore => "Restore WorkSpaces",
        P::WorkspaceTerminate => "Terminate WorkSpaces",
        P::WorkspaceModify => "Change running mode, hardware and volumes",
        P::WorkspaceTag => "Set and remove tags",
        P::UsageRead => "See hours and sessions",
        P::CostRead => "See costs, forecasts and savings",
        P::BudgetManage => "Set and change budgets",
        P::RequestCreate => "Ask for desktops",
        P::RequestRead => "See requests for desktops",
        P::ReportRead => "See reports and take them along",
        P::ReportManage => "Make, schedule and delete reports",
        P::ViewShare => "Share views with others",
        P::ViewManage => "Remove views that others share",
        P::AssistantUse => "Ask the assistant",
        P::AccountRead => "See AWS accounts",
        P::AccountWrite => "Connect and change AWS accounts",
        P::SyncRun => "Start syncs",
        P::JobRead => "See jobs",
        P::JobWrite => "Retry and cancel jobs",
        P::ScheduleWrite => "Change schedules",
        P::UserRead => "See users, roles and teams",
        P::UserWrite => "Invite and change users",
        P::RoleWrite => "Make and change roles",
        P::TeamWrite => "Make and change teams",
        P::KeyWrite => "Make API keys of one's own",
        P::KeyManage => "See and revoke everybody's API keys",
        P::AuditRead => "Read the audit log",
        P::AuditExport => "Export the audit log",
        P::SystemRead => "See the installation's health",
    }
    .to_owned()
}
