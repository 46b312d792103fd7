//! The second factor: turning codes on with a QR code, the recovery codes, turning them off.

use contract::profile::{APP_CODE_MAX, APP_CODE_MIN, ConfirmTotpRequest, ProfileView, TotpSetupView};
use leptos::prelude::*;

use crate::api::profile as api;
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::confirm::Confirm;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::once::ShownOnce;
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind, Icon, Tone};
use crate::format::counted;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// The card.
#[component]
pub fn SecondFactor(view: ProfileView, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let (setting, removing, keeping) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let setup = RwSignal::new(None::<TotpSetupView>);
    let codes = RwSignal::new(Vec::<String>::new());
    let (begin, remove, renew) = (Submit::new(), Submit::new(), Submit::new());
    for submit in [begin, renew] {
        Effect::new(move |_| {
            if let Some(error) = submit.failure.get() {
                toasts.failed("The second factor", &error);
            }
        });
    }
    let start = move |()| {
        begin.run(api::begin_totp(), move |answer| {
            setup.set(Some(answer));
            setting.set(true);
        });
    };
    let show_codes = Callback::new(move |new: Vec<String>| {
        setting.set(false);
        codes.set(new);
        keeping.set(true);
    });
    let again = move |()| {
        renew.run(api::recovery_codes(), move |answer| {
            show_codes.try_run(answer.codes);
        });
    };
    let end = move |()| {
        remove.run(api::remove_totp(), move |()| {
            removing.set(false);
            toasts.done("Codes are turned off");
            changed.try_run(());
        });
    };
    // The card is read again only when the codes were put away, as reading draws it anew; once, though a dialog says twice that it
    // is closed.
    Effect::new(move |_| {
        if !keeping.get() && codes.with_untracked(|codes| !codes.is_empty()) {
            codes.set(Vec::new());
            changed.run(());
        }
    });
    let on = view.second_factor;
    let left = counted(view.recovery_codes_left, "recovery code", "recovery codes");
    view! {
        <section class="card" data-testid="factor-card">
            <div class="card-top">
                <h2 class="card-title">"Second factor"</h2>
                {if on {
                    view! { <Badge tone=Tone::Success glyph=Glyph::Tick text="On" testid="factor-on"/> }
                } else {
                    view! { <Badge tone=Tone::Neutral glyph=Glyph::Ring text="Off" testid="factor-off"/> }
                }}
            </div>
            {if on {
                view! {
                    <p>{format!("Sign-in asks for a code of your authenticator app. {left} left.")}</p>
                    <span class="row-actions">
                        <Button testid="factor-codes" busy=renew.busy on_click=again>"New recovery codes"</Button>
                        <Button kind=ButtonKind::Danger testid="factor-remove" on_click=move |()| removing.set(true)>"Turn off"</Button>
                    </span>
                }
                .into_any()
            } else {
                view! {
                    <p>"With a code of an app on your phone, a stolen password alone opens nothing."</p>
                    <span class="row-actions">
                        <Button kind=ButtonKind::Primary icon=Icon::Lock testid="factor-begin" busy=begin.busy on_click=start>"Turn on"</Button>
                    </span>
                }
                .into_any()
            }}
            <Dialog open=setting title="Turn on codes".to_owned() testid="factor-dialog">
                {move || setup.get().map(|setup| view! { <ConfirmForm setup open=setting on_done=show_codes/> })}
            </Dialog>
            <Dialog open=keeping title="Recovery codes".to_owned() testid="recovery-dialog">
                <div class="dialog-body">
                    <ShownOnce
                        words="Each works once when your phone is away. This is the only time they are shown."
                        text=codes.get_untracked().join("\n") testid="recovery-codes"
                    />
                </div>
                <footer class="dialog-foot">
                    <Button kind=ButtonKind::Primary testid="recovery-kept" on_click=move |()| keeping.set(false)>"I have kept them"</Button>
                </footer>
            </Dialog>
            <Confirm
                open=removing submit=remove action="Turn off" title="Turn off codes?".to_owned()
                text="The password alone will open your account. The recovery codes end, too.".to_owned() on_confirm=end
            />
        </section>
    }
}

#[component]
fn ConfirmForm(setup: TotpSetupView, open: RwSignal<bool>, on_done: Callback<Vec<String>>) -> impl IntoView {
    let code = FieldState::new("");
    let submit = Submit::new();
    submit.shows("code", code);
    let rule = rules::judged(code, |typed| rules::length(&typed.replace(' ', ""), &(APP_CODE_MIN..=APP_CODE_MAX)));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(typed) = rules::take(code, rule) {
            let request = ConfirmTotpRequest { code: typed.replace(' ', "") };
            submit.run(async move { api::confirm_totp(&request).await }, move |answer| {
                on_done.try_run(answer.codes);
            });
        }
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <p>"Scan this with an authenticator app, or type the key into it. Then write the code that it shows."</p>
                <div class="qr" role="img" aria-label="QR code with the key" inner_html=setup.qr_svg></div>
                <p class="qr-key"><code data-testid="factor-secret">{setup.secret}</code></p>
                <FormFailure submit/>
                <TextField
                    id="factor-code" label="Code" state=code rule autocomplete="one-time-code"
                    testid="factor-code"
                />
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="factor-confirm" busy=submit.busy>"Turn on"</Button>
            </footer>
        </form>
    }
}
