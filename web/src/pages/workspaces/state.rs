//! The list's address and the choice of rows. Pure. The address is the API's query (`WorkspaceQuery`), `columns`, and `row`, the
//! number of the first row in sight, from 1. Addresses of when the list had pages (`page`, `cursor`) lead to the row of the page.

use std::collections::BTreeSet;

use contract::page::{DEFAULT_LIMIT, MAX_LIMIT};
use contract::workspaces::{MAX_OFFSET, SORTS, WorkspaceQuery};
use domain::ids::WorkspaceId;

use super::columns::Columns;
use super::facets::Facet;
use crate::components::ui::table::Sort;
use crate::format::query_pairs;

/// The sort when none is asked for.
pub const DEFAULT_SORT: &str = "user_name";

/// Where the reader is in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUrl {
    /// Filter and sort. A `limit` of when the list had pages stays, so that a view kept with it is known again; it does nothing.
    pub query: WorkspaceQuery,
    /// The first row in sight, from 0.
    pub row: u64,
    /// The columns that are shown.
    pub columns: Columns,
    /// What the address asks for and there is not, such as `sort=shoe_size`; it does not come back into an address.
    pub left_out: Vec<String>,
}

impl ListUrl {
    /// Reads an address's query string. What is unknown or wrong is left out, and told, so that an old link still shows a list.
    pub fn parse(search: &str) -> Self {
        let mut url = Self::default();
        let (mut row, mut page) = (None, None);
        let (query, left_out) = (&mut url.query, &mut url.left_out);
        for (key, value) in query_pairs(search) {
            let value = value.trim().to_owned();
            if value.is_empty() {
                continue;
            }
            if let Some(facet) = Facet::by_key(&key) {
                *facet.slot(query) = Some(value);
                continue;
            }
            let told = format!("{key}={value}");
            let known = match key.as_str() {
                "q" => set(&mut query.q, Some(value)),
                "tag" => set(&mut query.tag, Some(value)),
                "gone" => match value.as_str() {
                    "true" => set(&mut query.gone, Some(true)),
                    other => other == "false",
                },
                "sort" => set(&mut query.sort, Some(value).filter(|s| SORTS.contains(&s.trim_start_matches('-')))),
                "limit" => set(&mut query.limit, value.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n))),
                "cursor" => true,
                "page" => set(&mut page, value.parse::<u64>().ok()),
                "row" => set(&mut row, value.parse::<u64>().ok()),
                "columns" => {
                    let (columns, unknown) = Columns::parse(&value);
                    url.columns = columns;
                    left_out.extend(unknown.into_iter().map(|name| format!("columns={name}")));
                    true
                }
                _ => false,
            };
            if !known {
                left_out.push(told);
            }
        }
        let turned =
            page.map(|page| page.saturating_sub(1).saturating_mul(u64::from(url.query.limit.unwrap_or(DEFAULT_LIMIT))));
        url.row = row.map(|row| row.saturating_sub(1)).or(turned).unwrap_or(0).min(u64::from(MAX_OFFSET));
        url
    }

    /// The query string, with its `?`; empty for the plain list.
    pub fn search(&self) -> String {
        let own = [("row", (self.row > 0).then(|| (self.row + 1).to_string())), ("columns", self.columns.text())];
        let texts = [serde_urlencoded::to_string(&self.query), serde_urlencoded::to_string(own)];
        let texts: Vec<String> = texts.into_iter().flatten().filter(|text| !text.is_empty()).collect();
        if texts.is_empty() { String::new() } else { format!("?{}", texts.join("&")) }
    }

    /// The address.
    pub fn path(&self) -> String {
        format!("/workspaces{}", self.search())
    }

    /// What tells this list from others, whatever the row and the columns.
    pub fn list_key(&self) -> String {
        Self { columns: Columns::default(), ..self.clone() }.at_top().search()
    }

    /// The same list, from the same place, with these columns.
    pub fn with_columns(self, columns: Columns) -> Self {
        Self { columns, ..self }
    }

    /// The same list from its first row.
    pub fn at_top(self) -> Self {
        Self { row: 0, ..self }
    }

    /// How it is sorted.
    pub fn sort(&self) -> Sort {
        Sort::parse(self.query.sort.as_deref().unwrap_or(DEFAULT_SORT))
    }

    /// The same filters, sorted like this, from the first row.
    pub fn sorted(self, sort: &Sort) -> Self {
        let mut url = self.at_top();
        url.query.sort = Some(sort.text()).filter(|s| s != DEFAULT_SORT);
        url
    }

    /// The same list with other words to search for.
    pub fn searching(self, words: &str) -> Self {
        let mut url = self.at_top();
        url.query.q = Some(words.trim().to_owned()).filter(|q| !q.is_empty());
        url
    }

    /// The same list with a value of a facet chosen or taken back.
    pub fn toggled(self, facet: Facet, value: &str) -> Self {
        let mut url = self.at_top();
        let mut values = facet.values(&url.query);
        match values.iter().position(|v| v == value) {
            Some(at) => {
                values.remove(at);
            }
            None => values.push(value.to_owned()),
        }
        *facet.slot(&mut url.query) = (!values.is_empty()).then(|| values.join(","));
        url
    }

    /// The same list without any filter; the sort stays.
    pub fn unfiltered(self) -> Self {
        let query =
            WorkspaceQuery { sort: self.query.sort.clone(), limit: self.query.limit, ..WorkspaceQuery::default() };
        Self { query, row: 0, ..self }
    }

    /// Whether anything filters.
    pub fn filtered(&self) -> bool {
        self.clone().unfiltered().query != self.clone().at_top().query
    }
}

