//! What the fleet costs in a month by our own reckoning, told apart by what no bill knows: bundles, people, our own teams,
//! directories; and by running mode, region and account, to see the same estimate from each side. These are the sums of what
//! `workspaces` lists one by one, with those that went within the month. What was billed is `groups`.
//!
//! A team is one of ours, not the tag `Team`. A desktop belongs to the teams of the person whose name it bears: to each of them
//! with all that it costs, so that teams may add up to more than the fleet; and where they are in none, to the group without one.
//!
//! Each group says beside it what it was in the month before, by as many days: WorkSpaces are in the groups that they are in today, at
//! today's prices, so that what differs is what came, went, was changed and was used.
//!
//! To add a group: a variant of [`EstimateBy`] with its name, its line in `places`;
//! where the list of WorkSpaces has no filter of that name, an arm in the API's `costs::view`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use domain::access::{Actor, Permission, Scope, user_key};
use domain::audit::Entry;
use domain::cost::EstimateBy;
use domain::ids::WorkspaceId;
use domain::money::{Currency, Money};
use domain::usage::Month;
use rust_decimal::Decimal;
use serde_json::json;
use store::repo::costs::cost_page;
use store::repo::teams::team_memberships;
use store::repo::workspaces::{self, GoneFilter, workspace_ids};

use super::error::CostError;
use super::estimate::Frame;
use super::reckoned::{Reckoned, reckoned};
use super::workspaces::{month_before, reckonable, up_to_now};
use crate::workspaces::WorkspaceFilter;
use crate::{Context, Page, PageRequest, audit, count};

/// What a group of WorkSpaces costs in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EstimatedGroup {
    /// The value; empty for those without one.
    pub key: String,
    /// What it is called; the value itself where it has no name.
    pub label: String,
    /// WorkSpaces that were there in that month.
    pub workspaces: u64,
    /// Of these, those that could not be reckoned.
    pub not_reckoned: u64,
    /// Of those reckoned: their hours are not known for the whole time.
    pub hours_unknown: u64,
    /// People whose WorkSpaces in it were connected in that month, as far as that is known.
    pub active_users: u64,
    /// What it comes to, by currency.
    pub estimates: Vec<Money>,
    /// The month before.
    pub before: EstimatedBefore,
    /// By how much it is more than before, by currency; nothing where hours of either are not known.
    pub differences: Vec<Money>,
}

/// What a group came to in the month before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EstimatedBefore {
    /// The last day of it that counts.
    pub through: NaiveDate,
    /// WorkSpaces that were there by then.
    pub workspaces: u64,
    /// Of those reckoned: their hours are not known for the whole time.
    pub hours_unknown: u64,
    /// What it came to, by currency.
    pub estimates: Vec<Money>,
}

impl EstimatedGroup {
    /// What it comes to for each active user, by currency, as people write money; nothing where there is none.
    #[must_use]
    pub fn per_active_user(&self) -> Vec<Money> {
        let users = Decimal::from(self.active_users);
        let share = |sum: &Money| {
            // `None` for nobody.
            let amount = sum.amount.checked_div(users)?;
            Some(Money::new(amount, sum.currency).rounded(sum.currency.minor_digits()))
        };
        self.estimates.iter().filter_map(share).collect()
    }
}

/// A page of [`cost_estimates`].
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_cost_estimates(
    ctx: &Context,
    actor: &Actor,
    asked: &WorkspaceFilter,
    by: EstimateBy,
    month: Month,
    page: &PageRequest,
) -> Result<Page<EstimatedGroup>, CostError> {
    let groups = cost_estimates(ctx, actor, asked, by, month).await?;
    let total = count(groups.len());
    let scope = actor.scope(Permission::UsageRead);
    let list = format!("cost estimates {scope:?} {asked:?} {by} {month}");
    let page = cost_page(groups, &list, page.cursor.as_deref(), page.limit, |group| (group.key.as_str(), ""))?;
    Ok(Page { items: page.rows, next_cursor: page.next, total })
}

/// What groups of WorkSpaces cost in a month, up to now in the running one: by currency, the dearest first, those without any
/// estimate last; also those that there were in the month before alone. They are of the WorkSpaces whose usage the actor may read, in
/// accounts whose costs they may read. What the teams of people are is for who may see all people; who is told people by name is noted.
///
/// # Errors
/// [`CostError::Forbidden`], [`CostError::Money`], [`CostError::Store`].
pub async fn cost_estimates(
    ctx: &Context,
    actor: &Actor,
    asked: &WorkspaceFilter,
    by: EstimateBy,
    month: Month,
) -> Result<Vec<EstimatedGroup>, CostError> {
    let filter = reckonable(ctx, actor, asked).await?;
    if by == EstimateBy::Team {
        actor.require_everywhere(Permission::UserRead)?;
    }
    let scope = actor.scope(Permission::UsageRead);
    let groups = match filter {
        Some(filter) => {
            let filter = workspaces::WorkspaceFilter { gone: GoneFilter::Any, ..filter };
            groups(ctx, &scope, &filter, by, month).await?
        }
        None => Vec::new(),
    };
    if by == EstimateBy::Person {
        let entry = Entry::new("cost.people", Permission::CostRead).after(json!({ "month": month }));
        audit::note_read(ctx, actor, entry).await?;
    }
    Ok(groups)
}

