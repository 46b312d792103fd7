//! The dialog that makes a key.

use contract::api_keys::{CreateApiKeyRequest, KEY_NAME_MAX, MadeApiKeyView};
use leptos::prelude::*;

use super::words::permission_words;
use crate::api::api_keys as api;
use crate::components::ui::choice::{Choice, Choices};
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind};
use crate::state::session::{SessionState, use_session};
use crate::state::submit::Submit;

/// A key that was just made, until it was kept.
#[derive(Clone, Copy)]
pub struct Made(pub RwSignal<Option<MadeApiKeyView>>);

const SPANS: [(&str, &str); 4] = [("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never")];

/// The dialog.
#[component]
pub fn CreateKeyDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Told of the key.
    #[prop(into)]
    on_made: Callback<MadeApiKeyView>,
) -> impl IntoView {
    view! {
        <Dialog open title="New API key".to_owned() placement=Placement::Right testid="key-dialog">
            <CreateForm open on_made/>
        </Dialog>
    }
}

#[component]
fn CreateForm(open: RwSignal<bool>, on_made: Callback<MadeApiKeyView>) -> impl IntoView {
    let session = use_session();
    let name = FieldState::new("");
    let days = RwSignal::new("90".to_owned());
    let chosen = RwSignal::new(Vec::<String>::new());
    let submit = Submit::new();
    submit.shows("name", name);
    let rule = rules::text(name, 1..=KEY_NAME_MAX);
    let none = RwSignal::new(false);
    let options = Signal::derive(move || match session.get() {
        SessionState::SignedIn(view) => {
            view.permissions.into_iter().map(|p| (p.clone(), permission_words(&p))).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    });
    let spans = SPANS.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        none.set(chosen.with_untracked(Vec::is_empty));
        let (Some(name), false) = (rules::take(name, rule), none.get_untracked()) else { return };
        let request = CreateApiKeyRequest {
            name,
            permissions: chosen.get_untracked(),
            expires_in_days: days.get_untracked().parse().ok(),
        };
        submit.run(async move { api::create(&request).await }, move |made| {
            submit.close(open);
            on_made.try_run(made);
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField
                    id="key-name" label="Name".to_owned() state=name rule testid="key-name" placeholder="Nightly report"
                    hint="What uses it, so that you know later what a revoked key breaks.".to_owned()
                />
                <Choice id="key-days" label="Ends".to_owned() options=Signal::stored(spans) value=days testid="key-days"/>
                <Choices label="What it may do" options chosen/>
                <Show when=move || none.get() && chosen.with(Vec::is_empty)>
                    <p class="field-error" role="alert">"Choose at least one permission."</p>
                </Show>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="key-save" busy=submit.busy>"Make key"</Button>
            </footer>
        </form>
    }
}
