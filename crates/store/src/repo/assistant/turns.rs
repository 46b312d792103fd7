//! Turns: a question and, once it is answered, its answer. Who answers one has a claim on it for a while; nobody else
//! finishes it meanwhile, and who lost the claim changes nothing when they return.

use chrono::{DateTime, Utc};
use domain::assistant::{Level, LevelFailure, Plan, Source};
use domain::ids::{ConversationId, TurnId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::conversation_turn as turn;
use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// How far an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    /// Nobody has begun to answer.
    Asked,
    /// Somebody answers it.
    Answering,
    /// It is answered.
    Answered,
}

impl TurnState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Answering => "answering",
            Self::Answered => "answered",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let all = [Self::Asked, Self::Answering, Self::Answered];
        let found = all.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| StoreError::corrupt("state of a turn", text.to_owned()))
    }
}

/// A level that did not speak, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// The level.
    pub level: Level,
    /// Why.
    pub reason: LevelFailure,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnRecord {
    /// The id; later turns have higher ones.
    pub id: TurnId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// What was asked.
    pub question: String,
    /// How far it is.
    pub state: TurnState,
    /// Until when whoever answers it may.
    pub claimed_until: Option<DateTime<Utc>>,
    /// The answer, sentence by sentence.
    pub answer: Vec<String>,
    /// Pages that show the same.
    pub sources: Vec<Source>,
    /// Who phrased it.
    pub level: Option<Level>,
    /// Why better levels did not.
    pub passed_over: Vec<PassedOver>,
    /// Whether it helped, where its person has said.
    pub helped: Option<bool>,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// An answer to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was looked up.
    pub plan: Plan,
    /// The answer, sentence by sentence.
    pub answer: Vec<String>,
    /// Pages that show the same.
    pub sources: Vec<Source>,
    /// Who phrased it.
    pub level: Level,
    /// Why better levels did not.
    pub passed_over: Vec<PassedOver>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A page of a conversation's turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnPage {
    /// The turns, the newest first.
    pub rows: Vec<TurnRecord>,
    /// Where the page of older ones begins; `None` on the last one.
    pub next: Option<String>,
}

/// Adds a question.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such conversation.
pub async fn turn_insert(
    conn: &impl ConnectionTrait,
    id: TurnId,
    conversation: ConversationId,
    question: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = turn::ActiveModel {
        id: Set(id.0),
        conversation_id: Set(conversation.0),
        question: Set(question.to_owned()),
        state: Set(TurnState::Asked.as_str().to_owned()),
        created_at: Set(micros(at)),
        ..Default::default()
    };
    turn::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// One in a conversation of that person.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_fetch(
    conn: &impl ConnectionTrait,
    user: UserId,
    id: TurnId,
) -> Result<Option<TurnRecord>, StoreError> {
    let row: Option<turn::Model> = Sql::new(conn)
        .text("SELECT t.* FROM conversation_turn t JOIN conversation c ON c.id = t.conversation_id WHERE t.id = ")
        .bind(id.0)
        .text(" AND c.user_id = ")
        .bind(user.0)
        .one_as(conn)
        .await?;
    row.map(record).transpose()
}

/// A page of a conversation's turns.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn turn_list(
    conn: &impl ConnectionTrait,
    conversation: ConversationId,
    limit: u32,
    cursor: Option<&str>,
) -> Result<TurnPage, StoreError> {
    let name = list_name(&format!("turns of {conversation}"));
    let mut find = turn::Entity::find()
        .filter(turn::Column::ConversationId.eq(conversation.0))
        .order_by_desc(turn::Column::Id)
        .limit(u64::from(limit) + 1);
    if let Some(cursor) = cursor {
        find = find.filter(turn::Column::Id.lt(Cursor::<Uuid>::decode(cursor, &name)?.id));
    }
    let mut rows = find.all(conn).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| Cursor::new(&name, String::new(), last.id).encode());
    Ok(TurnPage { rows: rows.into_iter().map(record).collect::<Result<_, _>>()?, next })
}

/// How many turns a conversation has.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_count(conn: &impl ConnectionTrait, conversation: ConversationId) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("SELECT count(*) FROM conversation_turn WHERE conversation_id = ");
    sql.bind(conversation.0).count(conn).await
}

/// What was looked up for the last answer before that turn; `None` for a first one, and for a plan of another version.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_plan_before(
    conn: &impl ConnectionTrait,
    conversation: ConversationId,
    id: TurnId,
) -> Result<Option<Plan>, StoreError> {
    let before = turn::Entity::find()
        .filter(turn::Column::ConversationId.eq(conversation.0))
        .filter(turn::Column::Id.lt(id.0))
        .filter(turn::Column::Plan.is_not_null())
        .order_by_desc(turn::Column::Id)
        .one(conn)
        .await?;
    Ok(before.and_then(|row| serde_json::from_value(row.plan?).ok()))
}

/// How many turns of that person somebody answers now.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_claims_of(conn: &impl ConnectionTrait, user: UserId, now: DateTime<Utc>) -> Result<u64, StoreError> {
    Sql::new(conn)
        .text("SELECT count(*) FROM conversation c JOIN conversation_turn t ON t.conversation_id = c.id WHERE c.user_id = ")
        .bind(user.0)
        .text(" AND t.state = 'answering' AND t.claimed_until > ")
        .bind(micros(now))
        .count(conn)
        .await
}

