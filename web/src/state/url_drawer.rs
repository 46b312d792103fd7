//! A drawer beside a list, with what it shows in the address: a reload and a link open it again, back closes it, and closing it
//! leaves no step behind. Which name and values are its own is said with the list's query (`list_query!`). Not what is in it: that
//! reads for itself. And a form for a new one, which a link may open.

use std::fmt;
use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use domain::access::Permission;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::State;

use super::session::use_session;
use super::url_list::ListQuery;
use crate::format::query_pairs;

type Go = Box<dyn Fn(Option<String>)>;

/// Marks a step of the history that opened a drawer beside its list, through reloads as well.
const OPENED: &str = "drawer";

/// Goes back where the step that is shown opened the drawer: the list is the step before, and is not left behind twice. Not where a
/// link led to the drawer.
fn step_back() -> bool {
    let Ok(history) = window().history() else { return false };
    history.state().is_ok_and(|state| state == OPENED) && history.back().is_ok()
}

/// The drawer of one of a list.
pub struct UrlDrawer<I: Send + Sync + 'static> {
    /// Whether it is open; for the dialog.
    pub open: RwSignal<bool>,
    /// Of which one; `None` while it is closed.
    pub id: Memo<Option<I>>,
    go: StoredValue<Go, LocalStorage>,
}

impl<I: Send + Sync + 'static> Clone for UrlDrawer<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I: Send + Sync + 'static> Copy for UrlDrawer<I> {}

impl<I: Copy + PartialEq + FromStr + Display + Send + Sync + 'static> UrlDrawer<I> {
    /// The drawer of the list at that path.
    pub fn at<Q: ListQuery>(path: &'static str) -> Self {
        Self::of(path, Q::DRAWER.map_or("", |(name, _)| name))
    }

    /// The drawer of the page at that path, by the name of its object in the address.
    pub fn of(path: &'static str, name: &'static str) -> Self {
        let location = use_location();
        let (at, search) = (location.pathname, location.search);
        let id: Memo<Option<I>> = Memo::new(move |_| {
            let pairs = if at.get() == path { query_pairs(&search.get()) } else { Vec::new() };
            pairs.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok())
        });
        let navigate = use_navigate();
        let go: Go = Box::new(move |id| {
            if id.is_none() && step_back() {
                return;
            }
            let mut pairs = query_pairs(&search.get_untracked());
            pairs.retain(|(key, _)| key != name);
            let replace = id.is_none();
            let state = State::new(id.is_some().then(|| OPENED.into()));
            pairs.extend(id.map(|id| (name.to_owned(), id)));
            let text = serde_urlencoded::to_string(&pairs).unwrap_or_default();
            let to = if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") };
            navigate(&to, NavigateOptions { replace, scroll: false, state, ..NavigateOptions::default() });
        });
        let drawer =
            Self { open: RwSignal::new(id.with_untracked(Option::is_some)), id, go: StoredValue::new_local(go) };
        Effect::new(move |_| drawer.open.set(drawer.id.with(Option::is_some)));
        // A dialog tells twice that it closes; a step back takes a moment.
        Effect::new(move |was: Option<bool>| {
            let open = drawer.open.get();
            if was == Some(true) && !open && drawer.id.with_untracked(Option::is_some) {
                drawer.go.with_value(|go| go(None));
            }
            open
        });
        drawer
    }

    /// Opens it.
    pub fn show(self, id: I) {
        self.go.with_value(|go| go(Some(id.to_string())));
    }
}

/// One that is not there yet, in an address: `team=new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct New;

/// Another text than that of [`New`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotNew;

impl FromStr for New {
    type Err = NotNew;

    fn from_str(text: &str) -> Result<Self, NotNew> {
        if text == "new" { Ok(Self) } else { Err(NotNew) }
    }
}

impl Display for New {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("new")
    }
}

/// What an address names where a drawer of one and the form of a new one share its name: the id of one, or `new`.
pub struct OneOrNew<I>(PhantomData<I>);

impl<I: FromStr> FromStr for OneOrNew<I> {
    type Err = NotNew;

    fn from_str(text: &str) -> Result<Self, NotNew> {
        if text.parse::<I>().is_err() {
            text.parse::<New>()?;
        }
        Ok(Self(PhantomData))
    }
}

impl UrlDrawer<New> {
    /// Calls `begin`, which opens the form of a new one, when the address asks for that and the reader may; once the form is
    /// closed, the address asks for it no more.
    pub fn begins(
        path: &'static str,
        name: &'static str,
        needs: Permission,
        open: RwSignal<bool>,
        begin: impl Fn() + 'static,
    ) {
        let session = use_session();
        let asked = Self::of(path, name);
        Effect::new(move |was: Option<bool>| {
            let now = asked.open.get();
            if now && untrack(|| session.may(needs)) {
                begin();
            } else if now {
                asked.open.set(false);
            } else if was == Some(true) {
                open.set(false);
            }
            now
        });
        Effect::new(move |was: Option<bool>| {
            let now = open.get();
            if was == Some(true) && !now {
                asked.open.set(false);
            }
            now
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_one_survives_the_address() {
        assert_eq!(New.to_string().parse(), Ok(New));
        for other in ["", "1", "New", "news"] {
            assert_eq!(other.parse::<New>(), Err(NotNew), "{other}");
            assert_eq!(other.parse::<OneOrNew<u8>>().is_ok(), other == "1", "{other}");
        }
        assert!("new".parse::<OneOrNew<u8>>().is_ok());
    }
}
