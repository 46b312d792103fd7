//! How far usage is known: from and up to when, of how many WorkSpaces, and what is missing in between.

use chrono::{DateTime, NaiveTime, Utc};
use domain::access::{Actor, Permission};
use domain::ids::{AccountId, Region};
use domain::sync::SyncKind;
use store::repo::data_sets::data_set_list;
use store::repo::usage::UsageKnown;

use super::error::UsageError;
use super::service::{UsageQuestion, usage_known};
use crate::Context;

/// How far the usage that a question is about is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageStand {
    /// From and up to when, and of how many WorkSpaces.
    pub known: UsageKnown,
    /// What is missing on the days of the question, where syncs could not read.
    pub gaps: Vec<UsageGap>,
}

/// A stretch of time of which the usage of an account's region is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageGap {
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: Region,
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
    /// Why, in words.
    pub reason: String,
}

/// How far the usage that a question is about is known.
///
/// # Errors
/// [`UsageError::Forbidden`], [`UsageError::Store`].
pub async fn usage_stand(ctx: &Context, actor: &Actor, asked: &UsageQuestion) -> Result<UsageStand, UsageError> {
    let known = usage_known(ctx, actor, &asked.filter).await?;
    let (begin, end) = (asked.from.and_time(NaiveTime::MIN).and_utc(), asked.to.and_time(NaiveTime::MIN).and_utc());
    let (accounts, regions) = (&asked.filter.accounts, &asked.filter.regions);
    let mut gaps = Vec::new();
    for set in data_set_list(&ctx.db, &actor.scope(Permission::UsageRead), None).await? {
        let asked = (accounts.is_empty() || accounts.contains(&set.account_id))
            && (regions.is_empty() || regions.contains(&set.region));
        if set.kind != SyncKind::Usage || !asked {
            continue;
        }
        let within = set.gaps.into_iter().filter(|gap| gap.from < end && gap.to > begin);
        gaps.extend(within.map(|gap| UsageGap {
            account_id: set.account_id,
            region: set.region.clone(),
            from: gap.from,
            to: gap.to,
            reason: gap.reason,
        }));
    }
    Ok(UsageStand { known, gaps })
}