/// Claims a turn that nobody answers: one that was asked, or whose claim has run out. Tells whether it is claimed now.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_claim(
    conn: &impl ConnectionTrait,
    id: TurnId,
    claim: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = turn::ActiveModel {
        state: Set(TurnState::Answering.as_str().to_owned()),
        claim: Set(Some(claim)),
        claimed_until: Set(Some(micros(until))),
        ..Default::default()
    };
    let done = turn::Entity::update_many().filter(turn::Column::Id.eq(id.0)).filter(unclaimed(now));
    Ok(done.set(row).exec(conn).await?.rows_affected == 1)
}

/// Keeps a claim for longer; `false` when it is lost.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_claim_extend(
    conn: &impl ConnectionTrait,
    id: TurnId,
    claim: Uuid,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = turn::ActiveModel { claimed_until: Set(Some(micros(until))), ..Default::default() };
    Ok(claimed(id, claim).set(row).exec(conn).await?.rows_affected == 1)
}

/// Keeps the answer; `false` when the claim is lost.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_finish(
    conn: &impl ConnectionTrait,
    id: TurnId,
    claim: Uuid,
    answered: &Answered,
) -> Result<bool, StoreError> {
    let row = turn::ActiveModel {
        state: Set(TurnState::Answered.as_str().to_owned()),
        claim: Set(None),
        claimed_until: Set(None),
        plan: Set(Some(written(&answered.plan)?)),
        answer: Set(Some(written(&answered.answer)?)),
        sources: Set(Some(written(&answered.sources)?)),
        level: Set(Some(answered.level.as_str().to_owned())),
        passed_over: Set(Some(written(&answered.passed_over)?)),
        answered_at: Set(Some(micros(answered.at))),
        ..Default::default()
    };
    Ok(claimed(id, claim).set(row).exec(conn).await?.rows_affected == 1)
}

/// Gives a claim back: the question is as if nobody had begun to answer it.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_release(conn: &impl ConnectionTrait, id: TurnId, claim: Uuid) -> Result<(), StoreError> {
    claimed(id, claim).set(asked()).exec(conn).await?;
    Ok(())
}

/// Forgets the answer, so that it can be answered anew; `false` while somebody answers it.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_forget_answer(
    conn: &impl ConnectionTrait,
    id: TurnId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let answered = turn::Column::State.eq(TurnState::Answered.as_str());
    let row = turn::ActiveModel {
        plan: Set(None),
        answer: Set(None),
        sources: Set(None),
        level: Set(None),
        passed_over: Set(None),
        helped: Set(None),
        answered_at: Set(None),
        ..asked()
    };
    let free = unclaimed(now).add(answered);
    let done = turn::Entity::update_many().filter(turn::Column::Id.eq(id.0)).filter(free).set(row).exec(conn).await?;
    Ok(done.rows_affected == 1)
}

/// Notes whether the answer helped; `false` while there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn turn_rate(conn: &impl ConnectionTrait, id: TurnId, helped: Option<bool>) -> Result<bool, StoreError> {
    let done = turn::Entity::update_many()
        .set(turn::ActiveModel { helped: Set(helped), ..Default::default() })
        .filter(turn::Column::Id.eq(id.0))
        .filter(turn::Column::State.eq(TurnState::Answered.as_str()))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Asked, or answered by somebody whose claim has run out.
fn unclaimed(now: DateTime<Utc>) -> Condition {
    let dead = Condition::all()
        .add(turn::Column::State.eq(TurnState::Answering.as_str()))
        .add(turn::Column::ClaimedUntil.lte(micros(now)));
    Condition::any().add(turn::Column::State.eq(TurnState::Asked.as_str())).add(dead)
}

fn claimed(id: TurnId, claim: Uuid) -> UpdateMany<turn::Entity> {
    turn::Entity::update_many()
        .filter(turn::Column::Id.eq(id.0))
        .filter(turn::Column::Claim.eq(claim))
        .filter(turn::Column::State.eq(TurnState::Answering.as_str()))
}

fn asked() -> turn::ActiveModel {
    turn::ActiveModel {
        state: Set(TurnState::Asked.as_str().to_owned()),
        claim: Set(None),
        claimed_until: Set(None),
        ..Default::default()
    }
}

fn written(value: &impl Serialize) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value).map_err(|error| StoreError::corrupt("answer", error))
}

fn read<T: DeserializeOwned + Default>(value: Option<serde_json::Value>) -> Result<T, StoreError> {
    let read = value.map(serde_json::from_value).transpose();
    Ok(read.map_err(|error| StoreError::corrupt("answer", error))?.unwrap_or_default())
}

fn record(row: turn::Model) -> Result<TurnRecord, StoreError> {
    let level = row.level.as_deref().map(str::parse).transpose();
    Ok(TurnRecord {
        id: TurnId(row.id),
        conversation_id: ConversationId(row.conversation_id),
        question: row.question,
        state: TurnState::parse(&row.state)?,
        claimed_until: row.claimed_until,
        answer: read(row.answer)?,
        sources: read(row.sources)?,
        level: level.map_err(|error| StoreError::corrupt("level", error))?,
        passed_over: read(row.passed_over)?,
        helped: row.helped,
        created_at: row.created_at,
        answered_at: row.answered_at,
    })
}
