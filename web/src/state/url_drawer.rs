//! A drawer beside a list, with what it shows in the address: a reload and a link open it again, back closes it, and closing it
//! leaves no step behind. Which name and values are its own is said with the list's query (`list_query!`). Not what is in it: that
//! reads for itself.

use std::fmt::Display;
use std::str::FromStr;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::State;

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
        let name = Q::DRAWER.map_or("", |(name, _)| name);
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
