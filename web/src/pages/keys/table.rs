//! The table of keys, with what can be done to each.

use contract::api_keys::{ApiKeyQuery, ApiKeyView, RotateApiKeyRequest};
use contract::paths;
use domain::access::Permission;
use domain::ids::UserId;
use leptos::prelude::*;

use super::create::{CreateKeyDialog, Made};
use crate::api::{api_keys as api, exports};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::confirm::Confirm;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::filter_bar::SearchBox;
use crate::components::ui::list::ListTable;
use crate::components::ui::once::ShownOnce;
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Button, ButtonKind, ButtonSize, Icon, Tone};
use crate::format::{counted, sentence};
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;
use crate::state::url_drawer::{New, UrlDrawer};
use crate::state::url_list::{UrlList, list_query};

list_query!(ApiKeyQuery, drawer "key": New);

/// The keys of one person, or everybody's.
#[component]
pub fn KeyTable(
    /// The address of the page it is on.
    path: &'static str,
    /// Whose; everybody's when absent.
    owner: Option<UserId>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let list = UrlList::<ApiKeyQuery>::at(path);
    let whose = move |query: ApiKeyQuery| ApiKeyQuery { user_id: owner.or(query.user_id), ..query };
    let page = Loader::keyed(list.here, move |query| async move { api::list(&whose(query)).await });
    read_again_on(&["api_key"], move || page.refresh());
    let (creating, ending, showing) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    if owner.is_some() {
        UrlDrawer::begins(path, "key", Permission::KeyWrite, creating, move || creating.set(true));
    }
    let wanted = RwSignal::new(None::<ApiKeyView>);
    let made = Made(RwSignal::new(None));
    let (end, turn) = (Submit::new(), Submit::new());
    Effect::new(move |_| showing.set(made.0.with(Option::is_some)));
    Effect::new(move |_| {
        if !showing.get() && made.0.with_untracked(Option::is_some) {
            made.0.set(None);
        }
    });
    Effect::new(move |_| {
        if let Some(error) = turn.failure.get() {
            toasts.failed("The key could not be replaced", &error);
        }
    });
    let rotate = Callback::new(move |key: ApiKeyView| {
        let call = async move { api::rotate(key.id, &RotateApiKeyRequest::default()).await };
        turn.run(call, move |answer| {
            made.0.set(Some(answer));
            page.reload();
        });
    });
    let revoke = Callback::new(move |key: ApiKeyView| {
        wanted.set(Some(key));
        ending.set(true);
    });
    let confirmed = move |()| {
        let Some(key) = wanted.get_untracked() else { return };
        end.run(async move { api::revoke(key.id).await }, move |()| {
            ending.set(false);
            toasts.done(format!("{} is revoked", key.name));
            page.reload();
        });
    };
    let refused = Signal::derive(move || {
        (!session.may(Permission::KeyWrite)).then(|| "Your role may not make API keys".to_owned())
    });
    let everybody = owner.is_none();
    let file = Signal::derive(move || exports::href(paths::EXPORT_API_KEYS, &whose(list.query.get())));
    let columns = if everybody {
        vec!["Key", "Owner", "State", "May", "Last used", "Ends", ""]
    } else {
        vec!["Key", "State", "May", "Last used", "Ends", ""]
    };
    view! {
        <div class="tools">
            <SearchBox
                label="Find a key by name or beginning" testid="key-search"
                value=Signal::derive(move || list.query.with(|q| q.q.clone().unwrap_or_default()))
                on_search=move |words: String| list.change(|q| q.q = Some(words).filter(|w| !w.is_empty()))
            />
            <ExportMenu href=file/>
            {(!everybody).then(|| view! {
                <Button kind=ButtonKind::Primary icon=Icon::Plus testid="key-add" reason=refused on_click=move |()| creating.set(true)>
                    "New key"
                </Button>
            })}
        </div>
        <ListTable
            page list key=|one| one.id.to_string() caption="API keys" columns
            empty=(Icon::Key, "No API keys", "A key lets a program use the API with a part of what its owner may do.")
            row=Callback::new(move |key: ApiKeyView| row(key, everybody, rotate, revoke))
        />
        <CreateKeyDialog open=creating on_made=move |answer| {
            made.0.set(Some(answer));
            page.reload();
        }/>
        <Dialog open=showing title="The new key".to_owned() testid="key-made">
            <div class="dialog-body">
                {move || made.0.get().map(|made| view! {
                    <p>{format!("{} begins with {}.", made.key.name, made.key.prefix)}</p>
                    <ShownOnce
                        words="This is the only time the key is shown. Keep it where secrets are kept." text=made.secret
                        testid="key-secret"
                    />
                })}
            </div>
            <footer class="dialog-foot">
                <Button kind=ButtonKind::Primary testid="key-kept" on_click=move |()| showing.set(false)>"I have kept it"</Button>
            </footer>
        </Dialog>
        <Confirm
            open=ending submit=end action="Revoke"
            title=Signal::derive(move || format!("Revoke {}?", wanted.with(|w| w.as_ref().map(|k| k.name.clone()).unwrap_or_default())))
            text=Signal::stored("Whatever uses the key is refused from now on. It can't be brought back.".to_owned())
            on_confirm=confirmed
        />
    }
}

fn look(state: &str) -> (Tone, Glyph) {
    match state {
        "active" => (Tone::Success, Glyph::Disc),
        "replaced" => (Tone::Warning, Glyph::Turning),
        "revoked" => (Tone::Neutral, Glyph::Cross),
        _ => (Tone::Neutral, Glyph::Dash),
    }
}

/// A key's row: with its owner among everybody's.
pub(super) fn row(
    key: ApiKeyView,
    everybody: bool,
    rotate: Callback<ApiKeyView>,
    revoke: Callback<ApiKeyView>,
) -> AnyView {
    let (tone, glyph) = look(&key.state);
    let live = matches!(key.state.as_str(), "active" | "replaced");
    let names = key.permissions.iter().map(|p| super::permission_words(p)).collect::<Vec<_>>().join(", ");
    let may = counted(key.permissions.len() as u64, "permission", "permissions");
    let (for_rotate, for_revoke) = (key.clone(), key.clone());
    let active = key.state == "active";
    let name = key.name.clone();
    view! {
        <tr class="row" data-testid="key-row" data-name=name.clone()>
            <td class="cell-main"><span class="cell-name">{name.clone()}</span><code class="cell-sub">{key.prefix}"…"</code></td>
            {everybody.then(|| view! { <td data-label="Owner">{key.owner}</td> })}
            <td data-label="State">
                <Badge tone glyph text=sentence(&key.state)/>
                {key.good_until.filter(|_| live && !active).map(|at| view! { <span class="cell-sub">"works until " <RelativeTime at/></span> })}
            </td>
            <td data-label="May"><span title=names>{may}</span></td>
            <td data-label="Last used">
                <MaybeTime at=key.last_used_at/>
                {key.last_used_ip.map(|ip| view! { <span class="cell-sub">{ip}</span> })}
            </td>
            <td data-label="Ends"><MaybeTime at=key.expires_at/></td>
            <td class="cell-actions">
                {live.then(|| view! {
                    <div class="row-actions">
                        {(active && !everybody).then(|| view! {
                            <Button size=ButtonSize::Small icon=Icon::Sync testid="key-rotate" on_click=move |()| rotate.run(for_rotate.clone())>"Replace"</Button>
                        })}
                        <Button size=ButtonSize::Small testid="key-revoke" on_click=move |()| revoke.run(for_revoke.clone())>"Revoke"</Button>
                    </div>
                })}
            </td>
        </tr>
    }
    .into_any()
}
