//! The page: the list beside the open conversation, or what stands before the first question.

use contract::page::PageQuery;
use domain::access::Permission;
use domain::ids::ConversationId;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::chat::Chat;
use super::composer::Composer;
use super::talks::{Talks, address, title_words};
use super::turn::Turn;
use super::welcome::Welcome;
use crate::api::assistant as api;
use crate::components::ui::states::{EmptyState, ErrorState, Skeleton};
use crate::components::ui::{Button, ButtonSize, Icon};
use crate::state::loader::Loader;
use crate::state::own_param::use_own_param;
use crate::state::session::use_session;
use crate::state::use_title;

/// This near to the end of the page the reader follows what is written, pixels.
const FOLLOWS: f64 = 320.0;

/// The assistant.
#[component]
pub fn AssistantPage() -> impl IntoView {
    let session = use_session();
    let may = Memo::new(move |_| session.may(Permission::AssistantUse));
    move || {
        if may.get() {
            view! { <Desk/> }.into_any()
        } else {
            view! {
                <h1 class="visually-hidden">"Assistant"</h1>
                <EmptyState
                    icon=Icon::Lock title="You may not use the assistant"
                    text="None of your roles has the permission assistant:use. Somebody who administers Wheelhouse can give you one that does."
                />
            }
            .into_any()
        }
    }
}

#[component]
fn Desk() -> impl IntoView {
    let chat = Chat::new();
    let page = Loader::once(|| async { api::conversations(&PageQuery::default()).await });
    let status = Loader::once(api::status);
    let named = use_own_param("/assistant", "id");
    let here = Memo::new(move |_| {
        let id = named.get()?;
        // What is no id is nobody's: the server says so as of any other that is not there.
        Some(id.parse().unwrap_or(ConversationId(uuid::Uuid::nil())))
    });
    Effect::new(move |_| chat.open(here.get()));
    let title = Memo::new(move |_| chat.conversation.with(|c| c.as_ref().map(title_words)));
    use_title(move || Some(title.get().unwrap_or_else(|| "Assistant".to_owned())));
    // The first question gives a conversation its title: the list knows it first.
    Effect::new(move |_| {
        let newest = page.data.with(|page| {
            let open = chat.id.get()?;
            page.as_ref()?.items.iter().find(|one| one.id == open).cloned()
        });
        if let Some(newest) = newest
            && chat.conversation.with_untracked(|known| known.as_ref().is_some_and(|known| *known != newest))
        {
            chat.conversation.set(Some(newest));
        }
    });
    // Tokens are counted when an answer has ended.
    Effect::new(move |before: Option<bool>| {
        let answering = chat.answering.get().is_some();
        if before == Some(true) && !answering {
            status.reload();
        }
        answering
    });
    Effect::new(move |before: Option<()>| {
        let asked = chat.grown.get();
        if before.is_some() {
            follow(asked);
        }
    });
    let navigate = StoredValue::new_local(use_navigate());
    let sent = Callback::new(move |id: ConversationId| {
        page.reload();
        if here.get_untracked() != Some(id) {
            navigate.with_value(|go| go(&address(Some(id)), NavigateOptions { scroll: false, ..Default::default() }));
        }
    });
    let quotas = Signal::derive(move || {
        status.data.with(|status| {
            let of = |s: &contract::assistant::AssistantView| [vec![s.quota.clone()], s.team_quotas.clone()].concat();
            status.as_ref().map(of).unwrap_or_default()
        })
    });
    let ask = move |question: String| chat.ask(question, move |id| sent.run(id));
    let known = Memo::new(move |_| chat.conversation.with(Option::is_some));
    view! {
        <div class="desk">
            <Talks chat page/>
            <section class="chat" aria-label="Conversation">
                {move || match (chat.id.get(), chat.failure.get(), known.get()) {
                    (None, ..) => view! { <Welcome status on_ask=ask/> }.into_any(),
                    (Some(_), Some(error), _) => view! {
                        <h1 class="visually-hidden">"Assistant"</h1>
                        <ErrorState error on_retry=move |()| chat.read()/>
                    }.into_any(),
                    (Some(_), None, false) => view! {
                        <h1 class="visually-hidden">"Assistant"</h1>
                        <Skeleton lines=6/>
                    }.into_any(),
                    (Some(_), None, true) => view! { <Open chat title/> }.into_any(),
                }}
                <div class="chat-foot" hidden=move || chat.failure.with(Option::is_some)><Composer chat quotas on_sent=sent/></div>
            </section>
        </div>
    }
}

/// The turns of the open conversation.
#[component]
fn Open(chat: Chat, title: Memo<Option<String>>) -> impl IntoView {
    view! {
        <h1 class="chat-title" data-testid="conversation-title">{move || title.get()}</h1>
        {move || chat.earlier.get().map(|_| view! {
            <p class="chat-earlier"><Button size=ButtonSize::Small on_click=move |()| chat.read_earlier()>"Earlier questions"</Button></p>
        })}
        <div class="turns">
            <For each=move || chat.turns.get() key=|(id, _)| *id children=move |(id, turn)| view! { <Turn id turn chat/> }/>
        </div>
    }
}

/// Goes to the end of the page, once what was added is drawn: when the reader asked for it or is near it anyway.
fn follow(asked: bool) {
    request_animation_frame(move || {
        let Some(root) = document().document_element() else { return };
        let seen = window().scroll_y().unwrap_or(0.0) + f64::from(root.client_height());
        let end = f64::from(root.scroll_height());
        if asked || end - seen < FOLLOWS {
            window().scroll_to_with_x_and_y(0.0, end);
        }
    });
}
