//! The form with which somebody asks for something. What is missing is said before it is sent, in the API's words.

use contract::requests::{BUNDLE_MAX, CreateRequestRequest, NOTE_MAX};
use domain::requests::RequestKind;
use domain::requests::rules::check;
use leptos::prelude::*;

use super::state::kinds;
use crate::api::requests as api;
use crate::components::ui::choice::Choice;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules::length;
use crate::components::ui::states::FormFailure;
use crate::components::ui::text_area::TextArea;
use crate::components::ui::{Button, ButtonKind, Tone};
use crate::format::rule_words;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// The form.
#[component]
pub fn AskForm(
    /// Whether the drawer is open.
    open: RwSignal<bool>,
    /// One's desktops: id and name of each, as far as they are known.
    desktops: Signal<Vec<(String, String)>>,
    /// Told when it was sent.
    #[prop(into)]
    on_sent: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    // Where there were none, as after a failed read, those that come are taken; those that there are stay while somebody chooses.
    let offered = Memo::new(move |before: Option<&Vec<(String, String)>>| match before {
        Some(before) if !before.is_empty() => before.clone(),
        _ => desktops.get(),
    });
    let choices = Signal::derive(move || kinds(offered.with(|all| !all.is_empty())));
    let first = |all: &Vec<(String, String)>| all.first().map(|(value, _)| value.clone()).unwrap_or_default();
    let kind = RwSignal::new(choices.with_untracked(first));
    let desktop = RwSignal::new(offered.with_untracked(first));
    Effect::new(move |_| {
        let known = offered.with(first);
        if desktop.with_untracked(String::is_empty) {
            desktop.set(known);
        }
    });
    let (bundle, note) = (FieldState::new(""), FieldState::new(""));
    let chosen = move || kind.get().parse::<RequestKind>().unwrap_or(RequestKind::Other);
    let about = Memo::new(move |_| matches!(chosen(), RequestKind::OtherBundle | RequestKind::Rebuild));
    let asks_bundle = Memo::new(move |_| matches!(chosen(), RequestKind::OtherBundle | RequestKind::NewDesktop));
    let rule = move |field: &'static str, state: FieldState, most: usize| {
        Signal::derive(move || {
            let filled = |state: FieldState| state.value.with(|v| !v.trim().is_empty());
            let wrong = check(chosen(), about.get(), asks_bundle.get() && filled(bundle), filled(note));
            let missing = wrong.into_iter().find(|bad| bad.field == field).map(|bad| rule_words(bad.message));
            missing.or_else(|| length(&state.trimmed(), &(0..=most)))
        })
    };
    let (bundle_rule, note_rule) = (rule("bundle", bundle, BUNDLE_MAX), rule("note", note, NOTE_MAX));
    let submit = Submit::new();
    submit.shows("bundle", bundle);
    submit.shows("note", note);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        bundle.touched.set(true);
        note.touched.set(true);
        if untrack(|| asks_bundle.get() && bundle_rule.get().is_some() || note_rule.get().is_some()) {
            return;
        }
        let request = untrack(|| CreateRequestRequest {
            kind: chosen(),
            workspace_id: about.get().then(|| desktop.get().parse().ok()).flatten(),
            bundle: Some(bundle.trimmed()).filter(|text| asks_bundle.get() && !text.is_empty()),
            note: note.trimmed(),
        });
        submit.run(async move { api::create(&request).await }, move |_| {
            toasts.show(Tone::Success, "Your request was sent".to_owned(), None);
            submit.close(open);
            on_sent.try_run(());
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <Choice id="ask-kind" label="What do you need?".to_owned() options=choices value=kind testid="ask-kind"/>
                <Show when=move || about.get()>
                    <Choice id="ask-desktop" label="Which desktop?".to_owned() options=offered value=desktop testid="ask-desktop"/>
                </Show>
                <Show when=move || chosen() == RequestKind::Rebuild>
                    <p class="notice notice-warning">"A rebuild makes the desktop anew from its image. What is on its system drive is gone afterwards; say below if you need something from it."</p>
                </Show>
                <Show when=move || asks_bundle.get()>
                    <TextField
                        id="ask-bundle" label="Bundle".to_owned() state=bundle rule=bundle_rule testid="ask-bundle"
                        hint=Some("In your own words: more memory, a graphics card …".to_owned()) placeholder="Performance"
                    />
                </Show>
                <TextArea
                    id="ask-note" label="Anything to say about it?".to_owned() state=note rule=note_rule rows="5" testid="ask-note"
                />
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="ask-send" busy=submit.busy>"Send request"</Button>
            </footer>
        </form>
    }
}
