//! A list whose filters, sort and page are in the address. Not the rows: those come through a `Loader`.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::trail::Trail;

/// A query that a list can be asked with.
pub trait ListQuery: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Where its page begins.
    fn cursor(&mut self) -> &mut Option<String>;
}

/// Says of queries that they have a `cursor`.
macro_rules! list_query {
    ($($query:path),+ $(,)?) => {
        $(impl $crate::state::url_list::ListQuery for $query {
            fn cursor(&mut self) -> &mut Option<String> {
                &mut self.cursor
            }
        })+
    };
}
pub(crate) use list_query;

type Go<Q> = Box<dyn Fn(&Q)>;

/// The list at an address.
pub struct UrlList<Q: ListQuery> {
    /// The address's query while the reader is there; for a loader.
    pub here: Memo<Option<Q>>,
    /// The newest query.
    pub query: Memo<Q>,
    go: StoredValue<Go<Q>, LocalStorage>,
    trail: StoredValue<Trail>,
}

impl<Q: ListQuery> Clone for UrlList<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: ListQuery> Copy for UrlList<Q> {}

/// Reads an address's query string; one that can't be read is the plain list.
pub fn read_query<Q: ListQuery>(search: &str) -> Q {
    serde_urlencoded::from_str(search.trim_start_matches('?')).unwrap_or_default()
}

/// The address of a query.
pub fn query_path<Q: ListQuery>(path: &str, query: &Q) -> String {
    let text = serde_urlencoded::to_string(query).unwrap_or_default();
    if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
}

impl<Q: ListQuery> UrlList<Q> {
    /// The list at that path.
    pub fn at(path: &'static str) -> Self {
        let location = use_location();
        let (at, search) = (location.pathname, location.search);
        let here = Memo::new(move |_| (at.get() == path).then(|| read_query::<Q>(&search.get())));
        let query = Memo::new(move |before: Option<&Q>| here.get().or_else(|| before.cloned()).unwrap_or_default());
        let navigate = use_navigate();
        let go: Go<Q> = Box::new(move |query| navigate(&query_path(path, query), NavigateOptions::default()));
        Self { here, query, go: StoredValue::new_local(go), trail: StoredValue::new(Trail::default()) }
    }

    /// Goes to the first page of the list changed like this.
    pub fn change(self, change: impl FnOnce(&mut Q)) {
        let mut query = self.query.get_untracked();
        *query.cursor() = None;
        change(&mut query);
        self.go.with_value(|go| go(&query));
    }

    /// Whether this is not the first page.
    pub fn turned(self) -> bool {
        self.query.get().cursor().is_some()
    }

    fn key(self) -> String {
        let mut query = self.query.get_untracked();
        *query.cursor() = None;
        query_path("", &query)
    }

    /// Goes to the page that begins at a cursor.
    pub fn forward(self, cursor: Option<String>) {
        if cursor.is_none() {
            return;
        }
        let mut query = self.query.get_untracked();
        let from = query.cursor().take();
        self.trail.update_value(|trail| trail.forward(&self.key(), from));
        *query.cursor() = cursor;
        self.go.with_value(|go| go(&query));
    }

    /// Goes to the page before.
    pub fn back(self) {
        let mut cursor = None;
        self.trail.update_value(|trail| cursor = trail.back(&self.key()));
        let mut query = self.query.get_untracked();
        *query.cursor() = cursor;
        self.go.with_value(|go| go(&query));
    }
}

#[cfg(test)]
mod tests {
    use contract::audit::AuditQuery;

    use super::*;

    #[test]
    fn an_address_carries_the_whole_query_and_a_bad_one_is_the_plain_list() {
        let query = AuditQuery {
            outcome: Some("refused,failed".into()),
            q: Some("a b&c".into()),
            from: chrono::DateTime::from_timestamp(1_767_225_600, 0),
            limit: Some(25),
            ..AuditQuery::default()
        };
        let path = query_path("/audit/log", &query);
        assert_eq!(read_query::<AuditQuery>(path.trim_start_matches("/audit/log")), query);
        assert_eq!(read_query::<AuditQuery>("?nonsense=1"), AuditQuery::default());
        assert_eq!(query_path("/x", &AuditQuery::default()), "/x");
    }
}
