//! The list's address and the choice of rows. Pure. The address is the API's query (`WorkspaceQuery`) and `page`, which
//! only counts how many pages were turned.

use std::collections::BTreeSet;

use contract::page::{DEFAULT_LIMIT, MAX_LIMIT};
use contract::workspaces::{SORTS, WorkspaceQuery};
use domain::ids::WorkspaceId;

use super::facets::Facet;
use crate::components::ui::table::Sort;
use crate::format::query_pairs;

/// The sort when none is asked for.
pub const DEFAULT_SORT: &str = "user_name";
/// The sizes a page may be given.
pub const PAGE_SIZES: &[u32] = &[25, DEFAULT_LIMIT, 100, MAX_LIMIT];

/// Where the reader is in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUrl {
    /// Filter, sort, size and cursor.
    pub query: WorkspaceQuery,
    /// How many pages were turned to get here.
    pub turned: u64,
}

impl ListUrl {
    /// Reads an address's query string. What is unknown or wrong is left out, so that an old link still shows a list.
    pub fn parse(search: &str) -> Self {
        let mut url = Self::default();
        let query = &mut url.query;
        for (key, value) in query_pairs(search) {
            let value = value.trim().to_owned();
            if value.is_empty() {
                continue;
            }
            if let Some(facet) = Facet::by_key(&key) {
                *facet.slot(query) = Some(value);
                continue;
            }
            match key.as_str() {
                "q" => query.q = Some(value),
                "tag" => query.tag = Some(value),
                "gone" => query.gone = (value == "true").then_some(true),
                "sort" => query.sort = Some(value).filter(|s| SORTS.contains(&s.trim_start_matches('-'))),
                "limit" => query.limit = value.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n)),
                "cursor" => query.cursor = Some(value),
                "page" => url.turned = value.parse::<u64>().map_or(0, |page| page.saturating_sub(1)),
                _ => {}
            }
        }
        if url.query.cursor.is_none() {
            url.turned = 0;
        }
        url
    }

    /// The query string, with its `?`; empty for the plain list.
    pub fn search(&self) -> String {
        let mut text = serde_urlencoded::to_string(&self.query).unwrap_or_default();
        if self.turned > 0 {
            text.push_str(&format!("&page={}", self.turned + 1));
        }
        if text.is_empty() { text } else { format!("?{text}") }
    }

    /// The address.
    pub fn path(&self) -> String {
        format!("/workspaces{}", self.search())
    }

    /// What tells this list from others, whatever the page.
    pub fn list_key(&self) -> String {
        self.clone().first_page().search()
    }

    /// The first page of the same list.
    pub fn first_page(mut self) -> Self {
        self.query.cursor = None;
        self.turned = 0;
        self
    }

    /// How it is sorted.
    pub fn sort(&self) -> Sort {
        Sort::parse(self.query.sort.as_deref().unwrap_or(DEFAULT_SORT))
    }

    /// The same filters, sorted like this, from the first page.
    pub fn sorted(self, sort: &Sort) -> Self {
        let mut url = self.first_page();
        url.query.sort = Some(sort.text()).filter(|s| s != DEFAULT_SORT);
        url
    }

    /// The same list with other words to search for.
    pub fn searching(self, words: &str) -> Self {
        let mut url = self.first_page();
        url.query.q = Some(words.trim().to_owned()).filter(|q| !q.is_empty());
        url
    }

    /// The same list with a value of a facet chosen or taken back.
    pub fn toggled(self, facet: Facet, value: &str) -> Self {
        let mut url = self.first_page();
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

    /// The same list without any filter; sort and size stay.
    pub fn unfiltered(self) -> Self {
        let query = WorkspaceQuery { sort: self.query.sort, limit: self.query.limit, ..WorkspaceQuery::default() };
        Self { query, turned: 0 }
    }

    /// Whether anything filters.
    pub fn filtered(&self) -> bool {
        self.clone().unfiltered().query != self.clone().first_page().query
    }

    /// Rows of a page.
    pub fn limit(&self) -> u32 {
        self.query.limit.unwrap_or(DEFAULT_LIMIT)
    }
}

/// The list filtered by one value.
pub fn link_to(facet: &str, value: &str) -> String {
    Facet::by_key(facet).map_or_else(|| "/workspaces".to_owned(), |f| ListUrl::default().toggled(f, value).path())
}

/// The rows chosen, over all pages of the list.
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

    /// Chooses one or takes it back; with `range`, everything between the one before and this one, in the order of `page`,
    /// follows.
    pub fn toggle(&mut self, id: WorkspaceId, range: bool, page: &[WorkspaceId]) {
        let on = !self.contains(id);
        let from = self.last.filter(|_| range).and_then(|last| page.iter().position(|p| *p == last));
        let to = page.iter().position(|p| *p == id);
        let span = match (from, to) {
            (Some(from), Some(to)) => &page[from.min(to)..=from.max(to)],
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
                cursor: text("abc=="),
            },
            turned: 2,
        };
        assert_eq!(ListUrl::parse(&url.search()), url);
        assert_eq!(ListUrl::parse(""), ListUrl::default());
        assert_eq!(ListUrl::default().search(), "");
    }

    #[test]
    fn what_is_wrong_in_an_address_is_left_out() {
        let url = ListUrl::parse("?limit=9999&sort=shoe_size&gone=maybe&page=7&what=ever&q=%20ana%20");
        assert_eq!(url, ListUrl::default().searching("ana"));
    }

    #[test]
    fn a_new_filter_or_sort_starts_at_the_first_page() {
        let deep = ListUrl::parse("?state=STOPPED&cursor=c&page=3");
        for url in [
            deep.clone().toggled(Facet::Region, "eu-west-1"),
            deep.clone().searching("x"),
            deep.clone().sorted(&Sort::parse("-region")),
        ] {
            assert_eq!((url.query.cursor.as_deref(), url.turned), (None, 0));
            assert_eq!(url.query.state.as_deref(), Some("STOPPED"));
        }
        assert_eq!(deep.list_key(), "?state=STOPPED");
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
