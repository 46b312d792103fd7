//! One person: what they hold, whether they may sign in, where they are signed in.

use contract::page::Page;
use contract::paths;
use contract::session::SessionItemView;
use contract::users::{GrantBody, GrantView, SetGrantsRequest, UpdateUserRequest, UserView};
use domain::access::Permission;
use domain::ids::UserId;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::{exports, sessions, users as api};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::confirm::Confirm;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::sessions::SessionLine;
use crate::components::ui::states::{EmptyState, Followed, FormFailure, Loaded};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Button, ButtonKind, ButtonSize, Icon, Tone};
use crate::pages::admin::grants::{Grants, GrantsEditor, grant_words};
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// The page of the person with that id.
#[component]
pub fn UserPage(id: String) -> impl IntoView {
    match id.parse::<UserId>() {
        Ok(id) => view! { <Person id/> }.into_any(),
        Err(_) => view! {
            <EmptyState icon=Icon::People title="There is nobody with that id" text="The address may be misspelt.">
                <a class="btn btn-secondary" href="/admin/users">"To the list"</a>
            </EmptyState>
        }
        .into_any(),
    }
}

/// What somebody holds, and the version that says so.
type Held = (Vec<GrantView>, i64);

#[component]
fn Person(id: UserId) -> impl IntoView {
    let user = Loader::once(move || api::get(id));
    read_again_on(&["user", "team", "role"], move || user.refresh());
    let changed = Callback::new(move |()| user.reload());
    let person = Memo::new(move |_| user.data.get());
    let editing = RwSignal::new(false);
    // What somebody else made of the roles does not go over what the reader makes of them: that is refused when it is sent.
    let held = Memo::new(move |before: Option<&Option<Held>>| {
        let newest = user.data.with(|user| user.as_ref().map(|user| (user.grants.clone(), user.version)));
        let kept = before.and_then(Option::as_ref).filter(|_| editing.get_untracked());
        match (newest, kept) {
            (Some(newest), Some(kept)) if newest.0 != kept.0 => Some(kept.clone()),
            (newest, _) => newest,
        }
    });
    let grants = Memo::new(move |_| held.with(|held| held.as_ref().map(|held| held.0.clone())));
    let version = Signal::derive(move || held.with(|held| held.as_ref().map_or(0, |held| held.1)));
    let cards = move || {
        view! {
            <div class="grid">
                {move || person.get().map(|view| view! { <Who view changed/> })}
                {move || grants.get().map(|grants| view! { <Holds id grants version editing changed/> })}
            </div>
        }
    };
    let none = Callback::new(|_| ().into_any());
    let read = Memo::new(move |_| !user.blank());
    view! {
        <nav class="crumbs" aria-label="Where you are"><a href="/admin/users">"Users"</a></nav>
        <Loaded loader=user lines=6 show=none/>
        {move || read.get().then(cards)}
        <Sessions id/>
    }
}

#[component]
fn Who(view: UserView, changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let submit = Submit::new();
    let (id, version, enabled) = (view.id, view.version, view.enabled);
    let refused = Signal::derive(move || {
        (!session.may(Permission::UserWrite)).then(|| "Your role may not change users".to_owned())
    });
    let switch = move |()| {
        let request = UpdateUserRequest { display_name: None, enabled: Some(!enabled) };
        submit.run(async move { api::update(id, &request, version).await }, move |_| {
            asking.set(false);
            toasts.done(if enabled { "They are signed out and may not sign in" } else { "They may sign in again" });
            changed.try_run(());
        });
    };
    let leaving = RwSignal::new(false);
    let removal = Submit::new();
    let navigate = StoredValue::new_local(use_navigate());
    let remove = move |()| {
        removal.run(api::remove(id, version), move |()| {
            toasts.done("They are removed");
            navigate.try_with_value(|navigate| navigate("/admin/users", NavigateOptions::default()));
        });
    };
    let email = view.email.clone();
    let teams = view.teams.into_iter().map(|t| t.name).collect::<Vec<_>>().join(", ");
    let name = if view.display_name.is_empty() { view.email.clone() } else { view.display_name };
    view! {
        <section class="card">
            <div class="card-top">
                <h2 class="card-title" data-testid="user-name">{name}</h2>
                {if enabled {
                    view! { <Badge tone=Tone::Success glyph=Glyph::Disc text="May sign in"/> }
                } else {
                    view! { <Badge tone=Tone::Neutral glyph=Glyph::Bars text="Disabled" testid="user-disabled"/> }
                }}
            </div>
            <dl class="facts">
                <div class="fact"><dt>"E-mail"</dt><dd>{view.email}</dd></div>
                <div class="fact"><dt>"Teams"</dt><dd>{if teams.is_empty() { "–".to_owned() } else { teams }}</dd></div>
                <div class="fact"><dt>"Here since"</dt><dd><RelativeTime at=view.created_at/></dd></div>
                <div class="fact"><dt>"Last sign-in"</dt><dd><MaybeTime at=view.last_sign_in_at/></dd></div>
            </dl>
            <span class="row-actions">
                {move || session.may_everywhere(Permission::AuditRead).then(|| view! {
                    <a class="btn btn-secondary btn-small" href=format!("/audit/log?actor={id}")>"What they did"</a>
                })}
                <Button size=ButtonSize::Small testid="user-switch" reason=refused on_click=move |()| asking.set(true)>
                    {if enabled { "Disable" } else { "Enable" }}
                </Button>
                <Button kind=ButtonKind::Danger size=ButtonSize::Small testid="user-remove" reason=refused on_click=move |()| leaving.set(true)>
                    "Remove"
                </Button>
            </span>
            <Confirm
                open=leaving submit=removal typed=Signal::stored(Some(email)) action="Remove" title="Remove this person?".to_owned() on_confirm=remove
                text="Their name, address, sessions, keys and roles are removed for good. The audit log keeps what they did under a pseudonym.".to_owned()
            />
            <Confirm
                open=asking submit action=if enabled { "Disable" } else { "Enable" }
                title=(if enabled { "Disable this person?" } else { "Enable this person?" }).to_owned()
                text=(if enabled {
                    "They are signed out everywhere at once, their API keys are refused, and they may not sign in."
                } else {
                    "They may sign in again, with the roles they hold."
                }).to_owned()
                on_confirm=switch
            />
        </section>
    }
}

