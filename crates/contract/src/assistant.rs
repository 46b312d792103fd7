//! The assistant: conversations, answers with the pages that prove them, and who answered.

use chrono::{DateTime, Utc};
use domain::assistant::{Level, LevelFailure, Source};
use domain::ids::{ConversationId, TurnId};
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::page::Page;

/// Most characters of a question.
pub const QUESTION_MAX: usize = 2000;
/// Most characters of a conversation's title.
pub const TITLE_MAX: usize = 120;
/// Days that are counted when nothing is said.
pub const STATS_DAYS: u32 = 30;
/// Most days that are counted.
pub const STATS_DAYS_MAX: u32 = 366;

/// A conversation in the list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: ConversationId,
    /// Its title: the beginning of its first question until somebody renames it.
    pub title: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last asked something, or renamed.
    pub updated_at: DateTime<Utc>,
    /// The version, which is also the `ETag`.
    pub version: i64,
}

/// Begins a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateConversationRequest {
    /// Its title; absent: the beginning of the first question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = TITLE_MAX), custom(crate::profile::one_line)))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
    pub title: Option<String>,
}

/// Renames a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameConversationRequest {
    /// The title, 1 to 120 characters on one line.
    #[garde(length(chars, min = 1, max = TITLE_MAX), custom(crate::profile::one_line))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
    pub title: String,
}

/// Asks something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// The question, 1 to 2,000 characters.
    #[garde(length(chars, min = 1, max = QUESTION_MAX), custom(not_blank))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2000))]
    pub question: String,
}

/// How far an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    /// Asked; nobody has fetched the answer yet.
    Asked,
    /// Being answered.
    Answering,
    /// Answered.
    Answered,
}

/// A thumb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Thumb {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: TurnId,
    /// What was asked.
    pub question: String,
    /// How far it is.
    pub state: TurnState,
    /// The answer, sentence by sentence; empty until it is answered.
    pub answer: Vec<String>,
    /// Who phrased it; absent until it is answered.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub level: Option<Level>,
    /// Why better levels did not; empty until it is answered.
    pub passed_over: Vec<PassedOverView>,
    /// Pages that show the same.
    pub sources: Vec<SourceView>,
    /// What somebody thought of it.
    pub thumb: Option<Thumb>,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// A page that shows the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceView {
    /// What is seen there.
    pub label: String,
    /// A path of the portal with its query.
    pub href: String,
    /// When what it shows was last read from AWS.
    pub as_of: Option<DateTime<Utc>>,
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        let Source { label, href, as_of } = source;
        Self { label, href, as_of }
    }
}

/// A level that did not speak, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PassedOverView {
    /// The level.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub level: Level,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reason: LevelFailure,
}

/// Thumbs an answer; `null` takes the thumb back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RateRequest {
    /// Up, down or nothing.
    #[garde(skip)]
    pub thumb: Option<Thumb>,
}

/// A conversation with its newest turns, oldest first; `turns.next_cursor` leads to older ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationDetailView {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: ConversationView,
    /// Its turns.
    pub turns: Page<TurnView>,
}

/// What the stream of an answer says, each an SSE event of this name with the JSON as its data. It ends with `done` or `error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AnswerEvent {
    /// What was found out can be seen there.
    Sources {
        /// The pages.
        sources: Vec<SourceView>,
    },
    /// Somebody is phrasing it.
    Writing {
        /// Who.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        level: Level,
    },
    /// A sentence that was checked.
    Sentence {
        /// The sentence.
        text: String,
    },
    /// The whole turn, as it is kept.
    Done {
        /// The turn.
        turn: Box<TurnView>,
    },
    /// It could not be answered; ask again.
    Error {
        /// Why, in words.
        detail: String,
    },
}

/// The assistant as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssistantView {
    /// The levels, best first.
    pub levels: Vec<LevelView>,
    /// Questions worth asking, fit to what one may see.
    pub suggestions: Vec<String>,
    /// One's own tokens of this month.
    pub quota: QuotaView,
    /// The tokens of each of one's teams.
    pub team_quotas: Vec<QuotaView>,
}

/// Whether a level can speak now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelView {
    /// The level.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub level: Level,
    /// Who that is, in words.
    pub words: String,
    /// Why it can't; absent when it can.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub unavailable: Option<LevelFailure>,
    /// When it is asked again; only where it is `paused` after it has failed several times in a row.
    pub again_at: Option<DateTime<Utc>>,
}

/// Tokens of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotaView {
    /// Whose: `you`, or the team's name.
    pub whose: String,
    /// Tokens used this month, of prompts and answers.
    pub used: u64,
    /// Tokens a month; absent for no limit.
    pub limit: Option<u64>,
    /// Whether 80 % or more are used.
    pub warning: bool,
}

/// Which days are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct AssistantStatsQuery {
    /// The last so many days, 1 to 366, today included; 30 when absent.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 366))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// How often each level spoke or failed, for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssistantStatsView {
    /// Days counted, today included.
    pub days: u32,
    /// Answers in all.
    pub answers: u64,
    /// By level, best first.
    pub levels: Vec<LevelStatsView>,
}

/// How often a level spoke or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelStatsView {
    /// The level.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub level: Level,
    /// Who that is, in words.
    pub words: String,
    /// Answers it phrased.
    pub answers: u64,
    /// Its sentences that were refused.
    pub refused_sentences: u64,
    /// How often it failed, by reason.
    pub failures: Vec<LevelFailureView>,
}

/// How often a level failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelFailureView {
    /// The reason.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reason: LevelFailure,
    /// How often.
    pub count: u64,
}

/// Something other than white space.
fn not_blank(text: &str, (): &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("is blank: ask something")) } else { Ok(()) }
}
