//! What table a report is, narrowed as it says, on the day on which it is made.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use domain::access::{Actor, Forbidden, Permission};
use domain::audit::Entry;
use domain::cost::{CostGrouping, EstimateBy};
use domain::ids::{AccountId, Region, TeamId};
use domain::reports::ReportTemplate;
use domain::usage::Month;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::repo::reports::ReportRecord;
use store::repo::teams::teams_known;

use super::error::ReportError;
use super::schedule::{days, moment};
use crate::Context;
use crate::audit::AuditFilter;
use crate::cost::{CostQuestion, Finding, find_savings};
use crate::exports::tables::{AuditTable, CostEstimateTable, CostGroupTable, CostTable, UsageTable, WorkspaceTable};
use crate::exports::{Cell, Column, ExportError, Row, Rows, Table};
use crate::usage::UsageQuestion;
use crate::workspaces::WorkspaceFilter;

/// What a report is narrowed to, and what its costs are told apart by. What does not apply to its template is ignored, but for teams and
/// groups, which [`check`] refuses; an empty list does not narrow. Reports that were kept before something was added here lack it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportFilter {
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Regions.
    pub regions: Vec<Region>,
    /// Directories, by AWS's ids.
    pub directories: Vec<String>,
    /// Running modes.
    pub running_modes: Vec<String>,
    /// A tag: `Key` or `Key=Value`.
    pub tag: Option<String>,
    /// Our own teams: the desktops of the people in them.
    pub teams: Vec<TeamId>,
    /// What a report of costs is told apart by; `None`: each line of the bill, day by day.
    pub by: Option<CostGrouping>,
}

/// What the rows of a report are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape<'a> {
    /// Those of its template.
    Whole(ReportTemplate),
    /// Groups of costs.
    Groups(&'a CostGrouping),
}

impl From<ReportTemplate> for Shape<'_> {
    fn from(template: ReportTemplate) -> Self {
        Self::Whole(template)
    }
}

impl ReportFilter {
    /// What the rows of a report of that template are.
    pub(super) fn shape(&self, template: ReportTemplate) -> Shape<'_> {
        match &self.by {
            Some(by) if template == ReportTemplate::Cost => Shape::Groups(by),
            _ => Shape::Whole(template),
        }
    }

    /// What narrows a report of that template, in words; nothing where nothing does. What it ignores is not said.
    pub(super) fn said(&self, template: ReportTemplate) -> Option<String> {
        // The log belongs to no part of the fleet.
        if template == ReportTemplate::Audit {
            return None;
        }
        let some = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("one {what}")),
            n => Some(format!("{n} {what}s")),
        };
        let accounts = some(self.accounts.len(), "account").into_iter();
        let mut all: Vec<String> = accounts.chain(self.regions.iter().map(ToString::to_string)).collect();
        // What is billed, or reckoned of it, is of accounts and regions alone: see `costs`.
        if template.by_desktop() {
            all.extend(self.directories.iter().chain(&self.running_modes).cloned());
            all.extend(self.tag.iter().map(|tag| format!("tag {tag}")));
            all.extend(some(self.teams.len(), "team"));
        }
        (!all.is_empty()).then(|| all.join(", "))
    }

    fn workspaces(&self) -> WorkspaceFilter {
        let tag = self.tag.as_ref().map(|tag| match tag.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (tag.clone(), None),
        });
        WorkspaceFilter {
            accounts: self.accounts.clone(),
            regions: self.regions.clone(),
            directories: self.directories.clone(),
            running_modes: self.running_modes.iter().cloned().map(Into::into).collect(),
            tag,
            teams: self.teams.clone(),
            ..WorkspaceFilter::default()
        }
    }
}

/// What somebody must hold to have a report of that template, and to read another's.
pub(super) fn permission(template: ReportTemplate) -> Permission {
    match template {
        ReportTemplate::Inventory => Permission::WorkspaceRead,
        ReportTemplate::Usage => Permission::UsageRead,
        ReportTemplate::Cost | ReportTemplate::Savings => Permission::CostRead,
        ReportTemplate::Audit => Permission::AuditExport,
    }
}

/// Checks that a report of that template may be what the filter says, for whoever it is made.
pub(super) async fn check(
    conn: &impl store::Connection,
    actor: &Actor,
    template: ReportTemplate,
    filter: &ReportFilter,
) -> Result<(), ReportError> {
    fits(actor, template, filter)?;
    check_teams(conn, filter).await
}

