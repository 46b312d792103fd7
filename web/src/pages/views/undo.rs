//! What was done to a view, told with what takes it back. A view that was removed is made again: it is an address under a name, and
//! nobody misses its id. Nothing is offered where it would not be as it was: another's view would become one's own, and who may share
//! no more can't share it again.

use contract::views::{CreateViewRequest, SavedView, UpdateViewRequest};
use domain::access::Permission;
use leptos::prelude::*;

use crate::api::views as api;
use crate::state::session::{Session, use_session};
use crate::state::toasts::{Toasts, use_toasts};

/// Tells it.
#[derive(Clone, Copy)]
pub struct Told {
    toasts: Toasts,
    session: Session,
    /// Reads the views again, as long as the page is there.
    again: Callback<()>,
}

impl Told {
    /// On this page.
    pub fn here(again: Callback<()>) -> Self {
        Self { toasts: use_toasts(), session: use_session(), again }
    }

    /// A view was changed.
    pub fn changed(self, before: SavedView, now: &SavedView) {
        let text = format!("The view {} is saved", now.name);
        if !self.can_be_again(&before) {
            return self.toasts.done(text);
        }
        let (id, version, again) = (now.id, now.version, self.again);
        self.toasts.undoable(text, format!("The view {} is as it was", before.name), move || {
            let SavedView { name, query, shared, .. } = before.clone();
            let request = UpdateViewRequest { name: Some(name), query: Some(query), shared: Some(shared) };
            async move {
                let undone = api::update(id, &request, version).await;
                again.try_run(());
                undone.map(|_| ())
            }
        });
    }

    /// A view was removed.
    pub fn removed(self, view: SavedView) {
        let text = format!("The view {} is deleted", view.name);
        if !self.can_be_again(&view) {
            return self.toasts.done(text);
        }
        let again = self.again;
        self.toasts.undoable(text, format!("The view {} is back", view.name), move || {
            let SavedView { page, name, query, shared, .. } = view.clone();
            let request = CreateViewRequest { page: page.to_string(), name, query, shared: Some(shared) };
            async move {
                let undone = api::create(&request).await;
                again.try_run(());
                undone.map(|_| ())
            }
        });
    }

    /// Whether it can be made again as it is.
    pub fn can_be_again(self, view: &SavedView) -> bool {
        view.own && (!view.shared || untrack(|| self.session.may(Permission::ViewShare)))
    }
}
