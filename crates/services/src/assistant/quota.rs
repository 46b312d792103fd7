//! Tokens: how many a person and each team of theirs have used of this month's, and whether that is all. Levels with a model
//! cost tokens, written sentences none; so who has used theirs up is still answered.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use domain::ids::UserId;
use store::StoreError;
use store::repo::assistant::{assistant_tokens_add, assistant_tokens_of_team, assistant_tokens_of_user};
use store::repo::teams::team_list_of;

use crate::Context;

/// From this part of the limit on people are warned, percent.
const WARNING_PERCENT: u64 = 80;

/// The tokens of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The team's name; `None` for one's own.
    pub team: Option<String>,
    /// Tokens used, of prompts and answers.
    pub used: u64,
    /// Tokens there are; `None` for no limit.
    pub limit: Option<u64>,
}

impl Quota {
    /// Whether it is nearly used up, or wholly.
    #[must_use]
    pub fn warning(&self) -> bool {
        self.limit.is_some_and(|limit| self.used.saturating_mul(100) >= limit.saturating_mul(WARNING_PERCENT))
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn used_up(&self) -> bool {
        self.limit.is_some_and(|limit| self.used >= limit)
    }
}

/// One's own first, then those of one's teams by name.
pub(super) async fn quotas(ctx: &Context, user: UserId) -> Result<Vec<Quota>, StoreError> {
    let month = month(ctx.env.now());
    let used = assistant_tokens_of_user(&ctx.db, user, month).await?;
    let mut quotas = vec![Quota { team: None, used, limit: ctx.assistant.tokens_per_person() }];
    for (_, team) in team_list_of(&ctx.db, &[user]).await? {
        let used = assistant_tokens_of_team(&ctx.db, team.id, month).await?;
        quotas.push(Quota { team: Some(team.name), used, limit: ctx.assistant.tokens_per_team() });
    }
    Ok(quotas)
}

/// Adds what an answer took. Of somebody who is gone meanwhile nothing is counted.
pub(super) async fn charge(ctx: &Context, user: UserId, tokens: u64) -> Result<(), StoreError> {
    if tokens == 0 {
        return Ok(());
    }
    metrics::counter!("wheelhouse_assistant_tokens_total").increment(tokens);
    match assistant_tokens_add(&ctx.db, user, month(ctx.env.now()), tokens).await {
        Err(StoreError::Missing { .. }) => Ok(()),
        done => done,
    }
}

/// The first day of the month, UTC.
fn month(now: DateTime<Utc>) -> NaiveDate {
    let day = now.date_naive();
    day.with_day(1).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warning_comes_at_four_fifths() {
        let quota = |used, limit| Quota { team: None, used, limit };
        assert!(!quota(799, Some(1000)).warning() && !quota(u64::MAX, None).warning());
        assert!(quota(800, Some(1000)).warning() && !quota(800, Some(1000)).used_up());
        assert!(quota(1000, Some(1000)).used_up() && !quota(1000, None).used_up());
    }
}
