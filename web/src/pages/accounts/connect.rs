//! The drawer that connects an account.

use contract::accounts::AccountView;
use domain::account::CredentialKind;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::regions_field::RegionsField;
use super::state::Draft;
use crate::api::{ApiError, accounts as api};
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::field::{FieldState, FormField, TextField};
use crate::components::ui::{Button, ButtonKind, Icon, IconView};

/// The drawer.
#[component]
pub fn ConnectDrawer(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Told of the account when it is connected.
    #[prop(into)]
    on_connected: Callback<AccountView>,
) -> impl IntoView {
    // The fields live here and not in the drawer's content, so that closing it by mistake loses nothing.
    let form = Form::new();
    view! {
        <Dialog open title="Connect an AWS account".to_owned() placement=Placement::Right>
            <ConnectForm form open on_connected/>
        </Dialog>
    }
}

#[derive(Clone, Copy)]
struct Form {
    name: FieldState,
    regions: RwSignal<Vec<String>>,
    typing: FieldState,
    credentials: RwSignal<CredentialKind>,
    role_arn: FieldState,
    external_id: FieldState,
    endpoint_url: FieldState,
}

impl Form {
    fn new() -> Self {
        Self {
            name: FieldState::new(""),
            regions: RwSignal::new(Vec::new()),
            typing: FieldState::new(""),
            credentials: RwSignal::new(CredentialKind::Role),
            role_arn: FieldState::new(""),
            external_id: FieldState::new(""),
            endpoint_url: FieldState::new(""),
        }
    }

    fn draft(self) -> Draft {
        Draft {
            name: self.name.value.get(),
            regions: self.regions.get(),
            typing: self.typing.value.get(),
            credentials: self.credentials.get(),
            role_arn: self.role_arn.value.get(),
            external_id: self.external_id.value.get(),
            endpoint_url: self.endpoint_url.value.get(),
        }
    }

    fn fields(self) -> [(&'static str, FieldState); 5] {
        [
            ("name", self.name),
            ("regions", self.typing),
            ("role_arn", self.role_arn),
            ("external_id", self.external_id),
            ("endpoint_url", self.endpoint_url),
        ]
    }

    fn clear(self) {
        for (_, field) in self.fields() {
            field.value.set(String::new());
            field.touched.set(false);
            field.refused.set(None);
        }
        self.regions.set(Vec::new());
    }

    /// Puts what the server said on its fields; `regions.0` belongs to `regions`.
    fn refuse(self, error: &ApiError) {
        for (path, words) in error.fields() {
            let field = path.split(['.', '[']).next().unwrap_or_default();
            if let Some((_, state)) = self.fields().iter().find(|(name, _)| *name == field) {
                state.refused.set(Some(words));
            }
        }
    }
}

#[component]
fn ConnectForm(form: Form, open: RwSignal<bool>, on_connected: Callback<AccountView>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);
    let wrong = Memo::new(move |_| form.draft().check().1);
    let rule = move |field: &'static str| {
        Signal::derive(move || wrong.with(|w| w.iter().find(|(f, _)| f == field).map(|(_, words)| words.clone())))
    };
    // What the server said of the regions goes with them.
    Effect::new(move |before: Option<(Vec<String>, String)>| {
        let now = (form.regions.get(), form.typing.value.get());
        if before.is_some_and(|before| before != now) {
            form.typing.refused.set(None);
        }
        now
    });
    let regions_rule = rule("regions");
    let regions_error = Signal::derive(move || form.typing.shown(regions_rule.get()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        for (_, field) in form.fields() {
            field.touched.set(true);
        }
        let (request, wrong) = untrack(|| form.draft().check());
        if !wrong.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = api::create(&request).await;
            busy.try_set(false);
            match answer {
                Ok(account) => {
                    form.clear();
                    open.set(false);
                    on_connected.try_run(account);
                }
                Err(error) => {
                    form.refuse(&error);
                    failure.try_set(Some(error));
                }
            }
        });
    };
    let role = move || form.credentials.get() == CredentialKind::Role;
    let endpoint_hint = Signal::derive(move || {
        Some(match form.credentials.get() {
            CredentialKind::Simulated => "Where the simulated AWS listens.".to_owned(),
            _ => "Only for an emulator or a VPC endpoint; empty for AWS itself.".to_owned(),
        })
    });
    view! {
        <form class="form drawer-form" novalidate on:submit=submit>
            <div class="dialog-body">
                {move || failure.get().map(|error| view! {
                    <div class="notice notice-danger" role="alert">
                        <IconView icon=Icon::Alert/>
                        <p>{error.detail()}</p>
                    </div>
                })}
                <TextField
                    id="account-name" label="Name" state=form.name rule=rule("name") testid="account-name"
                    placeholder="Production" hint="A name of your own; it tells this account from the others.".to_owned()
                />
                <RegionsField
                    regions=form.regions typing=form.typing.value error=regions_error
                    on_touch=move |()| form.typing.touched.set(true)
                />
                <Credentials chosen=form.credentials/>
                <Show when=role>
                    <TextField
                        id="account-role" label="Role ARN" state=form.role_arn rule=rule("role_arn") testid="account-role"
                        placeholder="arn:aws:iam::123456789012:role/wheelhouse"
                    />
                    <TextField
                        id="account-external" label="External id" state=form.external_id rule=rule("external_id")
                        testid="account-external" hint="The one that the role's trust policy asks for.".to_owned()
                    />
                </Show>
                <TextField
                    id="account-endpoint" label="Endpoint URL" state=form.endpoint_url rule=rule("endpoint_url") kind="url"
                    testid="account-endpoint" placeholder="https://…" hint=endpoint_hint
                />
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="account-save" busy=busy>"Connect"</Button>
            </footer>
        </form>
    }
}

#[component]
fn Credentials(chosen: RwSignal<CredentialKind>) -> impl IntoView {
    let words = |kind| match kind {
        CredentialKind::Role => "Assume a role (for another account)",
        CredentialKind::Chain => "The server's own AWS credentials",
        CredentialKind::Simulated => "Simulated AWS (demo)",
    };
    let options = [CredentialKind::Role, CredentialKind::Chain, CredentialKind::Simulated]
        .into_iter()
        .map(|kind| {
            view! { <option value=kind.as_str() selected=move || chosen.get() == kind>{words(kind)}</option> }
        })
        .collect_view();
    view! {
        <FormField id="account-credentials" label="Credentials" error=Signal::derive(|| None::<String>)>
            <select
                class="input select"
                id="account-credentials"
                data-testid="account-credentials"
                on:change=move |event| {
                    if let Ok(kind) = event_target_value(&event).parse() {
                        chosen.set(kind);
                    }
                }
            >
                {options}
            </select>
        </FormField>
    }
}
