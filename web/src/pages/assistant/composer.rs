//! Where one asks. What was typed stays until it was sent.

use contract::assistant::{QUESTION_MAX, QuotaView};
use domain::ids::ConversationId;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::chat::Chat;
use super::words::quota_words;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::format::thousands;

/// From here on the reader is told how many characters are left.
const TELL_FROM: usize = QUESTION_MAX - 200;
/// A window that is narrower may have a keyboard on screen, which comes up with the focus.
const WIDE: f64 = 1100.0;

/// The box with its buttons, and what is to be said about tokens.
#[component]
pub fn Composer(
    /// The open conversation.
    chat: Chat,
    /// Tokens of this month: one's own and one's teams'.
    #[prop(into)]
    quotas: Signal<Vec<QuotaView>>,
    /// Told when a question is there.
    #[prop(into)]
    on_sent: Callback<ConversationId>,
) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let draft = RwSignal::new(String::new());
    let answering = move || chat.answering.get().is_some();
    Effect::new(move |_| {
        let wide = window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width > WIDE);
        if let Some(node) = node.get().filter(|_| chat.id.get().is_none() && wide) {
            // A box that can't take the focus leaves it where it is.
            let _ = node.focus();
        }
    });
    let send = move || {
        let question = draft.with_untracked(|draft| draft.trim().to_owned());
        if question.is_empty() || untrack(answering) {
            return;
        }
        let typed = draft.get_untracked();
        chat.ask(question, move |id| {
            if draft.try_with_untracked(|now| *now == typed) == Some(true) {
                draft.set(String::new());
            }
            on_sent.run(id);
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let reason =
        Signal::derive(move || draft.with(|d| d.trim().is_empty()).then(|| "Write a question first".to_owned()));
    let left = move || {
        let typed = draft.with(|draft| draft.chars().count());
        (typed >= TELL_FROM)
            .then(|| format!("{} characters left", thousands(QUESTION_MAX.saturating_sub(typed) as u64)))
    };
    let notices = move || {
        let said = quotas.get().iter().filter_map(quota_words).collect::<Vec<_>>();
        said.into_iter()
            .map(|(tone, words)| {
                view! {
                    <div class=format!("notice notice-{}", tone.as_str()) data-testid="quota">
                        <IconView icon=Icon::Info/><p>{words}</p>
                    </div>
                }
            })
            .collect_view()
    };
    view! {
        <form
            class="composer"
            on:submit=move |event: ev::SubmitEvent| {
                event.prevent_default();
                send();
            }
        >
            {notices}
            <FormFailure submit=chat.asking/>
            <div class="composer-box">
                <label class="visually-hidden" for="question">"Your question"</label>
                <textarea
                    class="composer-text"
                    id="question"
                    rows="1"
                    maxlength=QUESTION_MAX.to_string()
                    placeholder="Ask about your fleet"
                    aria-describedby="question-hint"
                    data-testid="question"
                    node_ref=node
                    prop:value=move || draft.get()
                    on:input=move |event| draft.set(event_target_value(&event))
                    on:keydown=on_key
                ></textarea>
                {move || if answering() {
                    view! { <Button icon=Icon::Stop testid="stop" on_click=move |()| chat.stop()>"Stop"</Button> }.into_any()
                } else {
                    view! { <Button kind=ButtonKind::Primary icon=Icon::Send testid="ask" reason busy=chat.asking.busy>"Ask"</Button> }.into_any()
                }}
            </div>
            <p class="composer-hint" id="question-hint">
                <span>"Enter asks, Shift and Enter begin a new line"</span>
                <span aria-live="polite">{left}</span>
            </p>
        </form>
    }
}
