//! The dialog that asks again who is there, before something dangerous goes on. It knows no action: whatever was refused for
//! want of a fresh proof waits behind it. Only who proves it at the OpenID provider leaves the page, and does it again after.

use contract::oidc::OidcProofRequest;
use contract::profile::{MailRequest, ProfileView};
use contract::session::{CODE_MAX, PASSWORD_MAX, ProofRequest};
use leptos::prelude::*;

use super::fetched::Fetched;
use crate::api::{profile, session as api};
use crate::chunk::chunk;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::{FormFailure, Loaded};
use crate::components::ui::{Button, ButtonKind};
use crate::state::loader::Loader;
use crate::state::sso::go_proving;
use crate::state::step_up::{StepUp, Way, use_step_up, ways};
use crate::state::submit::Submit;

/// The longest address that a proof elsewhere comes back to, bytes.
const RETURN_MAX: usize = 500;

/// What is in the dialog.
type Inside = fn(StepUp) -> AnyView;

// The code of what is in the dialog is a file of its own (see `pages::chunks`): few people meet it on a day.
chunk!(proof: load_inside, preload_inside -> Inside = asked);

/// The dialog; once in the page.
#[component]
pub fn StepUpDialog() -> impl IntoView {
    let step_up = use_step_up();
    let inside = Fetched::when(step_up.open, load_inside);
    view! {
        <Dialog open=step_up.open title="Confirm that it is you".to_owned() testid="step-up">
            {move || inside.show(|inside| inside(step_up))}
        </Dialog>
    }
}

/// What is asked depends on who is there.
fn asked(step_up: StepUp) -> AnyView {
    let loader = Loader::once(|| async {
        let (profile, setup) = futures::future::try_join(profile::get(), api::setup()).await?;
        Ok((ways(&profile, setup.mail), profile))
    });
    let show = Callback::new(move |(ways, profile): (Vec<Way>, ProfileView)| {
        view! { <Ways step_up ways profile/> }.into_any()
    });
    view! { <Loaded loader lines=3 show/> }.into_any()
}

#[component]
fn Ways(step_up: StepUp, ways: Vec<Way>, profile: ProfileView) -> impl IntoView {
    let Some(&first) = ways.first() else {
        return view! {
            <div class="dialog-body"><p>"You have no password here. Set one by “Forgot the password?” on the sign-in page, then come back."</p></div>
            <footer class="dialog-foot"><Button on_click=move |()| step_up.answer(false)>"Close"</Button></footer>
        }
        .into_any();
    };
    let way = RwSignal::new(first);
    let email = StoredValue::new(profile.email);
    let others = move || {
        let here = way.get();
        let others = ways.iter().copied().filter(move |other| *other != here);
        others
            .map(|other| {
                view! {
                    <button class="link-btn" type="button" data-testid=format!("proof-by-{}", other.key()) on:click=move |_| way.set(other)>
                        {other.words()}
                    </button>
                }
            })
            .collect_view()
    };
    let others = StoredValue::new_local(others);
    view! {
        {move || {
            let others = move || others.with_value(|others| others());
            match way.get() {
                Way::Elsewhere => view! { <Elsewhere step_up>{others()}</Elsewhere> }.into_any(),
                way => view! { <ProofForm step_up way email=email.get_value()>{others()}</ProofForm> }.into_any(),
            }
        }}
    }
    .into_any()
}

#[component]
fn ProofForm(step_up: StepUp, way: Way, email: String, children: Children) -> impl IntoView {
    let proof = FieldState::new("");
    let rule = rules::text(proof, 1..=if way == Way::Password { PASSWORD_MAX } else { CODE_MAX });
    let submit = Submit::new();
    submit.shows("email_code", proof);
    // What was said about the mail; without it there is no code to type yet.
    let sent = RwSignal::new(None::<String>);
    let typing = move || way != Way::Mail || sent.with(Option::is_some);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !untrack(typing) {
            let request = MailRequest { email: email.clone() };
            submit.run(async move { api::send_code(&request).await }, move |answer| sent.set(Some(answer.detail)));
        } else if rules::take(proof, rule).is_some() {
            // A password's blanks are part of it.
            let typed = proof.value.get_untracked();
            let typed = |is: Way| (way == is).then(|| typed.clone());
            let request =
                ProofRequest { password: typed(Way::Password), code: typed(Way::App), email_code: typed(Way::Mail) };
            submit.run(async move { api::prove(&request).await }, move |()| step_up.answer(true));
        }
    };
    let field = move || {
        typing().then(|| match way {
            Way::Password => view! {
                <TextField
                    id="proof-password" label="Your password" state=proof rule kind="password"
                    autocomplete="current-password" testid="proof-password"
                />
            }
            .into_any(),
            _ => view! {
                <TextField
                    id="proof-code" label=if way == Way::App { "Code of your authenticator app" } else { "Code of the mail" }
                    state=proof rule autocomplete="one-time-code" testid="proof-code"
                />
            }
            .into_any(),
        })
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <p class="muted">"This changes who may do what. Confirm who you are; it then goes on by itself."</p>
                {move || sent.get().map(|words| view! { <p role="status">{words}</p> })}
                <FormFailure submit/>
                {field}
                {children()}
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| step_up.answer(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="proof-send" busy=submit.busy>
                    {move || if typing() { "Confirm" } else { "Send a code" }}
                </Button>
            </footer>
        </form>
    }
}

#[component]
fn Elsewhere(step_up: StepUp, children: Children) -> impl IntoView {
    let submit = Submit::new();
    let leave = move |()| {
        let here = window().location();
        let (path, search) = (here.pathname().unwrap_or_default(), here.search().unwrap_or_default());
        // Filters that are too many to be carried along are left behind.
        let search = if path.len() + search.len() <= RETURN_MAX { search } else { String::new() };
        let request = OidcProofRequest { return_to: Some(path + &search) };
        submit.run(async move { api::prove_elsewhere(&request).await }, |there| go_proving(&there.url));
    };
    view! {
        <div class="dialog-body">
            <p>"This changes who may do what. Sign in once more at your sign-in service; you come back to this page, and do it again."</p>
            <FormFailure submit/>
            {children()}
        </div>
        <footer class="dialog-foot">
            <Button on_click=move |()| step_up.answer(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Primary testid="proof-elsewhere" busy=submit.busy on_click=leave>"Sign in again"</Button>
        </footer>
    }
}
