//! A question with its answer, what the answer rests on, who phrased it, and what one can do with it.

use contract::assistant::{PassedOverView, SourceView, Thumb, TurnState};
use domain::assistant::Level;
use domain::ids::TurnId;
use leptos::prelude::*;

use super::chat::Chat;
use super::state::{Phase, Shown, copied};
use super::words::{failure_words, level_words, pieces};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonSize, Icon, IconButton, IconView, Tone};
use crate::format::sentence;
use crate::state::clipboard;
use crate::state::session::safe_next;
use crate::state::toasts::use_toasts;

const NOT_COPIED: &str = "The browser did not copy the answer. Mark it and copy it by hand.";

/// One turn. Each part is drawn again only when it changes, so that a screen reader hears each sentence once.
#[component]
pub fn Turn(id: TurnId, turn: ArcRwSignal<Shown>, chat: Chat) -> impl IntoView {
    let turn = RwSignal::from(turn);
    let question = turn.with_untracked(|shown| shown.turn.question.clone());
    let sentences = Memo::new(move |_| turn.with(|shown| shown.turn.answer.clone()));
    let sources = Memo::new(move |_| turn.with(|shown| shown.turn.sources.clone()));
    let standing = Memo::new(move |_| turn.with(|shown| (shown.phase.clone(), shown.turn.state)));
    let answered = Memo::new(move |_| turn.with(Shown::answered));
    let state = move || match standing.get() {
        (Phase::Still, state) => format!("{state:?}").to_lowercase(),
        (Phase::Failed(_), _) => "failed".to_owned(),
        _ => "busy".to_owned(),
    };
    view! {
        <article class="turn" data-testid="turn" data-state=state>
            <h2 class="question"><span class="visually-hidden">"You asked: "</span>{question}</h2>
            <div class="answer">
                <p class="answer-text" aria-live="polite" data-testid="answer">
                    <For
                        each=move || sentences.get().into_iter().enumerate() key=|said| said.clone()
                        children=|(_, said)| view! { <span class="said">{whole(&said)}</span>" " }
                    />
                </p>
                {move || { let (phase, state) = standing.get(); what_goes_on(id, chat, phase, state) }}
                <Sources sources/>
                <Show when=move || answered.get()><Foot id turn chat/></Show>
            </div>
        </article>
    }
}

/// A text in which no code ends a line at its hyphen.
fn whole(text: &str) -> impl IntoView + use<> {
    let piece = |(text, code): (String, bool)| match code {
        true => view! { <span class="whole">{text}</span> }.into_any(),
        false => text.into_any(),
    };
    pieces(text).into_iter().map(piece).collect_view()
}

/// A line about an answer that is not there yet.
fn what_goes_on(id: TurnId, chat: Chat, phase: Phase, state: TurnState) -> Option<AnyView> {
    let working = |words: String| {
        view! {
            <p class="working" role="status" data-testid="working">
                <span class="working-dots" aria-hidden="true"><i></i><i></i><i></i></span>
                {words}
            </p>
        }
        .into_any()
    };
    let again = move |words: &'static str| {
        view! { <Button size=ButtonSize::Small icon=Icon::Reboot testid="answer-again" on_click=move |()| chat.answer(id)>{words}</Button> }
    };
    let unanswered = |words: &'static str, button: &'static str| {
        view! { <div class="notice notice-info" data-testid="unanswered"><IconView icon=Icon::Info/><p>{words}</p>{again(button)}</div> }
            .into_any()
    };
    match (phase, state) {
        (Phase::Looking, _) => Some(working("Looking it up".to_owned())),
        (Phase::Writing(Level::Template), _) => Some(working("Writing it down".to_owned())),
        (Phase::Writing(level), _) => Some(working(format!("{} is writing", sentence(level.words())))),
        (Phase::Failed(words), _) => Some(
            view! {
                <div class="notice notice-danger" role="alert" data-testid="answer-failed">
                    <IconView icon=Icon::Alert/><p>{words}</p>{again("Try again")}
                </div>
            }
            .into_any(),
        ),
        (Phase::Still, TurnState::Asked) => Some(unanswered("There is no answer yet.", "Answer it")),
        (Phase::Still, TurnState::Answering) => {
            Some(unanswered("It is being answered, perhaps in another window.", "Look again"))
        }
        (Phase::Still, TurnState::Answered) => None,
    }
}

