//! The open conversation: reads it, asks, has answers phrased, stops, rates. One answer at a time; leaving the page or the
//! conversation ends it.

use contract::assistant::{ConversationDetailView, ConversationView, Thumb, TurnView};
use contract::page::PageQuery;
use domain::ids::{ConversationId, TurnId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::Shown;
use crate::api::stream::Running;
use crate::api::{ApiError, assistant as api};
use crate::state::optimistic;
use crate::state::rows::Rows;
use crate::state::submit::Submit;
use crate::state::toasts::{Toasts, use_toasts};

/// The conversation on screen.
#[derive(Clone, Copy)]
pub struct Chat {
    /// Which; none before the first question.
    pub id: RwSignal<Option<ConversationId>>,
    /// The conversation; none until it was read.
    pub conversation: RwSignal<Option<ConversationView>>,
    /// Its turns, oldest first.
    pub turns: Rows<TurnId, Shown>,
    /// Where turns before them begin.
    pub earlier: RwSignal<Option<String>>,
    /// Why it could not be read.
    pub failure: RwSignal<Option<ApiError>>,
    /// The question being sent.
    pub asking: Submit,
    /// The turn being answered.
    pub answering: RwSignal<Option<TurnId>>,
    /// Moves when something was added at the end; true when the reader asked for it.
    pub grown: RwSignal<bool>,
    running: StoredValue<Option<Running>, LocalStorage>,
    /// Begun, but nothing could be asked in it yet.
    begun: StoredValue<Option<ConversationView>>,
    toasts: Toasts,
}

impl Chat {
    /// No conversation yet.
    pub fn new() -> Self {
        Self {
            id: RwSignal::new(None),
            conversation: RwSignal::new(None),
            turns: RwSignal::new(Vec::new()),
            earlier: RwSignal::new(None),
            failure: RwSignal::new(None),
            asking: Submit::new(),
            answering: RwSignal::new(None),
            grown: RwSignal::new(false),
            running: StoredValue::new_local(None),
            begun: StoredValue::new(None),
            toasts: use_toasts(),
        }
    }

    /// Goes to a conversation; none is the place for a new one.
    pub fn open(self, id: Option<ConversationId>) {
        if self.id.get_untracked() == id {
            return;
        }
        self.stop();
        self.id.set(id);
        self.conversation.set(None);
        self.turns.set(Vec::new());
        self.earlier.set(None);
        self.asking.failure.set(None);
        self.read();
    }

    /// Reads the open conversation.
    pub fn read(self) {
        self.failure.set(None);
        self.fetch(PageQuery::default(), move |detail| {
            self.earlier.set(detail.turns.next_cursor);
            self.conversation.set(Some(detail.conversation));
            self.turns.set(detail.turns.items.into_iter().map(row).collect());
            self.grown.set(true);
        });
    }

    /// Reads the turns before those that are there.
    pub fn read_earlier(self) {
        let Some(cursor) = self.earlier.get_untracked() else { return };
        self.fetch(PageQuery { cursor: Some(cursor), ..PageQuery::default() }, move |detail| {
            self.earlier.set(detail.turns.next_cursor);
            self.turns.update(|turns| {
                turns.splice(0..0, detail.turns.items.into_iter().map(row));
            });
        });
    }

    fn fetch(self, query: PageQuery, done: impl FnOnce(ConversationDetailView) + 'static) {
        let Some(id) = self.id.get_untracked() else { return };
        spawn_local(async move {
            let answer = api::conversation(id, &query).await;
            // The reader may have gone elsewhere meanwhile.
            if self.id.try_get_untracked() != Some(Some(id)) {
                return;
            }
            match answer {
                Ok(detail) => done(detail),
                Err(error) if query.cursor.is_some() => {
                    self.toasts.failed("Earlier questions could not be read", &error)
                }
                Err(error) => self.failure.set(Some(error)),
            }
        });
    }

    /// Asks in the open conversation, or begins one; `sent` is told which once the question is there.
    pub fn ask(self, question: String, sent: impl FnOnce(ConversationId) + 'static) {
        let open = self.id.get_untracked();
        let call = async move {
            let id = match (open, self.begun.try_get_value().flatten()) {
                (Some(id), _) => id,
                (None, Some(begun)) => begun.id,
                (None, None) => {
                    let begun = api::begin().await?;
                    let id = begun.id;
                    self.begun.try_set_value(Some(begun));
                    id
                }
            };
            Ok((id, api::ask(id, question).await?))
        };
        self.asking.run(call, move |(id, turn)| {
            if self.id.try_get_untracked() != Some(open) {
                return;
            }
            if open.is_none() {
                self.id.set(Some(id));
                self.conversation.set(self.begun.try_get_value().flatten());
                self.begun.set_value(None);
            }
            let turn_id = turn.id;
            self.turns.update(|turns| turns.push(row(turn)));
            self.grown.set(true);
            sent(id);
            self.answer(turn_id);
        });
    }

    /// Has a turn answered; another answer on its way is ended.
    pub fn answer(self, id: TurnId) {
        self.stop();
        let (Some(turn), Some(running)) = (self.turn(id), Running::new()) else { return };
        let signal = running.signal();
        self.running.set_value(Some(running));
        self.answering.set(Some(id));
        turn.update(Shown::begin);
        spawn_local(async move {
            let heard = api::answer(id, &signal, |event| {
                turn.update(|turn| turn.take(event));
                self.grown.try_set(false);
            })
            .await;
            if signal.aborted() {
                return;
            }
            match heard {
                Ok(()) => turn.update(Shown::end),
                Err(error) => turn.update(|turn| turn.fail(error.detail())),
            }
            self.grown.try_set(false);
            self.running.try_set_value(None);
            self.answering.try_set(None);
        });
    }

    /// Ends the answer on its way. Its question stays, unanswered.
    pub fn stop(self) {
        self.running.set_value(None);
        if let Some(id) = self.answering.get_untracked() {
            self.answering.set(None);
            if let Some(turn) = self.turn(id) {
                turn.update(Shown::stop);
            }
        }
    }

    /// Forgets an answer and has the question answered anew.
    pub fn retry(self, id: TurnId) {
        let Some(turn) = self.turn(id) else { return };
        spawn_local(async move {
            match api::retry(id).await {
                Ok(kept) => {
                    turn.set(Shown::kept(kept));
                    self.answer(id);
                }
                Err(error) => self.toasts.failed("The answer could not be taken back", &error),
            }
        });
    }

    /// Thumbs an answer, or takes the thumb back.
    pub fn rate(self, id: TurnId, thumb: Option<Thumb>) {
        let Some(turn) = self.turn(id) else { return };
        spawn_local(async move {
            let call = async { api::rate(id, thumb).await.map(Shown::kept) };
            let wanted = |shown: &mut Shown| {
                shown.turn.thumb = thumb;
                shown.rating = true;
            };
            if let Err(error) = optimistic::change(turn, wanted, call).await {
                self.toasts.failed("Your thumb could not be kept", &error);
            }
        });
    }

    fn turn(self, id: TurnId) -> Option<ArcRwSignal<Shown>> {
        let find = |turns: &Vec<(TurnId, ArcRwSignal<Shown>)>| {
            turns.iter().find(|(other, _)| *other == id).map(|(_, turn)| turn.clone())
        };
        self.turns.try_with_untracked(find).flatten()
    }
}

fn row(turn: TurnView) -> (TurnId, ArcRwSignal<Shown>) {
    (turn.id, ArcRwSignal::new(Shown::kept(turn)))
}
