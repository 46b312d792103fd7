//! The assistant's tools: each finds out what one call of a plan asks for, as the one who asks. They only read, by way of the use
//! cases that the pages stand on, with the same permissions and the same notes in the audit log.
//!
//! What a tool gives is [`Facts`]: figures with the words that tell them apart, text from AWS as data, a written answer, and the
//! pages that show the same. That a permission is missing or something is not known yet is an answer as well. To keep every
//! sentence of a mixed answer in it, a sentence states at least one fact wherever there is one to state; those of `help` state
//! none.
//!
//! To add a tool: a variant of `domain::assistant::Tool`, a file here with one function, its arm in [`one`], its questions in
//! `tests`.

mod audit;
mod cost;
mod error;
mod events;
mod fleet;
mod forecast;
mod freshness;
mod group;
mod help;
mod jobs;
mod narrow;
mod savings;
mod say;
mod span;
mod usage;
mod usage_lists;
mod workspace;
mod workspaces;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use domain::access::{Actor, Forbidden};
use domain::assistant::{Call, FactValue, Facts, MOST_CALLS, Plan, Sentence, Tool};

pub use error::ToolError;

use crate::Context;

/// Finds out what the plan asks for, call by call.
///
/// # Errors
/// [`ToolError`]: something failed, so that nothing was found out. What the actor may not see is no error.
pub async fn run(ctx: &Context, actor: &Actor, plan: &Plan, now: DateTime<Utc>) -> Result<Facts, ToolError> {
    let mut facts = Facts::default();
    for call in plan.calls.iter().take(MOST_CALLS) {
        let found = match one(ctx, actor, call, now).await {
            Err(ToolError::Forbidden(forbidden)) => lacking(&forbidden),
            found => found?,
        };
        facts.append(found);
    }
    let mut seen = Vec::new();
    facts.sources.retain(|source| {
        let new = !seen.contains(&source.href);
        seen.push(source.href.clone());
        new
    });
    facts.context.sort();
    facts.context.dedup();
    Ok(facts)
}

async fn one(ctx: &Context, actor: &Actor, call: &Call, now: DateTime<Utc>) -> Result<Facts, ToolError> {
    match call.tool {
        Tool::Fleet => fleet::fleet(ctx, actor, call).await,
        Tool::Workspaces => workspaces::workspaces(ctx, actor, call).await,
        Tool::Workspace => workspace::workspace(ctx, actor, call, now).await,
        Tool::Usage => usage::usage(ctx, actor, call, now).await,
        Tool::Cost => cost::cost(ctx, actor, call, now).await,
        Tool::Forecast => forecast::forecast(ctx, actor, call, now).await,
        Tool::Savings => savings::savings(ctx, actor, call, now).await,
        Tool::Events => events::events(ctx, actor, call, now).await,
        Tool::Audit => audit::audit(ctx, actor, call, now).await,
        Tool::Jobs => jobs::jobs(ctx, actor, call).await,
        Tool::Freshness => freshness::freshness(ctx, actor, call).await,
        Tool::Help => Ok(help::help(call)),
    }
}

/// The answer to somebody who may not see it.
fn lacking(forbidden: &Forbidden) -> Facts {
    let mut facts = Facts::default();
    let name = FactValue::Text(forbidden.permission.as_str().to_owned());
    let permission = facts.add("permission that is missing", &[], name);
    facts.sentences.push(
        Sentence::new()
            .words("I can't tell you that: it needs the permission ")
            .fact(permission)
            .words(", which none of your roles has for it. Somebody who manages users can give you one that does."),
    );
    facts
}
