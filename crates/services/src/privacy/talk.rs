//! What somebody asked the assistant, and what it answered.

use domain::ids::UserId;
use serde_json::{Value, json};
use store::StoreError;
use store::repo::assistant::{ConversationRecord, TurnRecord, assistant_tokens_list, conversation_list, turn_list};

use crate::Context;

/// Rows read at once.
const PAGE: u32 = 200;

/// All conversations with all their turns, the one used last first.
pub(super) async fn conversations(ctx: &Context, user: UserId) -> Result<Vec<Value>, StoreError> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = conversation_list(&ctx.db, user, PAGE, cursor.as_deref()).await?;
        for conversation in page.rows {
            found.push(with_turns(ctx, conversation).await?);
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

async fn with_turns(ctx: &Context, conversation: ConversationRecord) -> Result<Value, StoreError> {
    let (mut turns, mut cursor) = (Vec::new(), None);
    loop {
        let page = turn_list(&ctx.db, conversation.id, PAGE, cursor.as_deref()).await?;
        turns.extend(page.rows.into_iter().map(turn));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    turns.reverse();
    let ConversationRecord { id, title, created_at, updated_at, .. } = conversation;
    Ok(json!({ "id": id, "title": title, "created_at": created_at, "updated_at": updated_at, "turns": turns }))
}

fn turn(turn: TurnRecord) -> Value {
    let TurnRecord { question, answer, level, sources, helped, created_at, answered_at, .. } = turn;
    json!({
        "question": question,
        "answer": answer,
        "level": level,
        "sources": sources,
        "helped": helped,
        "created_at": created_at,
        "answered_at": answered_at,
    })
}

/// Tokens by month.
pub(super) async fn tokens(ctx: &Context, user: UserId) -> Result<Vec<Value>, StoreError> {
    let months = assistant_tokens_list(&ctx.db, user).await?;
    Ok(months.into_iter().map(|(month, tokens)| json!({ "month": month, "tokens": tokens })).collect())
}
