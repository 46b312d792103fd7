//! A turn as it is on screen, and how its answer grows. Pure.

use contract::assistant::{AnswerEvent, TurnState, TurnView};
use domain::assistant::Level;

/// What goes on with a turn here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Nothing: it is as it is kept.
    Still,
    /// It is being found out.
    Looking,
    /// It is being phrased.
    Writing(Level),
    /// It could not be answered, and why.
    Failed(String),
}

/// A turn on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The turn, with what has come of its answer.
    pub turn: TurnView,
    /// What goes on with it.
    pub phase: Phase,
    /// Whether its thumb is on its way.
    pub rating: bool,
}

impl Shown {
    /// A turn as it is kept.
    pub fn kept(turn: TurnView) -> Self {
        Self { turn, phase: Phase::Still, rating: false }
    }

    /// Whether its answer is on its way.
    pub fn busy(&self) -> bool {
        matches!(self.phase, Phase::Looking | Phase::Writing(_))
    }

    /// Whether there is an answer to be rated, copied, asked for again.
    pub fn answered(&self) -> bool {
        self.turn.state == TurnState::Answered && !self.busy()
    }

    /// Its answer is asked for.
    pub fn begin(&mut self) {
        self.forget();
        self.phase = Phase::Looking;
    }

    /// The reader wants no answer any more.
    pub fn stop(&mut self) {
        self.forget();
        self.phase = Phase::Still;
    }

    /// There will be no answer.
    pub fn fail(&mut self, words: impl Into<String>) {
        self.forget();
        self.phase = Phase::Failed(words.into());
    }

    /// Something came of the answer.
    pub fn take(&mut self, event: AnswerEvent) {
        match event {
            AnswerEvent::Sources { sources } => self.turn.sources = sources,
            // A lesser level goes on where a better one left off: what was said stays.
            AnswerEvent::Writing { level } => self.phase = Phase::Writing(level),
            AnswerEvent::Sentence { text } => self.turn.answer.push(text),
            AnswerEvent::Done { turn } => *self = Self::kept(*turn),
            AnswerEvent::Error { detail } => self.fail(detail),
        }
    }

    /// The stream ended. One that did so before the answer did was cut.
    pub fn end(&mut self) {
        if self.busy() {
            self.fail("The answer broke off.");
        }
    }

    /// What is not kept is not shown as if it were.
    fn forget(&mut self) {
        self.turn.state = TurnState::Asked;
        self.turn.answer.clear();
        self.turn.sources.clear();
        self.turn.passed_over.clear();
        self.turn.level = None;
        self.turn.thumb = None;
        self.turn.answered_at = None;
    }
}

/// The answer with its sources, to be taken along; `origin` is where the portal is.
pub fn copied(turn: &TurnView, origin: &str) -> String {
    let mut text = turn.answer.join(" ");
    for source in &turn.sources {
        text.push_str(&format!("\n{}: {origin}{}", source.label, source.href));
    }
    text
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use contract::assistant::SourceView;
    use domain::ids::TurnId;

    use super::*;

    fn asked() -> TurnView {
        TurnView {
            id: TurnId(uuid::Uuid::nil()),
            question: "How many are stopped?".into(),
            state: TurnState::Asked,
            answer: Vec::new(),
            level: None,
            passed_over: Vec::new(),
            sources: Vec::new(),
            thumb: None,
            created_at: DateTime::UNIX_EPOCH,
            answered_at: None,
        }
    }

    fn source() -> SourceView {
        SourceView { label: "WorkSpaces, stopped".into(), href: "/workspaces?state=STOPPED".into(), as_of: None }
    }

    fn sentence(text: &str) -> AnswerEvent {
        AnswerEvent::Sentence { text: text.into() }
    }

    #[test]
    fn an_answer_grows_and_ends_as_it_is_kept() {
        let mut shown = Shown::kept(asked());
        shown.begin();
        assert!(shown.busy() && !shown.answered());
        shown.take(AnswerEvent::Sources { sources: vec![source()] });
        shown.take(AnswerEvent::Writing { level: Level::Processor });
        shown.take(sentence("204 are stopped."));
        shown.take(AnswerEvent::Writing { level: Level::Template });
        assert_eq!((shown.turn.answer.len(), &shown.phase), (1, &Phase::Writing(Level::Template)));
        let kept = TurnView {
            state: TurnState::Answered,
            answer: vec!["204 are stopped.".into(), "They are in one region.".into()],
            level: Some(Level::Processor),
            sources: vec![source()],
            ..asked()
        };
        shown.take(AnswerEvent::Done { turn: Box::new(kept.clone()) });
        shown.end();
        assert_eq!(shown, Shown::kept(kept));
        assert!(shown.answered());
    }

    #[test]
    fn what_is_not_kept_is_not_left_on_screen() {
        type End = fn(&mut Shown);
        let ends: [(End, Phase); 3] = [
            (Shown::stop, Phase::Still),
            (Shown::end, Phase::Failed("The answer broke off.".into())),
            (|shown| shown.take(AnswerEvent::Error { detail: "No.".into() }), Phase::Failed("No.".into())),
        ];
        for (end, phase) in ends {
            let mut shown = Shown::kept(asked());
            shown.begin();
            shown.take(AnswerEvent::Sources { sources: vec![source()] });
            shown.take(sentence("204 are stopped."));
            end(&mut shown);
            assert_eq!(shown, Shown { turn: asked(), phase, rating: false });
        }
    }

    #[test]
    fn sources_are_taken_along_with_the_answer() {
        let answer = vec!["One.".into(), "Two.".into()];
        let turn = TurnView { answer, sources: vec![source()], ..asked() };
        let text = "One. Two.\nWorkSpaces, stopped: https://wheelhouse.example/workspaces?state=STOPPED";
        assert_eq!(copied(&turn, "https://wheelhouse.example"), text);
    }
}
