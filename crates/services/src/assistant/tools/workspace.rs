//! One WorkSpace: whose it is, its state, what it is made of, whether somebody is connected, and its month.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::assistant::{Call, FactValue, Facts, Sentence, Source};
use domain::sync::SyncKind;
use domain::workspace::ConnectionState;
use rust_decimal::Decimal;

use super::ToolError;
use super::say::{as_of, listed, plural, source, text};
use super::span::Span;
use super::usage::hours;
use super::workspaces::desktop;
use crate::Context;
use crate::count;
use crate::usage::{UsageQuestion, usage_totals};
use crate::workspaces::{
    WorkspaceFilter, WorkspaceListRequest, WorkspaceRecord, fetch_workspace_detail, list_workspaces,
};

/// WorkSpaces that are looked at to find the one that is meant.
const MOST_FOUND: u32 = 50;
/// Of these, how many are named when it is not clear which is meant.
const NAMED: usize = 5;

pub(super) async fn workspace(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Facts, ToolError> {
    actor.require(Permission::WorkspaceRead)?;
    let asked = call.workspace.as_deref().or(call.filters.words.as_deref()).map(str::trim).unwrap_or_default();
    let found = if asked.is_empty() { Vec::new() } else { find(ctx, actor, asked).await? };
    let mut facts = Facts::default();
    match found.as_slice() {
        [one] => tell(ctx, actor, call, one, now, &mut facts).await?,
        [] => {
            let none = facts.add("WorkSpaces of that id, computer or user", &[], FactValue::Count(0));
            let sentence = Sentence::new().words("There are ").fact_or_no(none);
            facts.sentences.push(sentence.words(" WorkSpaces with that id, computer name or user that you may see."));
            facts.sources.push(source("WorkSpaces", "/workspaces", &[], None));
        }
        several => {
            let number = facts.add("WorkSpaces that fit", &[], FactValue::Count(count(several.len())));
            let items = several.iter().take(NAMED).map(|row| desktop(&mut facts, row)).collect();
            let begin = Sentence::new().fact(number).words(" WorkSpaces fit; ask again with the id of one, such as ");
            let sentence = listed(begin, items).words(".");
            facts.sentences.push(sentence);
            facts.sources.push(source("WorkSpaces that fit", "/workspaces", &[("q", asked.to_owned())], None));
        }
    }
    Ok(facts)
}

/// Those that are meant: whose id, computer or user is exactly that, else those that have it somewhere. One that went is found
/// when none is there.
async fn find(ctx: &Context, actor: &Actor, asked: &str) -> Result<Vec<WorkspaceRecord>, ToolError> {
    // Of an e-mail address, the part that may be a user name.
    let word = asked.split('@').next().unwrap_or(asked).to_lowercase();
    for gone in [false, true] {
        let filter = WorkspaceFilter { q: Some(word.clone()), gone, ..WorkspaceFilter::default() };
        let request = WorkspaceListRequest { filter, limit: MOST_FOUND, ..WorkspaceListRequest::default() };
        let mut found = list_workspaces(ctx, actor, &request).await?.items;
        let exact = |row: &WorkspaceRecord| {
            let names = [Some(&row.aws_id), Some(&row.user_name), row.computer_name.as_ref()];
            names.into_iter().flatten().any(|name| name.to_lowercase() == word)
        };
        if found.iter().any(exact) {
            found.retain(exact);
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

async fn tell(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    found: &WorkspaceRecord,
    now: DateTime<Utc>,
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let Some(detail) = fetch_workspace_detail(ctx, actor, found.id).await? else { return Ok(()) };
    let row = detail.workspace;
    whose(facts, &row);
    made_of(facts, &row);
    connection(facts, &row);
    if actor.may(Permission::UsageRead) {
        month(ctx, actor, call, &row, now, facts).await?;
    }
    let fresh = as_of(ctx, &actor.scope(Permission::WorkspaceRead), SyncKind::Workspaces).await?;
    let href = format!("/workspaces/{}", row.id);
    facts.sources.push(Source { label: format!("WorkSpace {}", row.aws_id), href, as_of: fresh });
    Ok(())
}

fn whose(facts: &mut Facts, row: &WorkspaceRecord) {
    let id = text(facts, "id of the WorkSpace", &row.aws_id);
    let user = text(facts, "its user", &row.user_name);
    let sentence = Sentence::new().fact(id).words(" belongs to ").fact(user);
    if let Some(gone) = row.gone_at {
        let gone = facts.add("when it was first missed in AWS", &["missed"], FactValue::Time(gone));
        facts
            .sentences
            .push(sentence.words("; it is no longer in AWS, where it was first missed at ").fact(gone).words("."));
        return;
    }
    let state = text(facts, "its state", row.state.as_str());
    let since = facts.add("since when it is in that state", &["since"], FactValue::Time(row.state_since));
    facts.sentences.push(sentence.words(" and is in state ").fact(state).words(" since ").fact(since).words("."));
    if let Some(code) = row.error_code.as_deref().filter(|code| !code.is_empty()) {
        let code = text(facts, "what AWS says is wrong", code);
        facts.sentences.push(Sentence::new().words("AWS says that something is wrong with it: ").fact(code).words("."));
    }
}

fn made_of(facts: &mut Facts, row: &WorkspaceRecord) {
    let region = text(facts, "its region", row.region.as_str());
    let account = text(facts, "its account", &row.account_name);
    let bundle = text(facts, "its bundle", row.bundle_name.as_deref().unwrap_or(&row.bundle_aws_id));
    let mut sentence = Sentence::new().words("It is in ").fact(region).words(" in the account ").fact(account);
    sentence = sentence.words(", made from the bundle ").fact(bundle);
    if let Some(compute) = &row.compute_type {
        sentence = sentence.words(", of compute type ").fact(text(facts, "its compute type", compute.as_str()));
    }
    if let Some(mode) = &row.running_mode {
        sentence = sentence.words(", with running mode ").fact(text(facts, "its running mode", mode.as_str()));
    }
    facts.sentences.push(sentence.words("."));
}

fn connection(facts: &mut Facts, row: &WorkspaceRecord) {
    let now = match &row.connection_state {
        Some(ConnectionState::Connected) => "Somebody is connected now",
        Some(ConnectionState::Disconnected) => "Nobody is connected now",
        _ => "Whether somebody is connected now is not known",
    };
    let connected = row.connection_state.as_ref().map_or("UNKNOWN", ConnectionState::as_str);
    let sentence = match row.last_connected_at {
        Some(at) => {
            let at = facts.add("when somebody was last connected", &["last"], FactValue::Time(at));
            Sentence::new().words(format!("{now}; somebody last was at ")).fact(at).words(".")
        }
        None => {
            let state = text(facts, "its connection", connected);
            Sentence::new().words(format!("{now} (")).fact(state).words("), and no connection was seen yet.")
        }
    };
    facts.sentences.push(sentence);
}

async fn month(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    row: &WorkspaceRecord,
    now: DateTime<Utc>,
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let span = Span::of(call.period, now);
    if span.is_ahead() {
        return Ok(());
    }
    // Its id is a word that nothing else has.
    let filter = WorkspaceFilter {
        q: Some(row.aws_id.clone()),
        accounts: vec![row.account_id],
        regions: vec![row.region.clone()],
        ..WorkspaceFilter::default()
    };
    let totals = usage_totals(ctx, actor, &UsageQuestion { filter, from: span.from, to: span.to }).await?;
    let said = span.said(facts, true);
    let sentence = if totals.minutes == 0 {
        let none = facts.add("connected time", &["hours"], FactValue::Hours(Decimal::ZERO));
        said.words(" it was connected for ").fact(none).words(", as far as that is known.")
    } else {
        let time = facts.add("connected time", &["hours"], FactValue::Hours(hours(totals.minutes)));
        let sessions = facts.add("sessions", &["sessions"], FactValue::Count(totals.sessions));
        let days = facts.add("days on which it was used", &["days"], FactValue::Count(totals.days));
        said.words(" it was connected for ")
            .fact(time)
            .words(", in ")
            .fact(sessions)
            .words(format!(" {}, on ", plural(totals.sessions, "session", "sessions")))
            .fact(days)
            .words(format!(" {}.", plural(totals.days, "day", "days")))
    };
    facts.sentences.push(sentence);
    Ok(())
}