/// Sets what an address says; `false` where it says nothing that can be.
fn set<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    *slot = value;
    slot.is_some()
}

/// The list filtered by one value.
pub fn link_to(facet: &str, value: &str) -> String {
    Facet::by_key(facet).map_or_else(|| "/workspaces".to_owned(), |f| ListUrl::default().toggled(f, value).path())
}

/// The rows chosen, wherever in the list they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    ids: BTreeSet<WorkspaceId>,
    last: Option<WorkspaceId>,
}

impl Selection {
    /// How many.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether this one is chosen.
    pub fn contains(&self, id: WorkspaceId) -> bool {
        self.ids.contains(&id)
    }

    /// All of them.
    pub fn ids(&self) -> Vec<WorkspaceId> {
        self.ids.iter().copied().collect()
    }

    /// Chooses one or takes it back; with `range`, everything between the one before and this one, in the order of `run`,
    /// follows.
    pub fn toggle(&mut self, id: WorkspaceId, range: bool, run: &[WorkspaceId]) {
        let on = !self.contains(id);
        let from = self.last.filter(|_| range).and_then(|last| run.iter().position(|p| *p == last));
        let to = run.iter().position(|p| *p == id);
        let span = match (from, to) {
            (Some(from), Some(to)) => &run[from.min(to)..=from.max(to)],
            _ => &[id][..],
        };
        for &one in span {
            if on {
                self.ids.insert(one);
            } else {
                self.ids.remove(&one);
            }
        }
        self.last = Some(id);
    }

    /// Chooses the whole page, or takes it back when all of it is chosen.
    pub fn toggle_page(&mut self, page: &[WorkspaceId]) {
        if self.all_of(page) {
            for id in page {
                self.ids.remove(id);
            }
        } else {
            self.ids.extend(page);
        }
        self.last = None;
    }

    /// Chooses these and no others.
    pub fn only(ids: impl IntoIterator<Item = WorkspaceId>) -> Self {
        Self { ids: ids.into_iter().collect(), last: None }
    }

    /// Whether the whole page is chosen.
    pub fn all_of(&self, page: &[WorkspaceId]) -> bool {
        !page.is_empty() && page.iter().all(|id| self.contains(*id))
    }