/// Checks the same without asking whether the teams are still there.
pub(super) fn fits(actor: &Actor, template: ReportTemplate, filter: &ReportFilter) -> Result<(), ReportError> {
    check_groups(template, filter)?;
    check_by_desktop(template, filter)?;
    Ok(allow(actor, filter, true)?)
}

/// Checks that the actor may have a file of that report that is there: what is asked of whoever it is made for. Another's file holds what
/// its owner could see, so that an estimate in it takes usage everywhere.
pub(super) fn may_have(actor: &Actor, report: &ReportRecord) -> Result<(), ReportError> {
    let own = actor.user_id == Some(report.owner_id);
    Ok(allow(actor, &filter(report)?, own)?)
}

/// Asks for what a report takes beyond the [`permission`] of its template: usage where it is an estimate, people where it is about teams.
/// [`crate::cost::cost_estimates`] asks the same; here it is asked before the report is kept, and when its file is given.
fn allow(actor: &Actor, filter: &ReportFilter, own: bool) -> Result<(), Forbidden> {
    let by = filter.by.as_ref();
    if by.is_some_and(CostGrouping::is_estimate) {
        let asked = Permission::UsageRead;
        if own { actor.require(asked)? } else { actor.require_everywhere(asked)? }
    }
    if by == Some(&CostGrouping::Estimated(EstimateBy::Team)) || !filter.teams.is_empty() {
        actor.require_everywhere(Permission::UserRead)?;
    }
    Ok(())
}

/// Checks that it can be told apart like that: that it is about costs, and that regions narrow it where some are named.
fn check_groups(template: ReportTemplate, filter: &ReportFilter) -> Result<(), ReportError> {
    let Some(by) = &filter.by else { return Ok(()) };
    if template != ReportTemplate::Cost {
        let words = format!("a report of {template} can't be told apart by {}: only one of cost is", by.words());
        return Err(ReportError::field("filter.by", "unexpected", words));
    }
    if by.by_tag() && !filter.regions.is_empty() {
        let words = "tags are of whole accounts: a report by tag can't be narrowed to regions";
        return Err(ReportError::field("filter.regions", "unexpected", words));
    }
    Ok(())
}

/// Checks that it is about desktops where it is narrowed to teams.
fn check_by_desktop(template: ReportTemplate, filter: &ReportFilter) -> Result<(), ReportError> {
    if filter.teams.is_empty() || template.by_desktop() {
        return Ok(());
    }
    let words = "can't be narrowed to teams: only inventory, usage and savings are about people's desktops";
    Err(ReportError::field("filter.teams", "unexpected", format!("a report of {template} {words}")))
}

/// Checks that the teams that the filter names are there. One that is gone would leave nothing, and nobody would be told why.
async fn check_teams(conn: &impl store::Connection, filter: &ReportFilter) -> Result<(), ReportError> {
    if filter.teams.is_empty() {
        return Ok(());
    }
    let known = teams_known(conn, &filter.teams).await?;
    match filter.teams.iter().find(|team| !known.contains(team)) {
        Some(gone) => {
            let words = format!("there is no team {gone} (any more): choose another");
            Err(ReportError::field("filter.teams", "unknown", words))
        }
        None => Ok(()),
    }
}

/// The zone of that name.
pub(super) fn zone(name: &str) -> Result<Tz, ReportError> {
    let words = || format!("{name:?} is not a time zone; write it like Europe/Berlin");
    name.parse().map_err(|_| ReportError::field("zone", "unknown_value", words()))
}

/// The first day that a report of that time is about, and the last; `None` where it is about what there is.
pub(super) fn period(report: &ReportRecord, at: DateTime<Utc>) -> Option<(NaiveDate, NaiveDate)> {
    let (from, to) = days(report.span, zone(&report.zone).ok()?, at);
    let estimate = || filter(report).is_ok_and(|filter| filter.by.is_some_and(|by| by.is_estimate()));
    match report.template {
        ReportTemplate::Inventory => None,
        ReportTemplate::Cost if estimate() => Some(month_of(from)),
        ReportTemplate::Savings => Some(month_of(from)),
        ReportTemplate::Usage | ReportTemplate::Cost | ReportTemplate::Audit => {
            Some((from, to.pred_opt().unwrap_or(to)))
        }
    }
}

/// The whole month of a day.
fn month_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let month = Month::of_day(day);
    (month.first_day(), month.last_day())
}

/// A [`period`] as people write it.
pub(super) fn days_words((first, last): (NaiveDate, NaiveDate)) -> String {
    let said = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    if first == last { said(first) } else { format!("{} to {}", said(first), said(last)) }
}

