//! Which WorkSpaces: the first of a filtered list, with how many there are.

use domain::access::{Actor, Permission};
use domain::assistant::{Call, FactValue, Facts, Measure, Sentence};
use domain::sync::SyncKind;

use super::ToolError;
use super::narrow::{Narrow, there_are};
use super::say::{as_of, listed, rows, text};
use crate::Context;
use crate::count;
use crate::workspaces::{SortDirection, WorkspaceListRequest, WorkspaceRecord, WorkspaceSort, list_workspaces};

pub(super) async fn workspaces(ctx: &Context, actor: &Actor, call: &Call) -> Result<Facts, ToolError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let narrow = Narrow::of(ctx, &scope, &call.filters).await?;
    // The most and the least of a list of WorkSpaces is who was connected last, and who was not for longest.
    let (sort, direction, query) = match call.measure {
        Measure::All => (WorkspaceSort::UserName, SortDirection::Ascending, None),
        Measure::Most => (WorkspaceSort::LastConnectedAt, SortDirection::Descending, Some("-last_connected_at")),
        Measure::Least | Measure::None => {
            (WorkspaceSort::LastConnectedAt, SortDirection::Ascending, Some("last_connected_at"))
        }
    };
    let shown = rows(call, 5);
    let limit = u32::try_from(shown).unwrap_or(5);
    let request = WorkspaceListRequest { filter: narrow.filter.clone(), sort, direction, limit, ..Default::default() };
    let page = list_workspaces(ctx, actor, &request).await?;
    let mut facts = Facts::default();
    let total = there_are(&mut facts, &narrow, page.total, ".");
    facts.sentences.push(total);
    if !page.items.is_empty() {
        let all = count(page.items.len()) == page.total;
        let begin = match (call.measure, page.total) {
            (Measure::All, 1) => "It is ",
            (Measure::All, _) if all => "They are ",
            (Measure::All, _) => "The first by user name are ",
            (Measure::Most, _) => "Connected last: ",
            _ => "Not connected for longest: ",
        };
        let connected = sort == WorkspaceSort::LastConnectedAt;
        let items = page.items.iter().map(|row| item(&mut facts, row, connected)).collect();
        let sentence = listed(Sentence::new().words(begin), items).words(".");
        facts.sentences.push(sentence);
    }
    let fresh = as_of(ctx, &scope, SyncKind::Workspaces).await?;
    let more: Vec<_> = query.map(|sort| ("sort", sort.to_owned())).into_iter().collect();
    facts.sources.push(narrow.page(&more, fresh));
    Ok(facts)
}

/// `grace.hopper (ws-1)`, with when somebody was last connected if that is wanted.
fn item(facts: &mut Facts, row: &WorkspaceRecord, connected: bool) -> Sentence {
    let sentence = desktop(facts, row);
    if !connected {
        return sentence;
    }
    match row.last_connected_at {
        Some(at) => {
            let terms = [row.user_name.as_str()];
            let at = facts.add("last connection to the WorkSpace before", &terms, FactValue::Time(at));
            sentence.words(" at ").fact(at)
        }
        None => sentence.words(", of whom no connection is known"),
    }
}

/// `grace.hopper (ws-1)`.
pub(super) fn desktop(facts: &mut Facts, row: &WorkspaceRecord) -> Sentence {
    let user = text(facts, "user", &row.user_name);
    let id = text(facts, "WorkSpace of the user before", &row.aws_id);
    Sentence::new().fact(user).words(" (").fact(id).words(")")
}
