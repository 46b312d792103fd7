//! What an address asks to do with the WorkSpace, such as `do=stop`: the preview of it opens, and when that closes the address asks no
//! more. Not what is done: that is the preview's, which asks once again.

use domain::ids::WorkspaceId;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::state::{asked_of, tidy};
use crate::pages::workspaces::action_dialog::Wanted;
use crate::state::session::use_session;

/// Sets `wanted` to what the address asks to do with this one, if the reader may do that, and mends the address when nothing is
/// wanted any more.
pub fn follow(id: Memo<Option<WorkspaceId>>, wanted: RwSignal<Option<Wanted>>) {
    let session = use_session();
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    let navigate = use_navigate();
    let asked = Memo::new(move |_| {
        // While the router leaves this page its address is another page's.
        let id = id.get().filter(|id| path.with(|path| *path == format!("/workspaces/{id}")))?;
        let action = search.with(|search| asked_of(search))?;
        session.may(action.permission()).then(|| Wanted::new(action, vec![id]))
    });
    Effect::new(move |was: Option<bool>| {
        let now = asked.get();
        let asks = now.is_some();
        if asks || was == Some(true) {
            wanted.set(now);
        }
        asks
    });
    Effect::new(move |was: Option<bool>| {
        let open = wanted.with(Option::is_some);
        if was == Some(true) && !open && asked.with_untracked(Option::is_some) {
            let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(&tidy(&path.get_untracked(), &search.get_untracked()), options);
        }
        open
    });
}
