//! A list whose filters, sort and page are in the address. Not the rows: those come through a `Loader`.
//! What an address asks for and there is not is left out and told: here where it can't be read, or where the API refuses it.

use contract::problem::code;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::loader::Loader;
use super::trail::Trail;
use crate::api::ApiError;
use crate::format::query_pairs;

/// The name of a drawer's object in an address, and whether a value can be one.
pub type Drawer = (&'static str, fn(&str) -> bool);

/// A query that a list can be asked with.
pub trait ListQuery: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What of its address is its drawer's (`url_drawer`), not its own.
    const DRAWER: Option<Drawer> = None;

    /// Where its page begins.
    fn cursor(&mut self) -> &mut Option<String>;

    /// Reads an address's query string: the query, and what of the address there is not, such as `limit=many`.
    fn read(search: &str) -> (Self, Vec<String>) {
        read_query(search)
    }
}

/// Says of queries that they have a `cursor`; and of one, how its drawer's object stands in the address.
macro_rules! list_query {
    ($query:path, drawer $name:literal: $id:ty) => {
        impl $crate::state::url_list::ListQuery for $query {
            const DRAWER: Option<$crate::state::url_list::Drawer> = Some(($name, |text| text.parse::<$id>().is_ok()));

            fn cursor(&mut self) -> &mut Option<String> {
                &mut self.cursor
            }
        }
    };
    ($($query:path),+ $(,)?) => {
        $(impl $crate::state::url_list::ListQuery for $query {
            fn cursor(&mut self) -> &mut Option<String> {
                &mut self.cursor
            }
        })+
    };
}
pub(crate) use list_query;

type Go<Q> = Box<dyn Fn(&Q, bool)>;

/// The list at an address.
pub struct UrlList<Q: ListQuery> {
    /// The address's query while the reader is there; for a loader.
    pub here: Memo<Option<Q>>,
    /// The newest query.
    pub query: Memo<Q>,
    /// What the address asks for and there is not.
    pub left_out: Memo<Vec<String>>,
    refused: RwSignal<Option<Refused<Q>>>,
    go: StoredValue<Go<Q>, LocalStorage>,
    trail: StoredValue<Trail>,
}

impl<Q: ListQuery> Clone for UrlList<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: ListQuery> Copy for UrlList<Q> {}

/// What the API refused, and the query that is left without it.
type Refused<Q> = (Q, Vec<String>);

fn of_pairs<Q: ListQuery>(pairs: &[(String, String)]) -> Option<Q> {
    serde_urlencoded::from_str(&serde_urlencoded::to_string(pairs).ok()?).ok()
}

/// Reads an address's query string pair by pair: one that can't be read is left out, and the others hold.
pub fn read_query<Q: ListQuery>(search: &str) -> (Q, Vec<String>) {
    let (mut query, mut good, mut left_out) = (Q::default(), Vec::new(), Vec::new());
    for (key, value) in query_pairs(search).into_iter().filter(|(_, value)| !value.is_empty()) {
        good.push((key, value));
        match of_pairs(&good) {
            Some(read) => query = read,
            None => left_out.extend(good.pop().map(told)),
        }
    }
    (query, left_out)
}

/// As [`ListQuery::read`], without what is the drawer's; of that, only what can be none is told.
fn beside_drawer<Q: ListQuery>(search: &str) -> (Q, Vec<String>) {
    let Some((name, can_be)) = Q::DRAWER else { return Q::read(search) };
    let (drawer, rest): (Vec<_>, Vec<_>) = query_pairs(search).into_iter().partition(|(key, _)| key == name);
    let (query, mut left_out) = Q::read(&serde_urlencoded::to_string(&rest).unwrap_or_default());
    left_out.extend(drawer.into_iter().filter(|(_, value)| !value.is_empty() && !can_be(value)).map(told));
    (query, left_out)
}

fn told((key, value): (String, String)) -> String {
    format!("{key}={value}")
}

/// Whether a reader types it: it stays then, and the error says what is wrong with it.
fn typed(field: &str) -> bool {
    ["q", "from", "to"].contains(&field)
}

/// The query without these parameters, and what they asked for; nothing where it has none of them.
fn without<Q: ListQuery>(query: &Q, refused: &[String]) -> Option<Refused<Q>> {
    let all = query_pairs(&query_path("", query));
    let (out, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(key, _)| refused.contains(key));
    (!out.is_empty()).then(|| (of_pairs(&rest).unwrap_or_default(), out.into_iter().map(told).collect()))
}

/// The address of a query.
pub fn query_path<Q: ListQuery>(path: &str, query: &Q) -> String {
    let text = serde_urlencoded::to_string(query).unwrap_or_default();
    if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
}

/// The same with the drawer that an address has open.
fn path_beside<Q: ListQuery>(path: &str, query: &Q, search: &str) -> String {
    let address = query_path(path, query);
    let drawer = Q::DRAWER
        .and_then(|(name, can_be)| query_pairs(search).into_iter().find(|(key, value)| key == name && can_be(value)));
    let Some(drawer) = drawer else { return address };
    let text = serde_urlencoded::to_string([drawer]).unwrap_or_default();
    let join = if address.contains('?') { '&' } else { '?' };
    format!("{address}{join}{text}")
}

