//! Jobs: how many wait, run and are dead, and the newest that died.

use std::collections::BTreeMap;

use domain::access::Actor;
use domain::assistant::{Call, FactValue, Facts, Sentence};
use domain::jobs::JobState;

use super::ToolError;
use super::say::{plural, rows, source, text};
use crate::jobs::{JobFilter, job_summary, list_jobs};
use crate::{Context, PageRequest};

pub(super) async fn jobs(ctx: &Context, actor: &Actor, call: &Call) -> Result<Facts, ToolError> {
    let mut facts = Facts::default();
    let summary = job_summary(ctx, actor).await?;
    let mut counts = BTreeMap::<JobState, u64>::new();
    for (_, state, count) in &summary.counts {
        *counts.entry(*state).or_default() += count;
    }
    let number = |state| counts.get(&state).copied().unwrap_or(0);
    let (waiting, running, dead) = (number(JobState::Queued), number(JobState::Running), number(JobState::Dead));
    let waits = facts.add("jobs that wait", &["waiting"], FactValue::Count(waiting));
    let runs = facts.add("jobs that run", &["running"], FactValue::Count(running));
    let dies = facts.add("jobs that are dead: failed for good", &["dead"], FactValue::Count(dead));
    let begin = Sentence::new().fact(waits).words(plural(waiting, " job is waiting, ", " jobs are waiting, "));
    let middle = begin.fact(runs).words(plural(running, " is running and ", " are running and ")).fact(dies);
    facts.sentences.push(middle.words(plural(dead, " is dead.", " are dead.")));
    if let Some(due) = summary.oldest_due {
        let due = facts.add("since when the oldest due job has waited", &["oldest"], FactValue::Time(due));
        facts.sentences.push(Sentence::new().words("The oldest that is due has been so since ").fact(due).words("."));
    }
    if dead > 0 {
        newest_dead(ctx, actor, call, &mut facts).await?;
    }
    facts.sources.push(source("Jobs", "/jobs", &[], None));
    Ok(facts)
}

async fn newest_dead(ctx: &Context, actor: &Actor, call: &Call, facts: &mut Facts) -> Result<(), ToolError> {
    let filter = JobFilter { states: vec![JobState::Dead], ..JobFilter::default() };
    let limit = u32::try_from(rows(call, 3)).unwrap_or(3);
    let page = list_jobs(ctx, actor, &filter, PageRequest { limit, cursor: None }).await?;
    for (at, job) in page.items.iter().enumerate() {
        let kind = text(facts, format!("dead job {}", at + 1), &job.kind);
        let begin = if at == 0 { "The newest dead job is " } else { "Before that, the job " };
        let mut sentence = Sentence::new().words(begin).fact(kind);
        if at > 0 {
            sentence = sentence.words(" died");
        }
        if let Some(finished) = job.finished_at {
            let about = format!("when dead job {} ended", at + 1);
            let finished = facts.add(about, &[job.kind.as_str()], FactValue::Time(finished));
            sentence = sentence.words(if at == 0 { ", which ended at " } else { " at " }).fact(finished);
        }
        if let Some(error) = job.error.as_deref().map(str::trim).filter(|error| !error.is_empty()) {
            let error = text(facts, format!("what went wrong with dead job {}", at + 1), &short(error));
            sentence = sentence.words(": ").fact(error);
        }
        facts.sentences.push(sentence.words("."));
    }
    facts.sources.push(source("Jobs, dead", "/jobs", &[("state", JobState::Dead.as_str().to_owned())], None));
    Ok(())
}

/// The beginning of a text on one line, without its full stop.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 160;
    let line = text.lines().next().unwrap_or_default().trim().trim_end_matches('.');
    let mut short: String = line.chars().take(MOST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