    /// Whether any of the page is chosen.
    pub fn any_of(&self, page: &[WorkspaceId]) -> bool {
        page.iter().any(|id| self.contains(*id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_field_of_the_query_survives_the_address() {
        let text = |t: &str| Some(t.to_owned());
        let url = ListUrl {
            query: WorkspaceQuery {
                q: text("ana & co"),
                account: text("a,b"),
                region: text("eu-west-1"),
                directory: text("d-1"),
                bundle: text("wsb-1"),
                state: text("STOPPED,ERROR"),
                running_mode: text("AUTO_STOP"),
                compute_type: text("POWER"),
                connection: text("CONNECTED"),
                tag: text("Team=R&D"),
                gone: Some(true),
                sort: text("-state_since"),
                limit: Some(100),
                cursor: None,
                offset: None,
            },
            row: 2,
            columns: Columns::parse("state,bundle").0,
            left_out: Vec::new(),
        };
        assert!(url.search().ends_with("&row=3&columns=state%2Cbundle"));
        assert_eq!(ListUrl::parse(&url.search()), url);
        assert_eq!(ListUrl::parse(""), ListUrl::default());
        assert_eq!(ListUrl::default().search(), "");
    }

    #[test]
    fn what_is_wrong_in_an_address_is_left_out_and_told() {
        let url = ListUrl::parse("?limit=9999&sort=shoe_size&gone=maybe&row=x&what=ever&q=%20ana%20&columns=state,hat");
        let told = ["limit=9999", "sort=shoe_size", "gone=maybe", "row=x", "what=ever", "columns=hat"];
        assert_eq!(url.left_out, told);
        assert_eq!(url.search(), "?q=ana&columns=state");
        assert_eq!(
            ListUrl { left_out: Vec::new(), columns: Columns::default(), ..url },
            ListUrl::default().searching("ana")
        );
        assert_eq!(ListUrl::parse("?gone=false&columns=hat").search(), "");
    }

    #[test]
    fn addresses_of_pages_lead_to_their_rows() {
        let row = |search| {
            let url = ListUrl::parse(search);
            assert!(url.left_out.is_empty() && url.query.cursor.is_none(), "{search}");
            url.row
        };
        assert_eq!(
            [row("?page=3&cursor=abc%3D%3D"), row("?limit=25&page=3"), row("?page=1"), row("?page=0")],
            [100, 50, 0, 0]
        );
        assert_eq!([row("?cursor=abc"), row("?row=1"), row("?row=0"), row("?row=25001&page=3")], [0, 0, 0, 25_000]);
        assert_eq!(row("?row=18446744073709551615"), u64::from(MAX_OFFSET));
        assert_eq!(ListUrl::parse("?page=3&cursor=abc").search(), "?row=101");
    }

    #[test]
    fn a_new_filter_or_sort_starts_at_the_first_row() {
        let deep = ListUrl::parse("?state=STOPPED&row=300");
        for url in [
            deep.clone().toggled(Facet::Region, "eu-west-1"),
            deep.clone().searching("x"),
            deep.clone().sorted(&Sort::parse("-region")),
        ] {
            assert_eq!(url.row, 0);
            assert_eq!(url.query.state.as_deref(), Some("STOPPED"));
        }
        assert_eq!(deep.list_key(), "?state=STOPPED");
        let fewer = deep.clone().with_columns(Columns::parse("bundle").0);
        assert_eq!((fewer.list_key(), fewer.row), (deep.list_key(), 299));
        assert_eq!(fewer.unfiltered().search(), "?columns=bundle");
    }

    #[test]
    fn facet_values_toggle() {
        let url = ListUrl::default().toggled(Facet::State, "STOPPED").toggled(Facet::State, "ERROR");
        assert_eq!(url.search(), "?state=STOPPED%2CERROR");
        assert!(url.filtered());
        let url = url.toggled(Facet::State, "STOPPED").toggled(Facet::State, "ERROR");
        assert_eq!(url, ListUrl::default());
        assert!(!url.filtered());
        assert_eq!(link_to("state", "STOPPED"), "/workspaces?state=STOPPED");
    }

    #[test]
    fn ranges_and_whole_pages_are_chosen() {
        let page: Vec<_> = (0..5).map(|n| WorkspaceId(Uuid::from_u128(n))).collect();
        let mut chosen = Selection::default();
        chosen.toggle(page[1], false, &page);
        chosen.toggle(page[3], true, &page);
        assert_eq!(chosen.ids(), page[1..=3]);
        assert!(chosen.any_of(&page) && !chosen.all_of(&page));
        chosen.toggle_page(&page);
        assert!(chosen.all_of(&page));
        chosen.toggle_page(&page);
        assert_eq!(chosen.len(), 0);
        assert!(!chosen.all_of(&[]));
        assert_eq!(Selection::only(page[..2].iter().copied()).ids(), page[..2]);
    }
}