impl<Q: ListQuery> UrlList<Q> {
    /// The list at that path.
    pub fn at(path: &'static str) -> Self {
        let location = use_location();
        let (at, search) = (location.pathname, location.search);
        let read = Memo::new(move |_| (at.get() == path).then(|| beside_drawer::<Q>(&search.get())));
        let here = Memo::new(move |_| read.get().map(|(query, _)| query));
        let query = Memo::new(move |before: Option<&Q>| here.get().or_else(|| before.cloned()).unwrap_or_default());
        let refused = RwSignal::new(None::<Refused<Q>>);
        let left_out = Memo::new(move |_| {
            let (query, mut left_out) = read.get().unwrap_or_default();
            left_out.extend(refused.get().filter(|(rest, _)| *rest == query).map(|(_, told)| told).unwrap_or_default());
            left_out
        });
        let navigate = use_navigate();
        let go: Go<Q> = Box::new(move |query, replace| {
            // What only mends the address leaves open what is open beside the list.
            let to = if replace { path_beside(path, query, &search.get_untracked()) } else { query_path(path, query) };
            navigate(&to, NavigateOptions { replace, ..NavigateOptions::default() });
        });
        let (go, trail) = (StoredValue::new_local(go), StoredValue::new(Trail::default()));
        Self { here, query, left_out, refused, go, trail }
    }

    fn go(self, query: &Q, replace: bool) {
        self.refused.set(None);
        self.go.with_value(|go| go(query, replace));
    }

    /// Goes to the address of what is shown, without what was left out.
    pub fn tidy(self) {
        self.go(&self.query.get_untracked(), true);
    }

    /// Where the API refuses a part of the address, goes on without it and tells: another try would be refused as well.
    pub fn mend<T: Send + Sync + 'static>(self, page: Loader<T>) {
        Effect::new(move |_| {
            if page.error.get().is_some_and(|error| self.leave_out(&error)) {
                page.error.set(None);
            }
        });
    }

    /// Goes on without what is refused; whether there is any.
    fn leave_out(self, error: &ApiError) -> bool {
        if !error.is(code::BAD_CURSOR) && !error.is(code::INVALID_QUERY) {
            return false;
        }
        let refused: Vec<String> =
            error.fields().into_iter().map(|(field, _)| field).filter(|field| !typed(field)).collect();
        let Some((rest, told)) = self.here.get_untracked().and_then(|query| without(&query, &refused)) else {
            return false;
        };
        let mut left_out = self.left_out.get_untracked();
        left_out.extend(told);
        self.go(&rest, true);
        self.refused.set(Some((rest, left_out)));
        true
    }

    /// Goes to the first page of the list changed like this.
    pub fn change(self, change: impl FnOnce(&mut Q)) {
        let mut query = self.query.get_untracked();
        *query.cursor() = None;
        change(&mut query);
        self.go(&query, false);
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
        self.go(&query, false);
    }

    /// Goes to the page before.
    pub fn back(self) {
        let mut cursor = None;
        self.trail.update_value(|trail| cursor = trail.back(&self.key()));
        let mut query = self.query.get_untracked();
        *query.cursor() = cursor;
        self.go(&query, false);
    }
}

#[cfg(test)]
mod tests {
    use contract::audit::AuditQuery;

    use super::*;

    #[test]
    fn an_address_carries_the_whole_query() {
        let query = AuditQuery {
            outcome: Some("refused,failed".into()),
            q: Some("a b&c".into()),
            from: chrono::DateTime::from_timestamp(1_767_225_600, 0),
            limit: Some(25),
            ..AuditQuery::default()
        };
        let path = query_path("/audit/log", &query);
        assert_eq!(read_query::<AuditQuery>(path.trim_start_matches("/audit/log")), (query, Vec::new()));
        assert_eq!(query_path("/x", &AuditQuery::default()), "/x");
    }

    #[test]
    fn what_can_not_be_read_is_left_out_and_told_and_the_rest_holds() {
        let (query, left_out) =
            read_query::<AuditQuery>("?q=ana&limit=many&what=ever&from=never&q=bob&to=&actor=nobody&cursor=x");
        let rest = AuditQuery { q: Some("ana".into()), cursor: Some("x".into()), ..AuditQuery::default() };
        assert_eq!(query, rest);
        assert_eq!(left_out, ["limit=many", "what=ever", "from=never", "q=bob", "actor=nobody"]);
        assert_eq!(read_query::<AuditQuery>("?nonsense=1").0, AuditQuery::default());
    }

    #[test]
    fn what_is_the_drawers_is_not_the_lists() {
        let q = AuditQuery { q: Some("ana".into()), ..AuditQuery::default() };
        assert_eq!(beside_drawer::<AuditQuery>("?entry=7&q=ana"), (q.clone(), Vec::new()));
        assert_eq!(beside_drawer::<AuditQuery>("?q=ana&entry=first"), (q.clone(), vec!["entry=first".to_owned()]));
        assert_eq!(beside_drawer::<AuditQuery>("?q=ana&entry="), (q, Vec::new()));
    }

    #[test]
    fn a_mended_address_keeps_its_drawer() {
        let q = AuditQuery { q: Some("ana".into()), ..AuditQuery::default() };
        assert_eq!(path_beside("/x", &q, "?q=ana&entry=7&cursor=x"), "/x?q=ana&entry=7");
        assert_eq!(path_beside("/x", &AuditQuery::default(), "?entry=7"), "/x?entry=7");
        assert_eq!(path_beside("/x", &q, "?entry=first"), "/x?q=ana");
    }

    #[test]
    fn what_is_refused_is_left_out_and_the_rest_holds() {
        let all = AuditQuery { outcome: Some("perhaps".into()), cursor: Some("a b".into()), ..AuditQuery::default() };
        let (rest, told) = without(&all, &["cursor".to_owned()]).unwrap();
        assert_eq!((rest.outcome.as_deref(), rest.cursor.as_deref()), (Some("perhaps"), None));
        assert_eq!(told, ["cursor=a b"]);
        assert_eq!(without(&all, &["sort".to_owned()]), None);
    }
}