/// What a report is narrowed to.
pub(super) fn filter(report: &ReportRecord) -> Result<ReportFilter, ReportError> {
    let corrupt = |error: serde_json::Error| ReportError::Store(store::StoreError::corrupt("filter", error));
    serde_json::from_value(report.filter.clone()).map_err(corrupt)
}

/// The usage that a report of usage is about.
pub(super) fn usage(report: &ReportRecord, now: DateTime<Utc>) -> Result<UsageQuestion, ReportError> {
    let (from, to) = days(report.span, zone(&report.zone)?, now);
    Ok(UsageQuestion { filter: filter(report)?.workspaces(), from, to })
}

/// The table of a report at that time.
pub(super) fn table(report: &ReportRecord, now: DateTime<Utc>) -> Result<Box<dyn Table>, ReportError> {
    let filter = filter(report)?;
    let (from, to) = days(report.span, zone(&report.zone)?, now);
    Ok(match report.template {
        ReportTemplate::Inventory => {
            Box::new(WorkspaceTable { filter: filter.workspaces(), ..WorkspaceTable::default() })
        }
        ReportTemplate::Usage => Box::new(UsageTable { asked: usage(report, now)? }),
        ReportTemplate::Cost => costs(filter, (from, to)),
        ReportTemplate::Savings => {
            let month = Month::of_day(from);
            Box::new(SavingsTable { filter: filter.workspaces(), month })
        }
        ReportTemplate::Audit => {
            let zone = zone(&report.zone)?;
            let start = |day: NaiveDate| moment(zone, day.and_time(NaiveTime::MIN));
            let filter = AuditFilter { from: Some(start(from)), to: Some(start(to)), ..AuditFilter::default() };
            Box::new(AuditTable { filter })
        }
    })
}

/// The table of a report of costs: each line of the bill, or groups of what was billed or of the month's estimate.
pub(super) fn costs(filter: ReportFilter, (from, to): (NaiveDate, NaiveDate)) -> Box<dyn Table> {
    let ReportFilter { accounts, regions, by, .. } = filter;
    let billed = |accounts: Vec<AccountId>, regions: Vec<Region>| {
        let regions = regions.iter().map(|region| region.as_str().to_owned()).collect();
        CostQuestion { accounts, regions, from, to }
    };
    match by {
        None => Box::new(CostTable { asked: billed(accounts, regions) }),
        Some(CostGrouping::Billed(by)) => {
            Box::new(CostGroupTable { asked: billed(accounts, regions), called: by.to_string(), by })
        }
        Some(CostGrouping::Estimated(by)) => {
            let filter = WorkspaceFilter { accounts, regions, ..WorkspaceFilter::default() };
            Box::new(CostEstimateTable { month: Month::of_day(from), filter, by })
        }
    }
}

/// The columns of the table of savings.
pub(super) const SAVINGS: &[Column] = &[
    Column::text("workspace_id"),
    Column::text("aws_id"),
    Column::text("account_name"),
    Column::text("region"),
    Column::text("user_name"),
    Column::text("running_mode"),
    Column::text("advice"),
    Column::number("hours").in_unit("hours"),
    Column::number("saving"),
    Column::text("currency"),
];

/// What could have been saved in a month. Findings only: one page.
struct SavingsTable {
    filter: WorkspaceFilter,
    month: Month,
}

#[async_trait]
impl Table for SavingsTable {
    fn name(&self) -> &'static str {
        "savings"
    }

    fn permission(&self) -> Permission {
        Permission::CostRead
    }

    fn columns(&self) -> &'static [Column] {
        SAVINGS
    }

    fn entry(&self) -> Entry {
        let said =
            json!({ "from": self.month.start(), "accounts": self.filter.accounts, "regions": self.filter.regions });
        Entry::new("savings.export", Permission::CostRead).after(said)
    }

    async fn page(&self, ctx: &Context, actor: &Actor, _: Option<String>) -> Result<Rows, ExportError> {
        let found = find_savings(ctx, actor, &self.filter, self.month).await?;
        Ok(Rows { rows: found.findings.into_iter().map(cells).collect(), next: None })
    }
}

fn cells(finding: Finding) -> Row {
    let Finding { workspace, advice, hours, saving } = finding;
    vec![
        Cell::text(workspace.id),
        Cell::Text(workspace.aws_id),
        Cell::Text(workspace.account_name),
        Cell::text(workspace.region),
        Cell::Text(workspace.user_name),
        Cell::maybe(workspace.running_mode),
        Cell::text(advice.as_str()),
        Cell::number(hours),
        Cell::number(saving.amount.normalize()),
        Cell::text(saving.currency),
    ]
}
