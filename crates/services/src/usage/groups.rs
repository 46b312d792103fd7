//! Groups of usage, each beside what it came to on earlier days: those that the sums of all are compared with.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::access::{Actor, Permission};
use domain::usage::Comparison;
use futures::try_join;
use store::repo::usage::{UsageGroup, UsageGroupTotals, UsageTotals, usage_known_of, usage_sums_of};
use store::repo::workspaces::GoneFilter;

use super::error::UsageError;
use super::figures::{before_so_far, known_from};
use super::service::{UsageQuestion, filter, list_usage_groups};
use super::stand::{UsageStand, usage_stand};
use crate::{Context, Page, PageRequest};

/// A page of groups.
#[derive(Debug, Clone)]
pub struct UsageGroups {
    /// How far usage is known.
    pub stand: UsageStand,
    /// The groups.
    pub page: Page<UsageGroupBeside>,
    /// The days that they are compared with, when it was asked for.
    pub earlier: Option<UsageEarlier>,
}

/// A group beside earlier days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageGroupBeside {
    /// The group.
    pub group: UsageGroupTotals,
    /// What it came to on the earlier days; `None` where none were asked for, or its usage is not known from the first of them on.
    pub before: Option<UsageTotals>,
}

/// Earlier days that usage is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageEarlier {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub to: NaiveDate,
    /// Whether the usage of all is known from the first of them on.
    pub known: bool,
}

/// A page of the sums by group, as [`list_usage_groups`] lists them, beside the days that the sums of all are compared with.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn compare_usage_groups(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    group: &UsageGroup,
    compare: Option<Comparison>,
    page: &PageRequest,
) -> Result<UsageGroups, UsageError> {
    let found = list_usage_groups(ctx, actor, asked, group, page);
    let (found, stand) = try_join!(found, usage_stand(ctx, actor, asked))?;
    let days = compare.map(|compare| before_so_far(asked, compare, ctx.env.now().date_naive()));
    let known = days.as_ref().is_some_and(|days| known_from(&stand.known, days));
    let mut before = match &days {
        Some(days) => sums(ctx, actor, days, group, &found.items, known).await?,
        None => HashMap::new(),
    };
    let beside = |group: UsageGroupTotals| UsageGroupBeside { before: before.remove(&group.key), group };
    let items = found.items.into_iter().map(beside).collect();
    let page = Page { items, next_cursor: found.next_cursor, total: found.total };
    let earlier = days.map(|days| UsageEarlier { from: days.from, to: days.to, known });
    Ok(UsageGroups { stand, page, earlier })
}

/// What these groups came to on the days of a question, by value: all of them where the usage of `all` is known from the first day
/// on, otherwise those whose own is.
async fn sums(
    ctx: &Context,
    actor: &Actor,
    days: &UsageQuestion,
    group: &UsageGroup,
    groups: &[UsageGroupTotals],
    all: bool,
) -> Result<HashMap<String, UsageTotals>, UsageError> {
    let scope = actor.scope(Permission::UsageRead);
    let mut keys: Vec<_> = groups.iter().map(|one| one.key.as_str()).collect();
    if !all {
        let present = filter(ctx, actor, days, GoneFilter::Present).await?;
        let known = usage_known_of(&ctx.db, &scope, &present, group, &keys).await?;
        keys.retain(|key| known.get(*key).is_some_and(|known| known_from(known, days)));
    }
    let filter = filter(ctx, actor, days, GoneFilter::Any).await?;
    let mut sums = usage_sums_of(&ctx.db, &scope, &filter, (days.from, days.to), group, &keys).await?;
    // One that nobody was connected to then is none of the sums.
    let sum = |key: &str| (key.to_owned(), sums.remove(key).unwrap_or_default());
    Ok(keys.into_iter().map(sum).collect())
}