/// Every group, in its order.
async fn groups(
    ctx: &Context,
    scope: &Scope,
    filter: &workspaces::WorkspaceFilter,
    by: EstimateBy,
    month: Month,
) -> Result<Vec<EstimatedGroup>, CostError> {
    // Whatever is reckoned, the asker is told of these only.
    let within: HashSet<_> = workspace_ids(&ctx.db.primary(), scope, filter).await?.into_iter().collect();
    if within.is_empty() {
        return Ok(Vec::new());
    }
    let teams = if by == EstimateBy::Team { teams(ctx).await? } else { Teams::default() };
    let (days, earlier) = (up_to_now(ctx, month), month_before(ctx, month));
    let of = |days| Box::pin(sums(ctx, filter, days, &within, (by, &teams)));
    let (now, before) = futures::try_join!(of(&days), of(&earlier))?;
    let mut both = BTreeMap::<String, (Sums, Sums)>::new();
    for (key, sums) in now {
        both.entry(key).or_default().0 = sums;
    }
    for (key, sums) in before {
        both.entry(key).or_default().1 = sums;
    }
    let through = earlier.to.pred_opt().unwrap_or(earlier.to);
    let group = |(key, (now, before)): (String, (Sums, Sums))| now.group(key, before, through);
    // In the order of their keys, which is kept among those that cost the same.
    let mut groups = both.into_iter().map(group).collect::<Result<Vec<_>, _>>()?;
    groups.sort_by(dearest);
    Ok(groups)
}

/// What each group comes to on those days, by its key: the WorkSpaces of the filter's accounts that are within.
async fn sums(
    ctx: &Context,
    filter: &workspaces::WorkspaceFilter,
    days: &Frame,
    within: &HashSet<WorkspaceId>,
    (by, teams): (EstimateBy, &Teams),
) -> Result<BTreeMap<String, Sums>, CostError> {
    let mut sums = BTreeMap::<String, Sums>::new();
    for rows in reckoned(ctx, &filter.account_ids, days).await? {
        for one in rows.iter().filter(|one| within.contains(&one.id)) {
            let total = one.total()?;
            for (key, label) in places(by, one, teams) {
                let named = label != key;
                let into = sums.entry(key).or_default();
                // One account may know the name of what another only knows the id of.
                if named || into.label.is_empty() {
                    into.label = label;
                }
                into.add(one, total)?;
            }
        }
    }
    Ok(sums)
}

/// The teams of people, by what their desktops are called.
type Teams = HashMap<String, BTreeSet<String>>;

async fn teams(ctx: &Context) -> Result<Teams, CostError> {
    let mut teams = Teams::new();
    for (email, team) in team_memberships(&ctx.db).await? {
        teams.entry(user_key(&email)).or_default().insert(team);
    }
    Ok(teams)
}

/// The groups that a WorkSpace is in: key and label.
fn places(by: EstimateBy, one: &Reckoned, teams: &Teams) -> Vec<(String, String)> {
    let kind = &one.kind;
    match by {
        EstimateBy::Bundle => called(&kind.bundle_aws_id, kind.bundle_name.as_deref()),
        EstimateBy::Person => called(&one.user_name.to_lowercase(), Some(&*one.user_name)),
        EstimateBy::Team => match teams.get(&one.user_name.to_lowercase()) {
            Some(names) => names.iter().map(|name| (name.clone(), name.clone())).collect(),
            None => called("", None),
        },
        EstimateBy::Directory => called(&kind.directory_aws_id, kind.directory_name.as_deref()),
        EstimateBy::RunningMode => called(&kind.running_mode, None),
        EstimateBy::Region => called(kind.region.as_str(), None),
        EstimateBy::Account => called(&kind.account_id.to_string(), Some(kind.account_name.as_str())),
    }
}

fn called(key: &str, name: Option<&str>) -> Vec<(String, String)> {
    vec![(key.to_owned(), name.unwrap_or(key).to_owned())]
}

/// A group that is being added up.
#[derive(Debug, Default)]
struct Sums {
    label: String,
    workspaces: u64,
    not_reckoned: u64,
    hours_unknown: u64,
    active: HashSet<String>,
    estimates: BTreeMap<Currency, Money>,
}

