//! Usage on the wire.

use contract::usage::{
    UsageBinView, UsageDayGroupsView, UsageDayView, UsageEarlierView, UsageGapView, UsageGroupView, UsageKnownView,
    UsagePeriodView, UsageTotalsView, UsageWeekdayView, UsageWorkspaceView, WorkspaceUsageView,
};
use services::usage::{
    Ranked, UsageBin, UsageByHour, UsageDay, UsageDayGroups, UsageEarlier, UsageGroupBeside, UsageGroupTotals,
    UsageQuestion, UsageStand, UsageTotals,
};
use services::workspaces::WorkspaceRecord;

/// The days of a question, and how far they are known.
pub(super) fn period(asked: &UsageQuestion, stand: UsageStand) -> UsagePeriodView {
    let known = stand.known;
    let gap = |gap: services::usage::UsageGap| UsageGapView {
        account_id: gap.account_id,
        region: gap.region,
        from: gap.from,
        to: gap.to,
        reason: gap.reason,
    };
    UsagePeriodView {
        from: asked.from,
        to: asked.to,
        zone: "UTC".to_owned(),
        known: UsageKnownView {
            workspaces: known.workspaces,
            unread: known.unread,
            from: known.from,
            to: known.to,
            gaps: stand.gaps.into_iter().map(gap).collect(),
        },
    }
}

/// Sums.
pub(super) fn totals(totals: UsageTotals) -> UsageTotalsView {
    UsageTotalsView {
        workspaces: totals.workspaces,
        connected_minutes: totals.minutes,
        billed_hours: totals.hours,
        sessions: totals.sessions,
        days: totals.days,
    }
}

/// A day.
pub(super) fn day(day: UsageDay) -> UsageDayView {
    UsageDayView { day: day.day, totals: day.totals.map(totals) }
}

/// A day by group.
pub(super) fn day_groups(day: UsageDayGroups) -> UsageDayGroupsView {
    UsageDayGroupsView {
        day: day.day,
        totals: day.totals.map(totals),
        groups: day.groups.into_iter().map(totals).collect(),
        others: totals(day.others),
    }
}

/// A group.
pub(super) fn group(group: UsageGroupTotals) -> UsageGroupView {
    UsageGroupView { key: group.key, label: group.label, totals: totals(group.totals), previous: None }
}

/// A group beside earlier days.
pub(super) fn group_beside(beside: UsageGroupBeside) -> UsageGroupView {
    UsageGroupView { previous: beside.before.map(totals), ..group(beside.group) }
}

/// Earlier days.
pub(super) fn earlier(earlier: UsageEarlier) -> UsageEarlierView {
    UsageEarlierView { from: earlier.from, to: earlier.to, known: earlier.known }
}

/// The hours of each weekday.
pub(super) fn weekdays(week: &UsageByHour) -> Vec<UsageWeekdayView> {
    let whole = |minutes: u64| (minutes + 30) / 60;
    let weekday = |(minutes, out_of): (&[u64; 24], &[u64; 24])| UsageWeekdayView {
        // No clock is set at noon.
        days: u32::try_from(whole(out_of[12])).unwrap_or(u32::MAX),
        hours: minutes.map(whole).to_vec(),
        minutes: minutes.to_vec(),
        out_of: out_of.to_vec(),
    };
    week.connected.minutes.iter().zip(&week.out_of.minutes).map(weekday).collect()
}

/// A bin.
pub(super) fn bin(bin: UsageBin) -> UsageBinView {
    UsageBinView { from_hours: bin.from_hours, to_hours: bin.to_hours, workspaces: bin.workspaces }
}

/// A WorkSpace and its sums.
pub(super) fn ranked(ranked: Ranked) -> WorkspaceUsageView {
    WorkspaceUsageView { workspace: workspace(ranked.workspace), totals: totals(ranked.totals) }
}

/// A WorkSpace.
pub(super) fn workspace(record: WorkspaceRecord) -> UsageWorkspaceView {
    UsageWorkspaceView {
        id: record.id,
        aws_id: record.aws_id,
        user_name: record.user_name,
        account_name: record.account_name,
        region: record.region,
        bundle: record.bundle_name.unwrap_or(record.bundle_aws_id),
        running_mode: record.running_mode.map(|mode| mode.as_str().to_owned()),
        last_connected_at: record.last_connected_at,
        gone_at: record.gone_at,
    }
}
