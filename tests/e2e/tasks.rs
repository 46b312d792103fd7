//! The ten main tasks: what people come to the portal for. One list, in the order in which `keyboard` does them, against which both
//! kinds of tests are held: a task without a test by pointer, or without its keys in `keyboard`, does not compile. Not how they are
//! done. To add one: a line in [`Task`], its test in [`Task::by_pointer`], its keys in `keyboard::do_by_keys`.

use std::any::type_name;

use anyhow::Result;

/// A task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// `SignInPage`: with address and password.
    SignIn,
    /// `AccountsPage`, `JobsPage`: an AWS account, and what is there.
    ConnectAndSync,
    /// `WorkspaceListPage`, `WorkspacePage`: somebody's WorkSpace, stopped.
    FindAndStopOne,
    /// `WorkspaceListPage`: many of them, with a look at what would happen.
    StopSeveral,
    /// `UsagePage`: how much of it is used.
    ReadUsage,
    /// `Drawer` on the page of costs: what is spent, and a limit for it.
    KeepABudget,
    /// `Drawer` on the page of reports: a file that is made again and again.
    HaveAReportMade,
    /// `AdminPage`, `Drawer`: people who belong together.
    MakeATeam,
    /// `AuditPage`: who did what.
    ReadTheLog,
    /// `DesktopPage`: one's own WorkSpace, started, and a wish.
    UseOnesDesktop,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::SignIn,
        Self::ConnectAndSync,
        Self::FindAndStopOne,
        Self::StopSeveral,
        Self::ReadUsage,
        Self::KeepABudget,
        Self::HaveAReportMade,
        Self::MakeATeam,
        Self::ReadTheLog,
        Self::UseOnesDesktop,
    ];

    /// The test in which it is done with a pointer.
    pub fn by_pointer(self) -> &'static str {
        match self {
            Self::SignIn | Self::ConnectAndSync | Self::FindAndStopOne => {
                name(crate::main_path::first_run_to_a_stopped_workspace)
            }
            Self::StopSeveral => name(crate::fleet::all_that_match_are_chosen_wherever_they_are),
            Self::ReadUsage => name(crate::usage::usage_is_read_narrowed_and_taken_along),
            Self::KeepABudget => name(crate::costs::costs_are_read_told_apart_and_kept_within_a_budget),
            Self::HaveAReportMade => name(crate::reports::a_report_from_its_form_to_its_file),
            Self::MakeATeam => name(crate::people::roles_teams_and_grants_are_edited),
            Self::ReadTheLog => name(crate::access::dangerous_things_ask_again_and_are_written_down),
            Self::UseOnesDesktop => name(crate::desktop::a_member_starts_their_desktop_and_asks_for_another),
        }
    }
}

/// What a test is called.
fn name<T: Fn() -> Result<()>>(_: T) -> &'static str {
    type_name::<T>()
}