#[component]
fn Holds(
    id: UserId,
    grants: Vec<GrantView>,
    version: Signal<i64>,
    editing: RwSignal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let bodies: Vec<_> = grants.iter().map(|g| g.grant.clone()).collect();
    let words: Vec<_> = grants.iter().map(grant_words).collect();
    let grants = Grants::new(&bodies);
    let before = StoredValue::new(SetGrantsRequest { grants: bodies });
    Effect::new(move |first: Option<Result<Vec<GrantBody>, String>>| {
        let now = grants.bodies();
        editing.set(first.as_ref().is_some_and(|first| *first != now));
        first.unwrap_or(now)
    });
    let submit = Submit::new();
    let tried = RwSignal::new(false);
    let wrong = move || if tried.get() { grants.bodies().err() } else { None };
    let save = move |()| {
        tried.set(true);
        let Ok(grants) = untrack(|| grants.bodies()) else { return };
        let (request, version) = (SetGrantsRequest { grants }, version.get_untracked());
        let before = before.get_value();
        submit.run(async move { api::set_grants(id, &request, version).await }, move |now| {
            editing.set(false);
            toasts.undoable("Their roles are changed", "Their roles are as they were", move || {
                let before = before.clone();
                async move {
                    let undone = api::set_grants(id, &before, now.version).await;
                    changed.try_run(());
                    undone.map(|_| ())
                }
            });
            changed.try_run(());
        });
    };
    let may = untrack(|| session.may(Permission::UserWrite));
    let file = exports::href(&paths::with_id(paths::EXPORT_USER_GRANTS, id), &());
    view! {
        <section class="card" data-testid="user-grants">
            <div class="card-top">
                <h2 class="card-title">"Roles"</h2>
                <ExportMenu label="Export roles" href=Signal::stored(file)/>
            </div>
            <FormFailure submit/>
            {if may {
                view! {
                    <GrantsEditor grants/>
                    <p class="field-error" aria-live="polite">{wrong}</p>
                    <span class="row-actions">
                        <Button kind=ButtonKind::Primary testid="grants-save" busy=submit.busy on_click=save>"Save roles"</Button>
                    </span>
                }
                .into_any()
            } else {
                view! { <ul class="lines">{words.into_iter().map(|w| view! { <li class="line">{w}</li> }).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Sessions(id: UserId) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let loader = Loader::once(move || sessions::of(id));
    read_again_on(&["session"], move || loader.refresh());
    let submit = Submit::new();
    let end = Callback::new(move |()| {
        submit.run(sessions::end_of(id), move |()| {
            toasts.done("All their sessions are ended");
            loader.reload();
        });
    });
    let show = Callback::new(move |page: Page<SessionItemView>| {
        let none = page.items.is_empty();
        let may = untrack(|| session.may(Permission::UserWrite)) && !none;
        let lines = page.items.into_iter().map(|session| view! { <SessionLine session/> }).collect_view();
        view! {
            <section class="card">
                <div class="card-top">
                    <h2 class="card-title">"Sessions"</h2>
                    {may.then(|| view! { <Button size=ButtonSize::Small testid="user-sessions-end" busy=submit.busy on_click=end>"End all"</Button> })}
                </div>
                <FormFailure submit/>
                {none.then(|| view! { <p class="muted">"Not signed in anywhere."</p> })}
                <ul class="lines">{lines}</ul>
            </section>
        }
        .into_any()
    });
    view! { <Followed loader lines=3 show/> }
}
