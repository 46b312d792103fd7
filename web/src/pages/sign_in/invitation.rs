//! Where an invitation's link leads: a name and a password make a user of whoever was invited.

use contract::invitations::AcceptInvitationRequest;
use contract::users::NAME_MAX;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use crate::api::session as api;
use crate::components::layout::gate::Gate;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::new_password::{NewPassword, NewPasswordFields};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind};
use crate::pages::setup::token;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::use_title;

/// The page of the link.
#[component]
pub fn InvitationPage() -> impl IntoView {
    use_title(|| Some("Invitation".to_owned()));
    let location = use_location();
    match token(&location.search.get_untracked(), &location.hash.get_untracked()) {
        Some(token) => view! {
            <Gate title="You are invited" lead="Choose a name and a password, and come aboard."><AcceptForm token/></Gate>
        },
        None => view! {
            <Gate title="The link is not whole" lead="It has no token. Open the whole link of the invitation.">
                <p class="gate-actions"><a class="btn btn-secondary" href="/sign-in">"To the sign-in"</a></p>
            </Gate>
        },
    }
}

#[component]
fn AcceptForm(token: String) -> impl IntoView {
    let name = FieldState::new("");
    let rule = rules::text(name, 1..=NAME_MAX);
    let state = NewPassword::new();
    let submit = Submit::new();
    submit.shows("display_name", name);
    submit.shows("password", state.password);
    let session = use_session();
    let navigate = StoredValue::new_local(use_navigate());
    let token = StoredValue::new(token);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = (rules::take(name, rule), state.take());
        if let (Some(display_name), Some(password)) = given {
            let request = AcceptInvitationRequest { token: token.get_value(), display_name, password };
            submit.run(async move { api::accept(&request).await }, move |()| {
                spawn_local(async move {
                    // What fails here is shown by the page that is gone to.
                    let _ = session.read().await;
                    let home = NavigateOptions { replace: true, ..NavigateOptions::default() };
                    navigate.try_with_value(|navigate| navigate("/", home));
                });
            });
        }
    };
    view! {
        <form class="form" novalidate on:submit=send>
            <FormFailure submit/>
            <TextField
                id="name" label="Your name" state=name rule autocomplete="name" testid="accept-name"
            />
            <NewPasswordFields state/>
            <Button kind=ButtonKind::Primary testid="accept-submit" busy=submit.busy>"Accept and sign in"</Button>
        </form>
    }
}
