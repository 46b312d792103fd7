//! The accounts page.

use contract::accounts::AccountView;
use contract::data_sets::DataSetQuery;
use contract::events::Event;
use contract::paths;
use domain::access::Permission;
use domain::ids::AccountId;
use leptos::prelude::*;

use super::card::AccountCard;
use super::connect::ConnectDrawer;
use super::data::AccountData;
use super::test::ConnectionTest;
use crate::api::{accounts as api, data_sets, exports};
use crate::components::layout::page_head::PageHead;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::{EmptyState, ErrorState, Skeleton, StaleNotice};
use crate::components::ui::{Button, ButtonKind, Icon};
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::timing::Debounce;
use crate::state::toasts::use_toasts;
use crate::state::url_drawer::UrlDrawer;
use crate::state::use_title;

const SETTLE_MS: u64 = 700;

/// The accounts.
#[component]
pub fn AccountListPage() -> impl IntoView {
    use_title(|| Some("Accounts".to_owned()));
    let session = use_session();
    let toasts = use_toasts();
    let accounts = Loader::once(api::list);
    let read = Loader::once(|| async { data_sets::list(&DataSetQuery::default()).await });
    let sets = Signal::derive(move || read.data.with(|r| r.as_ref().map(|r| r.items.clone()).unwrap_or_default()));
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(Event::Job { state, .. }) => state.is_final(),
            LiveEvent::Happened(Event::WorkspaceState { .. } | Event::BudgetCrossed { .. } | Event::Changed { .. }) => {
                false
            }
            LiveEvent::Happened(Event::FleetChanged { .. } | Event::Account { .. } | Event::Schedule { .. })
            | LiveEvent::ReadAgain => true,
        };
        if matters {
            settle.soon(SETTLE_MS, move || {
                accounts.refresh();
                read.refresh();
            });
        }
    });
    let open = RwSignal::new(false);
    UrlDrawer::begins("/accounts", "account", Permission::AccountWrite, open, move || open.set(true));
    let may_add = Signal::derive(move || {
        (!session.may(Permission::AccountWrite)).then(|| "Your role may not connect accounts".to_owned())
    });
    let connected = move |account: AccountView| {
        toasts.done(format!("{} is connected", account.name));
        accounts.reload();
    };
    let testing = RwSignal::new(false);
    let tested = RwSignal::new(None::<(AccountId, String)>);
    // One signal per card, so that a refresh draws again only what changed.
    let cards = RwSignal::new(Vec::<(AccountId, ArcRwSignal<AccountView>)>::new());
    Effect::new(move |_| {
        accounts.data.with(|page| {
            let Some(page) = page else { return };
            let old = cards.get_untracked();
            let new = page.items.iter().map(|item| {
                let known = old.iter().find(|(id, _)| *id == item.id).map(|(_, signal)| signal.clone());
                let signal = known.unwrap_or_else(|| ArcRwSignal::new(item.clone()));
                if signal.with_untracked(|s| s != item) {
                    signal.set(item.clone());
                }
                (item.id, signal)
            });
            cards.set(new.collect());
        });
    });
    let none = move || accounts.data.with(|p| p.as_ref().is_some_and(|p| p.items.is_empty()));
    view! {
        <PageHead title="Accounts".to_owned() lead=view! { <p>"The AWS accounts and regions that Wheelhouse looks at"</p> }.into_any()>
            <ExportMenu href=Signal::stored(exports::href(paths::EXPORT_ACCOUNTS, &()))/>
            <ExportMenu label="Export regions" href=Signal::stored(exports::href(paths::EXPORT_ACCOUNT_REGIONS, &()))/>
            <Button kind=ButtonKind::Primary icon=Icon::Plus testid="account-add" reason=may_add on_click=move |()| open.set(true)>
                "Connect account"
            </Button>
        </PageHead>
        {move || match (accounts.error.get(), accounts.blank()) {
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| accounts.reload()/> }.into_any()),
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| accounts.reload()/> }.into_any()),
            (None, true) => Some(view! { <div class="card"><Skeleton lines=5/></div> }.into_any()),
            (None, false) => None,
        }}
        <Show when=none>
            <section class="card">
                <EmptyState
                    icon=Icon::Cloud
                    title="No account is connected"
                    text="Connect one by an assumed role, by the server's own AWS credentials, or to a simulated AWS to look around."
                />
            </section>
        </Show>
        <div class="stack">
            <For each=move || cards.get() key=|(id, _)| *id children=move |(id, account)| {
                let card = move || {
                    let account = account.get();
                    let test = (account.id, account.name.clone());
                    let on_test = move |()| {
                        tested.set(Some(test.clone()));
                        testing.set(true);
                    };
                    view! { <AccountCard account on_changed=move |()| accounts.reload() on_test/> }
                };
                view! { <div class="account-block">{card}<AccountData id sets/></div> }
            }/>
        </div>
        <Dialog open=testing title=Signal::derive(move || tested.with(|t| t.as_ref().map(|(_, name)| format!("Connection of {name}")).unwrap_or_default()))>
            {move || tested.get().map(|(id, _)| view! { <ConnectionTest id/> })}
        </Dialog>
        <ConnectDrawer open on_connected=connected/>
    }
}