impl Sums {
    fn add(&mut self, one: &Reckoned, total: Option<Money>) -> Result<(), CostError> {
        self.workspaces += 1;
        self.not_reckoned += u64::from(one.charges.is_err());
        self.hours_unknown += u64::from(one.charges.is_ok() && !one.hours_known);
        if one.active {
            self.active.insert(one.user_name.to_lowercase());
        }
        if let Some(total) = total {
            let sum = self.estimates.entry(total.currency).or_insert(Money::zero(total.currency));
            *sum = sum.checked_add(&total)?;
        }
        Ok(())
    }

    /// By how much it is more than the other, by currency; nothing where hours of either are not known.
    fn more_than(&self, before: &Self) -> Result<Vec<Money>, CostError> {
        if self.hours_unknown > 0 || before.hours_unknown > 0 {
            return Ok(Vec::new());
        }
        let of =
            |sums: &Self, currency: Currency| sums.estimates.get(&currency).copied().unwrap_or(Money::zero(currency));
        let currencies: BTreeSet<Currency> = self.estimates.keys().chain(before.estimates.keys()).copied().collect();
        let difference = |currency: Currency| -> Result<Money, CostError> {
            Ok(of(self, currency).checked_sub(&of(before, currency))?)
        };
        currencies.into_iter().map(difference).collect()
    }

    fn group(self, key: String, before: Self, through: NaiveDate) -> Result<EstimatedGroup, CostError> {
        let differences = self.more_than(&before)?;
        Ok(EstimatedGroup {
            key,
            label: if self.workspaces > 0 { self.label } else { before.label },
            workspaces: self.workspaces,
            not_reckoned: self.not_reckoned,
            hours_unknown: self.hours_unknown,
            active_users: count(self.active.len()),
            estimates: self.estimates.into_values().collect(),
            before: EstimatedBefore {
                through,
                workspaces: before.workspaces,
                hours_unknown: before.hours_unknown,
                estimates: before.estimates.into_values().collect(),
            },
            differences,
        })
    }
}

/// By currency, the dearest first; those without any estimate last.
fn dearest(a: &EstimatedGroup, b: &EstimatedGroup) -> Ordering {
    match (a.estimates.first(), b.estimates.first()) {
        (Some(a), Some(b)) => a.currency.cmp(&b.currency).then_with(|| b.amount.cmp(&a.amount)),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(key: &str, estimates: &[(i64, &str)]) -> EstimatedGroup {
        let money = |(amount, currency): &(i64, &str)| Money::new((*amount).into(), currency.parse().unwrap());
        EstimatedGroup {
            key: key.to_owned(),
            estimates: estimates.iter().map(money).collect(),
            ..EstimatedGroup::default()
        }
    }

    #[test]
    fn the_dearest_come_first_and_what_has_no_estimate_last() {
        let mut groups = [
            group("none", &[]),
            group("a", &[(1, "USD")]),
            group("b", &[(7, "USD")]),
            group("both", &[(2, "CNY"), (9, "USD")]),
            group("c", &[(7, "USD")]),
        ];
        groups.sort_by(dearest);
        let keys: Vec<_> = groups.iter().map(|group| group.key.as_str()).collect();
        assert_eq!(keys, ["both", "b", "c", "a", "none"]);
    }

    fn sums(hours_unknown: u64, estimates: &[(i64, &str)]) -> Sums {
        let estimates = group("", estimates).estimates.into_iter().map(|sum| (sum.currency, sum)).collect();
        Sums { hours_unknown, estimates, ..Sums::default() }
    }

    #[test]
    fn months_differ_by_currency_and_only_where_hours_are_known() {
        let told = |now: &Sums, before: &Sums| -> Vec<String> {
            now.more_than(before).unwrap().iter().map(ToString::to_string).collect()
        };
        let (now, before) = (sums(0, &[(7, "USD"), (2, "CNY")]), sums(0, &[(9, "USD"), (1, "EUR")]));
        assert_eq!(told(&now, &before), ["2.00 CNY", "-1.00 EUR", "-2.00 USD"]);
        assert_eq!(told(&before, &before), ["0.00 EUR", "0.00 USD"]);
        let open = sums(1, &[(7, "USD")]);
        assert_eq!((told(&now, &open), told(&open, &now)), (Vec::new(), Vec::new()), "there may be more of it");
        assert!(told(&sums(0, &[]), &sums(0, &[])).is_empty(), "nothing could be reckoned");
    }

    #[test]
    fn what_nobody_used_costs_nobody_anything() {
        let of = |active_users| EstimatedGroup { active_users, ..group("a", &[(100, "CNY"), (10, "USD")]) };
        let shares = |users| of(users).per_active_user().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shares(0), Vec::<String>::new());
        assert_eq!(shares(3), ["33.33 CNY", "3.33 USD"]);
    }
}
