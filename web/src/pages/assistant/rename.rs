//! The dialogs of the list: another title for a conversation, and the question before one goes.

use contract::assistant::{ConversationView, TITLE_MAX};
use leptos::prelude::*;

use super::talks::title_words;
use crate::api::assistant as api;
use crate::components::ui::confirm::Confirm;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind};
use crate::state::submit::Submit;

/// Which conversation is being renamed or deleted.
#[derive(Clone, Copy)]
pub struct Wanted {
    renaming: RwSignal<bool>,
    deleting: RwSignal<bool>,
    conversation: RwSignal<Option<ConversationView>>,
}

impl Wanted {
    /// None.
    pub fn new() -> Self {
        Self { renaming: RwSignal::new(false), deleting: RwSignal::new(false), conversation: RwSignal::new(None) }
    }

    /// Asks for another title.
    pub fn rename(self, conversation: ConversationView) {
        self.conversation.set(Some(conversation));
        self.renaming.set(true);
    }

    /// Asks whether it may go.
    pub fn delete(self, conversation: ConversationView) {
        self.conversation.set(Some(conversation));
        self.deleting.set(true);
    }
}

/// Both dialogs.
#[component]
pub fn Dialogs(
    wanted: Wanted,
    /// Told what one became.
    #[prop(into)]
    on_renamed: Callback<ConversationView>,
    /// Told which is gone.
    #[prop(into)]
    on_deleted: Callback<ConversationView>,
) -> impl IntoView {
    let submit = Submit::new();
    let title = move || wanted.conversation.with(|c| c.as_ref().map(title_words).unwrap_or_default());
    let delete = move |()| {
        let Some(conversation) = wanted.conversation.get_untracked() else { return };
        submit.run(api::delete(conversation.id), move |()| {
            wanted.deleting.set(false);
            on_deleted.try_run(conversation);
        });
    };
    view! {
        <Dialog open=wanted.renaming title="Rename the conversation".to_owned() testid="rename-dialog">
            {move || wanted.conversation.get_untracked().map(|conversation| view! {
                <RenameForm conversation open=wanted.renaming on_renamed/>
            })}
        </Dialog>
        <Confirm
            open=wanted.deleting submit action="Delete" on_confirm=delete
            title=Signal::derive(move || format!("Delete “{}”?", title()))
            text="Its questions and answers are gone for good.".to_owned()
        />
    }
}

#[component]
fn RenameForm(
    conversation: ConversationView,
    open: RwSignal<bool>,
    on_renamed: Callback<ConversationView>,
) -> impl IntoView {
    let title = FieldState::new(conversation.title);
    let submit = Submit::new();
    submit.shows("title", title);
    let rule = rules::text(title, 1..=TITLE_MAX);
    let (id, version) = (conversation.id, conversation.version);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(title) = rules::take(title, rule) else { return };
        submit.run(api::rename(id, title, version), move |renamed| {
            submit.close(open);
            on_renamed.try_run(renamed);
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField id="conversation-title" label="Title" state=title rule testid="rename-title"/>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="rename-save" busy=submit.busy>"Rename"</Button>
            </footer>
        </form>
    }
}
