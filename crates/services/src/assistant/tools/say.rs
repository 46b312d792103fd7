//! Sentences put together: singular and plural, lists with commas and "and", pages with their queries.

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::assistant::{Call, FactValue, Facts, Sentence, Source};
use domain::sync::SyncKind;
use store::repo::data_sets::data_set_list;

use super::ToolError;
use crate::Context;

/// Most rows that a call may ask for.
const MOST_ROWS: u8 = 10;

/// How many rows a call asks for, or the tool's usual number.
pub(super) fn rows(call: &Call, usual: u8) -> usize {
    usize::from(if call.top == 0 { usual } else { call.top.min(MOST_ROWS) })
}

/// The word for one or for many.
pub(super) fn plural<'a>(count: u64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// `WorkSpace` or `WorkSpaces`.
pub(super) fn desktops(count: u64) -> &'static str {
    plural(count, "WorkSpace", "WorkSpaces")
}

/// One sentence behind another, as one.
pub(super) fn joined(mut first: Sentence, second: Sentence) -> Sentence {
    first.parts.extend(second.parts);
    first
}

/// `first` with the items behind it: `a, b and c`.
pub(super) fn listed(first: Sentence, items: Vec<Sentence>) -> Sentence {
    let last = items.len().saturating_sub(1);
    items.into_iter().enumerate().fold(first, |sentence, (at, item)| {
        let sentence = match at {
            0 => sentence,
            at if at == last => sentence.words(" and "),
            _ => sentence.words(", "),
        };
        joined(sentence, item)
    })
}

/// Adds text that came from AWS or from a person.
pub(super) fn text(facts: &mut Facts, about: impl Into<String>, value: &str) -> usize {
    facts.add(about, &[], FactValue::Text(value.to_owned()))
}

/// A page of the portal with its query.
pub(super) fn source(
    label: impl Into<String>,
    path: &str,
    query: &[(&str, String)],
    as_of: Option<DateTime<Utc>>,
) -> Source {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let href = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    Source { label: label.into(), href, as_of }
}

/// When what is within the scope was last read: everything of that kind is at least as fresh. `None` while a part of it never was.
pub(super) async fn as_of(ctx: &Context, scope: &Scope, kind: SyncKind) -> Result<Option<DateTime<Utc>>, ToolError> {
    let sets = data_set_list(&ctx.db, scope, None).await?;
    let fresh: Option<Vec<_>> = sets.iter().filter(|set| set.kind == kind).map(|set| set.fresh_at).collect();
    Ok(fresh.and_then(|fresh| fresh.into_iter().min()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_said_as_people_say_them() {
        let facts = Facts::default();
        let said = |items: &[&str]| {
            let items = items.iter().map(|item| Sentence::new().words(*item)).collect();
            listed(Sentence::new().words("It is "), items).render(&facts)
        };
        assert_eq!(said(&["a"]), "It is a");
        assert_eq!(said(&["a", "b"]), "It is a and b");
        assert_eq!(said(&["a", "b", "c"]), "It is a, b and c");
    }

    #[test]
    fn queries_are_escaped() {
        let page = source(
            "x",
            "/workspaces",
            &[("tag", "Team=R&D #1".to_owned()), ("state", "STOPPED,ERROR".to_owned())],
            None,
        );
        assert_eq!(page.href, "/workspaces?tag=Team%3DR%26D+%231&state=STOPPED%2CERROR");
        assert_eq!(source("x", "/jobs", &[], None).href, "/jobs");
    }
}
