//! The list of one's conversations. On a narrow screen it is folded behind a button.

use contract::assistant::ConversationView;
use contract::page::{Page, PageQuery};
use domain::ids::ConversationId;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::chat::Chat;
use super::rename::{Dialogs, Wanted};
use crate::api::assistant as api;
use crate::components::ui::states::{ErrorState, Skeleton, StaleNotice};
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonSize, Icon, IconButton, IconView};
use crate::state::loader::Loader;
use crate::state::rows::merge;
use crate::state::submit::Submit;

/// The address of a conversation; none is the place for a new one.
pub fn address(id: Option<ConversationId>) -> String {
    id.map_or_else(|| "/assistant".to_owned(), |id| format!("/assistant/{id}"))
}

/// What a conversation is called: before its first question was answered for, it has no title.
pub fn title_words(conversation: &ConversationView) -> String {
    let title = conversation.title.trim();
    if title.is_empty() { "New conversation".to_owned() } else { title.to_owned() }
}

/// The list.
#[component]
pub fn Talks(
    chat: Chat,
    /// Its newest page.
    page: Loader<Page<ConversationView>>,
) -> impl IntoView {
    let (unfolded, wanted, more) = (RwSignal::new(false), Wanted::new(), Submit::new());
    // Pages after the first, with where the next begins.
    let older = RwSignal::new(None::<Page<ConversationView>>);
    let next = move || match older.get() {
        Some(older) => older.next_cursor,
        None => page.data.with(|page| page.as_ref().and_then(|page| page.next_cursor.clone())),
    };
    let all = Memo::new(move |_| {
        let mut all = page.data.with(|page| page.as_ref().map(|page| page.items.clone()).unwrap_or_default());
        older.with(|older| {
            for one in older.iter().flat_map(|older| &older.items) {
                if !all.iter().any(|known| known.id == one.id) {
                    all.push(one.clone());
                }
            }
        });
        all
    });
    let read_older = move |()| {
        let query = PageQuery { cursor: untrack(next), ..PageQuery::default() };
        more.run(async move { api::conversations(&query).await }, move |mut read| {
            older.update(|older| {
                let mut items = older.take().map(|older| older.items).unwrap_or_default();
                items.append(&mut read.items);
                *older = Some(Page { items, ..read });
            });
        });
    };
    let rows = RwSignal::new(Vec::new());
    Effect::new(move |_| all.with(|all| merge(rows, all, |one| one.id)));
    let navigate = StoredValue::new_local(use_navigate());
    let renamed = move |conversation: ConversationView| {
        if chat.id.get_untracked() == Some(conversation.id) {
            chat.conversation.set(Some(conversation));
        }
        older.set(None);
        page.reload();
    };
    let deleted = move |conversation: ConversationView| {
        if chat.id.get_untracked() == Some(conversation.id) {
            navigate.with_value(|go| go(&address(None), NavigateOptions { replace: true, ..Default::default() }));
        }
        older.set(None);
        page.reload();
    };
    // Going to one folds the list.
    Effect::new(move |_| {
        chat.id.track();
        unfolded.set(false);
    });
    view! {
        <aside class="talks" aria-label="Conversations">
            <div class="talks-head">
                <a class="btn btn-secondary" href=address(None) data-testid="conversation-new">
                    <IconView icon=Icon::Plus/>
                    "New conversation"
                </a>
                <button
                    class="btn btn-secondary talks-fold" type="button" data-testid="conversations-unfold"
                    aria-expanded=move || unfolded.get().to_string() aria-controls="conversations"
                    on:click=move |_| unfolded.update(|u| *u = !*u)
                >
                    "Conversations"
                    <IconView icon=Icon::Down/>
                </button>
            </div>
            <div class="talks-body" class:talks-unfolded=move || unfolded.get() id="conversations">
                {move || match (page.error.get(), page.blank()) {
                    (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| page.reload()/> }.into_any()),
                    (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| page.reload()/> }.into_any()),
                    (None, true) => Some(view! { <Skeleton lines=4/> }.into_any()),
                    (None, false) => all.with(Vec::is_empty).then(|| view! {
                        <p class="talks-none">"What you ask is kept here, for you alone."</p>
                    }.into_any()),
                }}
                <ul class="talk-list">
                    <For each=move || rows.get() key=|(id, _)| *id children=move |(id, one)| view! { <Talk id one chat wanted/> }/>
                </ul>
                {move || next().map(|_| view! {
                    <Button size=ButtonSize::Small busy=more.busy on_click=read_older>"Older ones"</Button>
                })}
            </div>
        </aside>
        <Dialogs wanted on_renamed=renamed on_deleted=deleted/>
    }
}

#[component]
fn Talk(id: ConversationId, one: ArcRwSignal<ConversationView>, chat: Chat, wanted: Wanted) -> impl IntoView {
    let one = RwSignal::from(one);
    let title = Memo::new(move |_| one.with(title_words));
    let updated_at = Memo::new(move |_| one.with(|one| one.updated_at));
    let label = move |verb: &'static str| Signal::derive(move || format!("{verb} “{}”", title.get()));
    let open = move || chat.id.get() == Some(id);
    view! {
        <li class="talk" class:talk-open=open data-testid="conversation" data-name=move || title.get()>
            <a class="talk-link" href=address(Some(id)) aria-current=move || open().then_some("page")>
                <span class="talk-title">{move || title.get()}</span>
                <span class="talk-time">{move || view! { <RelativeTime at=updated_at.get()/> }}</span>
            </a>
            <span class="talk-actions">
                <IconButton
                    icon=Icon::Pencil label=label("Rename") testid="conversation-rename"
                    on_click=move |()| wanted.rename(one.get_untracked())
                />
                <IconButton
                    icon=Icon::Bin label=label("Delete") testid="conversation-delete"
                    on_click=move |()| wanted.delete(one.get_untracked())
                />
            </span>
        </li>
    }
}
