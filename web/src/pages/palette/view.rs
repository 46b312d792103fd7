//! The palette on screen: one field and the lines that fit what is typed in it, as a combobox with a list.

use contract::workspaces::WorkspaceQuery;
use domain::access::Permission;
use domain::workspace::WorkspaceAction;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::commands::{Command, Deed, found, step};
use super::{Face, desktops};
use crate::api::workspaces;
use crate::components::ui::IconView;
use crate::pages::overview::sync_all;
use crate::state::session::use_session;
use crate::state::theme::use_theme;
use crate::state::timing::Debounce;
use crate::state::toasts::use_toasts;

/// How long the typing rests before WorkSpaces are asked for.
const REST_MS: u64 = 200;
/// How many letters it takes.
const LETTERS: usize = 2;
/// How many WorkSpaces are shown.
const WORKSPACES: u32 = 6;
/// What is said where nothing fits what is typed.
const NOTHING: &str = "Nothing is called that. WorkSpaces are found by user, name, address or id.";

/// The field and its lines.
#[component]
pub fn Commands(
    /// Whether the palette is open.
    open: RwSignal<bool>,
    /// What it shows.
    face: RwSignal<Face>,
) -> impl IntoView {
    let session = use_session();
    let theme = use_theme();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let typed = RwSignal::new(String::new());
    let rows = RwSignal::new(Vec::<Command>::new());
    // Why WorkSpaces could not be looked for.
    let failed = RwSignal::new(None::<String>);
    let chosen = RwSignal::new(0_usize);
    // What was asked to be done with them when they were last looked for.
    let verb = StoredValue::new(None::<WorkspaceAction>);
    let rest = Debounce::new();
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Where it can't have the focus the dialog has it.
            let _ = field.focus();
        }
    });
    let lines = Memo::new(move |_| {
        let (may, everywhere) = (|one| session.may(one), |one| session.may_everywhere(one));
        let mut lines = found(&typed.get(), may, everywhere);
        lines.extend(rows.get());
        lines
    });
    let search = move |text: String| {
        chosen.set(0);
        typed.set(text.clone());
        failed.set(None);
        let (asked, q) = desktops::asked(&text);
        // A line that does something is not left standing for other words.
        if asked.is_some() || verb.get_value().is_some() {
            rows.set(Vec::new());
        }
        verb.set_value(asked);
        if q.chars().count() < LETTERS || !session.may(Permission::WorkspaceRead) {
            rest.cancel();
            rows.set(Vec::new());
            return;
        }
        let query = WorkspaceQuery { q: Some(q.to_owned()), limit: Some(WORKSPACES), ..WorkspaceQuery::default() };
        rest.run(REST_MS, move || {
            spawn_local(async move {
                let answer = workspaces::list(&query).await;
                if !typed.try_with_untracked(|typed| *typed == text).unwrap_or(false) {
                    return;
                }
                // Pages and actions are there without them.
                let (found, why) = match answer {
                    Ok(page) => {
                        let may = |permission| untrack(|| session.may(permission));
                        (desktops::lines(&page.items, asked, may), None)
                    }
                    Err(error) => (Vec::new(), Some(error.detail())),
                };
                rows.try_set(found);
                failed.try_set(why);
            });
        });
    };
    let choose = Callback::new(move |command: Command| {
        if command.deed != Deed::Keys {
            open.set(false);
        }
        match command.deed {
            Deed::Go(href) => navigate(&href, NavigateOptions::default()),
            Deed::Sync => spawn_local(sync_all(toasts)),
            Deed::Theme => theme.toggle(),
            Deed::Keys => face.set(Face::Keys),
            Deed::SignOut => spawn_local(async move {
                if let Err(error) = session.sign_out().await {
                    toasts.failed("Signing out failed", &error);
                }
            }),
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let count = lines.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|chosen| *chosen = step(*chosen, count, true)),
            "ArrowUp" => chosen.update(|chosen| *chosen = step(*chosen, count, false)),
            "Enter" if !event.is_composing() => {
                if let Some(command) = lines.with_untracked(|lines| lines.get(chosen.get_untracked()).cloned()) {
                    choose.run(command);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="palette">
            <input
                node_ref=field
                class="input"
                type="text"
                role="combobox"
                aria-label="A page, an action, or a person's WorkSpace"
                aria-controls="palette-lines"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-activedescendant=move || format!("palette-{}", chosen.get())
                autocomplete="off"
                spellcheck="false"
                placeholder="A page, an action, or a person’s WorkSpace"
                data-testid="palette-field"
                prop:value=move || typed.get()
                on:input=move |event| search(event_target_value(&event))
                on:keydown=on_key
            />
            <ul id="palette-lines" class="palette-lines" role="listbox" aria-label="Found">
                {move || lines.get().into_iter().enumerate().map(|(at, command)| view! { <Line at command chosen choose/> }).collect_view()}
            </ul>
            <p class="palette-none muted" role="status">
                {move || match failed.get() {
                    Some(why) => Some(format!("WorkSpaces could not be looked for. {why}")),
                    None => lines.with(Vec::is_empty).then(|| NOTHING.to_owned()),
                }}
            </p>
        </div>
    }
}

#[component]
fn Line(at: usize, command: Command, chosen: RwSignal<usize>, choose: Callback<Command>) -> impl IntoView {
    let node = NodeRef::<html::Li>::new();
    Effect::new(move |_| {
        if chosen.get() == at
            && let Some(line) = node.get()
        {
            line.scroll_into_view_with_bool(false);
        }
    });
    let (label, note, icon) = (command.label.clone(), command.note.clone(), command.icon);
    view! {
        <li
            node_ref=node
            id=format!("palette-{at}")
            class="palette-line"
            role="option"
            aria-selected=move || (chosen.get() == at).to_string()
            on:pointermove=move |_| chosen.set(at)
            on:click=move |_| choose.run(command.clone())
        >
            <IconView icon/>
            <span class="palette-label">{label}</span>
            <span class="palette-note">{note}</span>
        </li>
    }
}
