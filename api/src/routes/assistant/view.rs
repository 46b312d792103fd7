//! The assistant on the wire.

use contract::assistant::{
    AssistantStatsView, AssistantView, ConversationDetailView, ConversationView, LevelFailureView, LevelStatsView,
    LevelView, PassedOverView, QuotaView, Thumb, TurnState, TurnView,
};
use contract::page::Page;
use services::assistant::{
    self, AssistantStats, AssistantStatus, Conversation, ConversationDetail, LevelStats, LevelStatus, PassedOver,
    Quota, Turn,
};

/// What a conversation is called before its first question.
const UNTITLED: &str = "New conversation";

pub(super) fn conversation(conversation: Conversation) -> ConversationView {
    let Conversation { id, title, version, created_at, updated_at, .. } = conversation;
    let title = if title.is_empty() { UNTITLED.to_owned() } else { title };
    ConversationView { id, title, created_at, updated_at, version }
}

pub(super) fn detail(detail: ConversationDetail) -> ConversationDetailView {
    let turns = Page {
        items: detail.turns.items.into_iter().map(turn).collect(),
        next_cursor: detail.turns.next_cursor,
        total: detail.turns.total,
    };
    ConversationDetailView { conversation: conversation(detail.conversation), turns }
}

pub(super) fn turn(turn: Turn) -> TurnView {
    TurnView {
        id: turn.id,
        question: turn.question,
        state: match turn.state {
            assistant::TurnState::Asked => TurnState::Asked,
            assistant::TurnState::Answering => TurnState::Answering,
            assistant::TurnState::Answered => TurnState::Answered,
        },
        answer: turn.answer,
        level: turn.level,
        passed_over: turn.passed_over.into_iter().map(passed_over).collect(),
        sources: turn.sources.into_iter().map(Into::into).collect(),
        thumb: turn.helped.map(|helped| if helped { Thumb::Up } else { Thumb::Down }),
        created_at: turn.created_at,
        answered_at: turn.answered_at,
    }
}

fn passed_over(PassedOver { level, reason }: PassedOver) -> PassedOverView {
    PassedOverView { level, reason }
}

pub(super) fn status(status: AssistantStatus) -> AssistantView {
    let level = |LevelStatus { level, unavailable, again_at }| LevelView {
        level,
        words: level.words().to_owned(),
        unavailable,
        again_at,
    };
    let (own, teams): (Vec<_>, Vec<_>) = status.quotas.into_iter().partition(|quota| quota.team.is_none());
    let none = Quota { team: None, used: 0, limit: None };
    AssistantView {
        levels: status.levels.into_iter().map(level).collect(),
        suggestions: status.suggestions.into_iter().map(str::to_owned).collect(),
        quota: quota(own.into_iter().next().unwrap_or(none)),
        team_quotas: teams.into_iter().map(quota).collect(),
    }
}

fn quota(quota: Quota) -> QuotaView {
    let warning = quota.warning();
    let whose = quota.team.unwrap_or_else(|| "you".to_owned());
    QuotaView { whose, used: quota.used, limit: quota.limit, warning }
}

pub(super) fn stats(stats: AssistantStats) -> AssistantStatsView {
    let answers = stats.answers();
    AssistantStatsView { days: stats.days, answers, levels: stats.levels.into_iter().map(level_stats).collect() }
}

fn level_stats(stats: LevelStats) -> LevelStatsView {
    let failure = |(reason, count)| LevelFailureView { reason, count };
    LevelStatsView {
        level: stats.level,
        words: stats.level.words().to_owned(),
        answers: stats.answers,
        refused_sentences: stats.refused_sentences,
        failures: stats.failures.into_iter().map(failure).collect(),
    }
}
