//! The assistant as its user sees it: who can speak now, what is worth asking, how many tokens are left.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::assistant::{Level, LevelFailure};

use super::AssistantError;
use super::conversations::asker;
use super::levels::Rung;
use super::quota::{Quota, quotas};
use crate::Context;

/// Questions worth asking, with the permission that their answers need.
pub(super) const SUGGESTIONS: [(&str, Permission); 8] = [
    ("How many WorkSpaces are there by state?", Permission::WorkspaceRead),
    ("Which WorkSpaces are stopped?", Permission::WorkspaceRead),
    ("Who used their WorkSpace most last month?", Permission::UsageRead),
    ("Which WorkSpaces were never used last month?", Permission::UsageRead),
    ("What did we spend last month by region?", Permission::CostRead),
    ("What will this month cost?", Permission::CostRead),
    ("Which jobs failed?", Permission::JobRead),
    ("How fresh is the data?", Permission::AccountRead),
];

/// The assistant as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssistantStatus {
    /// The levels, best first.
    pub levels: Vec<LevelStatus>,
    /// Questions worth asking.
    pub suggestions: Vec<&'static str>,
    /// One's own tokens first, then those of one's teams by name.
    pub quotas: Vec<Quota>,
}

/// Whether a level can speak now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelStatus {
    /// The level.
    pub level: Level,
    /// Why it can't; `None` when it can.
    pub unavailable: Option<LevelFailure>,
    /// When one that is paused is asked again.
    pub again_at: Option<DateTime<Utc>>,
}

/// The assistant as the actor sees it.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::Store`].
pub async fn fetch_status(ctx: &Context, actor: &Actor) -> Result<AssistantStatus, AssistantError> {
    let user = asker(actor)?;
    let quotas = quotas(ctx, user).await?;
    let spent = quotas.iter().any(Quota::used_up).then_some(LevelFailure::Quota);
    let status = |rung: Rung| {
        let unavailable = rung.voice.err().or(spent);
        LevelStatus { level: rung.level, unavailable, again_at: rung.again_at }
    };
    let mut levels: Vec<_> = ctx.assistant.rungs(ctx.env.now()).await.into_iter().map(status).collect();
    levels.push(LevelStatus { level: Level::Template, unavailable: None, again_at: None });
    let fit = SUGGESTIONS.iter().filter(|(_, permission)| actor.may(*permission));
    Ok(AssistantStatus { levels, suggestions: fit.map(|(question, _)| *question).collect(), quotas })
}