#[component]
fn Sources(sources: Memo<Vec<SourceView>>) -> impl IntoView {
    let chip = |source: SourceView| {
        // Only what lies in this portal is a source.
        let href = safe_next(Some(&source.href));
        view! {
            <li>
                <a class="source" href=href data-testid="source">
                    <IconView icon=Icon::Link/>
                    <span class="source-label">{whole(&source.label)}</span>
                    {source.as_of.map(|at| view! { <span class="source-age">"as of " <RelativeTime at/></span> })}
                </a>
            </li>
        }
    };
    move || {
        let sources = sources.get();
        (!sources.is_empty()).then(|| {
            view! { <ul class="sources" aria-label="Where this can be seen">{sources.into_iter().map(chip).collect_view()}</ul> }
        })
    }
}

/// Who phrased it, and what one can do with it.
#[component]
fn Foot(id: TurnId, turn: RwSignal<Shown>, chat: Chat) -> impl IntoView {
    let toasts = use_toasts();
    let thumb = Memo::new(move |_| turn.with(|shown| shown.turn.thumb));
    let rating = Memo::new(move |_| turn.with(|shown| shown.rating));
    let who = Memo::new(move |_| turn.with(|shown| (shown.turn.level, shown.turn.passed_over.clone())));
    let is = move |which: Thumb| Signal::derive(move || thumb.get() == Some(which));
    let rate = move |which: Thumb| move |()| chat.rate(id, (thumb.get_untracked() != Some(which)).then_some(which));
    let copy = move |()| {
        let origin = window().location().origin().unwrap_or_default();
        let text = turn.with_untracked(|shown| copied(&shown.turn, &origin));
        clipboard::copy(&text, move |done| match done {
            true => toasts.done("The answer is copied, with its sources"),
            false => toasts.show(Tone::Warning, NOT_COPIED, None),
        });
    };
    view! {
        <div class="answer-foot">
            {move || { let (level, passed_over) = who.get(); level.map(|level| view! { <Who level passed_over/> }) }}
            <span class="answer-actions">
                <IconButton icon=Icon::Copy label="Copy the answer".to_owned() testid="answer-copy" on_click=copy/>
                <IconButton
                    icon=Icon::ThumbUp label="It helped".to_owned() testid="thumb-up" pressed=is(Thumb::Up) busy=rating
                    on_click=rate(Thumb::Up)
                />
                <IconButton
                    icon=Icon::ThumbDown label="It did not help".to_owned() testid="thumb-down" pressed=is(Thumb::Down) busy=rating
                    on_click=rate(Thumb::Down)
                />
                <IconButton
                    icon=Icon::Reboot label="Answer anew".to_owned() testid="answer-retry" on_click=move |()| chat.retry(id)
                />
            </span>
        </div>
    }
}

/// The level that spoke; it unfolds to why better ones did not.
#[component]
fn Who(level: Level, passed_over: Vec<PassedOverView>) -> impl IntoView {
    let tone = if level == Level::Template { Tone::Neutral } else { Tone::Accent };
    let badge = view! { <Badge tone glyph=Glyph::Disc text=level_words(level) testid="level"/> };
    if passed_over.is_empty() {
        return view! { <span class="who">{badge}</span> }.into_any();
    }
    let why = passed_over
        .into_iter()
        .map(|passed| {
            let words = format!("{} {}.", level_words(passed.level), failure_words(passed.reason));
            view! { <li>{words}</li> }
        })
        .collect_view();
    view! {
        <details class="who" data-testid="who">
            <summary>{badge}<span class="who-why">"Why this level"</span><IconView icon=Icon::Down/></summary>
            <ul class="who-list">{why}</ul>
        </details>
    }
    .into_any()
}
