//! Single sign-on: joining a person of the provider to oneself, and leaving. Nothing where no provider is set up.

use contract::profile::{JoinedView, ProfileView};
use leptos::prelude::*;

use crate::api::{profile as api, session};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::confirm::Confirm;
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonKind, Tone};
use crate::state::loader::Loader;
use crate::state::sso::go;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// The card.
#[component]
pub fn SingleSignOnCard(view: ProfileView, changed: Callback<()>) -> impl IntoView {
    let provider = Loader::once(session::single_sign_on);
    let (joined, has_password) = (view.single_sign_on, view.has_password);
    move || {
        let name = provider.data.with(|view| view.as_ref().and_then(|view| view.name.clone()))?;
        Some(match joined.clone() {
            Some(joined) => view! { <Joined name joined has_password changed/> }.into_any(),
            None => view! { <Apart name/> }.into_any(),
        })
    }
}

#[component]
fn Apart(name: String) -> impl IntoView {
    let toasts = use_toasts();
    let submit = Submit::new();
    Effect::new(move |_| {
        if let Some(error) = submit.failure.get() {
            toasts.failed("Single sign-on", &error);
        }
    });
    let join = move |()| submit.run(api::join(), |there| go(&there.url));
    view! {
        <section class="card" data-testid="sso-card">
            <div class="card-top">
                <h2 class="card-title">"Single sign-on"</h2>
                <Badge tone=Tone::Neutral glyph=Glyph::Ring text="Not joined" testid="sso-apart"/>
            </div>
            <p>{format!("Join your account at {name} to yourself, and sign in there instead of with a password.")}</p>
            <span class="row-actions"><Button testid="sso-join" busy=submit.busy on_click=join>"Join"</Button></span>
        </section>
    }
}

#[component]
fn Joined(name: String, joined: JoinedView, has_password: bool, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let submit = Submit::new();
    let leave = move |()| {
        submit.run(api::leave(), move |()| {
            asking.set(false);
            toasts.done("You left single sign-on");
            changed.try_run(());
        });
    };
    let reason = (!has_password).then(|| "Without a password it is your only way in".to_owned());
    view! {
        <section class="card" data-testid="sso-card">
            <div class="card-top">
                <h2 class="card-title">"Single sign-on"</h2>
                <Badge tone=Tone::Success glyph=Glyph::Tick text="Joined" testid="sso-joined"/>
            </div>
            <dl class="facts">
                <div class="fact"><dt>"Service"</dt><dd>{name.clone()}<span class="cell-sub">{joined.issuer}</span></dd></div>
                <div class="fact"><dt>"Joined"</dt><dd><RelativeTime at=joined.since/></dd></div>
                <div class="fact"><dt>"Last sign-in there"</dt><dd><RelativeTime at=joined.last_sign_in_at/></dd></div>
            </dl>
            <span class="row-actions">
                <Button kind=ButtonKind::Danger testid="sso-leave" reason=Signal::stored(reason) on_click=move |()| asking.set(true)>
                    "Leave"
                </Button>
            </span>
            <Confirm
                open=asking submit action="Leave" title="Leave single sign-on?".to_owned() on_confirm=leave
                text=format!("You then sign in with your password only. Your account at {name} stays as it is.")
            />
        </section>
    }
}
