//! Syncing every account the reader may see, and the button for it.

use domain::access::Permission;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Numbers;
use crate::api::{ApiError, accounts};
use crate::components::ui::{Button, ButtonKind, Icon, Tone};
use crate::format::counted;
use crate::state::session::use_session;
use crate::state::toasts::{Toasts, use_toasts};

/// The button, where there are accounts and the reader may sync them.
pub fn button(numbers: Numbers) -> AnyView {
    let session = use_session();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let some = Memo::new(move |_| numbers.with(|numbers| numbers.as_ref().is_some_and(|numbers| numbers.accounts > 0)));
    let sync = move |()| {
        busy.set(true);
        spawn_local(async move {
            sync_all(toasts).await;
            busy.try_set(false);
        });
    };
    view! {
        <Show when=move || some.get() && session.may(Permission::SyncRun)>
            <Button kind=ButtonKind::Primary icon=Icon::Sync testid="overview-sync" busy=busy on_click=sync>"Sync now"</Button>
        </Show>
    }
    .into_any()
}

/// Begins a sync of every account, and says how many are under way.
pub async fn sync_all(toasts: Toasts) {
    let mut begun = 0;
    let mut failure: Option<ApiError> = None;
    match accounts::list().await {
        Ok(page) => {
            for account in page.items {
                match accounts::sync(account.id).await {
                    Ok(jobs) => begun += jobs.job_ids.len() as u64,
                    Err(error) => failure = Some(error),
                }
            }
        }
        Err(error) => failure = Some(error),
    }
    if let Some(error) = failure {
        toasts.failed("A sync could not be begun", &error);
    }
    if begun > 0 {
        let link = Some(("Follow them".to_owned(), "/jobs".to_owned()));
        toasts.show(Tone::Success, format!("{} under way", counted(begun, "sync", "syncs")), link);
    }
}
