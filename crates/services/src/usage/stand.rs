//! How far usage is known: from and up to when, of how many WorkSpaces, and what is missing in between.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
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

impl UsageStand {
    /// The first day that is known as a whole: one that is known only from some hour on is not.
    pub(super) fn first_day(&self) -> Option<NaiveDate> {
        let from = self.known.from?;
        let day = from.date_naive();
        if from.time() == NaiveTime::MIN { Some(day) } else { day.checked_add_days(Days::new(1)) }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_known_in_part_is_not_known() {
        let first = |from: Option<&str>| {
            let from = from.map(|from| from.parse().unwrap());
            let stand = UsageStand { known: UsageKnown { from, ..UsageKnown::default() }, gaps: Vec::new() };
            stand.first_day().map(|day| day.to_string())
        };
        for (from, day) in [
            ("2026-02-15T00:00:00Z", "2026-02-15"),
            ("2026-02-15T00:00:01Z", "2026-02-16"),
            ("2026-02-28T23:00:00Z", "2026-03-01"),
        ] {
            assert_eq!(first(Some(from)).as_deref(), Some(day), "{from}");
        }
        assert_eq!(first(None), None);
    }
}
