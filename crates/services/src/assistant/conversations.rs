//! Conversations, and what is done with their questions apart from answering them. Everything here is one person's own: what
//! is another's is not there.

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::ids::{ConversationId, TurnId, UserId};
use store::repo::assistant::{self as repo, ConversationRecord, TurnRecord};

use super::AssistantError;
use crate::idempotency::Keep;
use crate::{Context, Page, PageRequest};

/// Most questions of a conversation.
const MOST_TURNS: u64 = 500;
/// Most characters of a title that is the beginning of a question.
const TITLE_CHARACTERS: usize = 60;

/// A conversation with a page of its turns.
#[derive(Debug, Clone)]
pub struct ConversationDetail {
    /// The conversation.
    pub conversation: ConversationRecord,
    /// Its turns, oldest first; the next page has older ones.
    pub turns: Page<TurnRecord>,
}

/// Who asks: a person, by their session or key.
pub(super) fn asker(actor: &Actor) -> Result<UserId, AssistantError> {
    actor.require(Permission::AssistantUse)?;
    actor.user_id.ok_or(AssistantError::NotFound("conversation"))
}

/// A page of the actor's conversations, the one used last first.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::Store`] (with `BadCursor` for a cursor of another list).
pub async fn list_conversations(
    ctx: &Context,
    actor: &Actor,
    page: PageRequest,
) -> Result<Page<ConversationRecord>, AssistantError> {
    let user = asker(actor)?;
    let total = repo::conversation_count(&ctx.db, user).await?;
    let found = repo::conversation_list(&ctx.db, user, page.limit, page.cursor.as_deref()).await?;
    Ok(Page { items: found.rows, next_cursor: found.next, total })
}

/// One of the actor's conversations with its newest turns, or older ones where the page says so.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::NotFound`], [`AssistantError::Store`].
pub async fn fetch_conversation(
    ctx: &Context,
    actor: &Actor,
    id: ConversationId,
    page: PageRequest,
) -> Result<ConversationDetail, AssistantError> {
    let conversation = own(&ctx.db, asker(actor)?, id).await?;
    let total = repo::turn_count(&ctx.db, id).await?;
    let mut found = repo::turn_list(&ctx.db, id, page.limit, page.cursor.as_deref()).await?;
    found.rows.reverse();
    let turns = Page { items: found.rows, next_cursor: found.next, total };
    Ok(ConversationDetail { conversation, turns })
}

/// Begins a conversation; without a title its first question names it.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::Store`].
pub async fn create_conversation_once(
    ctx: &Context,
    actor: &Actor,
    title: Option<&str>,
    keep: Keep<'_, ConversationRecord>,
) -> Result<ConversationRecord, AssistantError> {
    let (user_id, at) = (asker(actor)?, ctx.env.now());
    let id = ConversationId(ctx.env.new_id());
    let title = title.unwrap_or_default().to_owned();
    let new = ConversationRecord { id, user_id, title, version: 1, created_at: at, updated_at: at };
    let tx = ctx.db.begin().await?;
    repo::conversation_insert(&tx, &new).await?;
    let new = own(&tx, user_id, id).await?;
    crate::audit::record(&tx, ctx, actor, entry("conversation.create", id)).await?;
    keep.answer(&tx, &new).await?;
    tx.commit().await?;
    Ok(new)
}

/// Gives one of the actor's conversations a title.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::NotFound`], [`AssistantError::Changed`] when it has another version than
/// `expected`, [`AssistantError::Store`].
pub async fn rename_conversation(
    ctx: &Context,
    actor: &Actor,
    id: ConversationId,
    expected: Option<i64>,
    title: &str,
) -> Result<ConversationRecord, AssistantError> {
    let user = asker(actor)?;
    let tx = ctx.db.begin().await?;
    let before = own(&tx, user, id).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(AssistantError::Changed);
    }
    if before.title == title {
        return Ok(before);
    }
    if !repo::conversation_rename(&tx, id, before.version, title, ctx.env.now()).await? {
        return Err(AssistantError::Changed);
    }
    let renamed = own(&tx, user, id).await?;
    crate::audit::record(&tx, ctx, actor, entry("conversation.rename", id)).await?;
    tx.commit().await?;
    Ok(renamed)
}

/// Removes one of the actor's conversations with all that was asked and answered in it.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::NotFound`], [`AssistantError::Store`].
pub async fn delete_conversation(ctx: &Context, actor: &Actor, id: ConversationId) -> Result<(), AssistantError> {
    let user = asker(actor)?;
    let tx = ctx.db.begin().await?;
    if !repo::conversation_delete(&tx, user, id).await? {
        return Err(AssistantError::NotFound("conversation"));
    }
    crate::audit::record(&tx, ctx, actor, entry("conversation.delete", id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks something in one of the actor's conversations. The answer is [`super::begin_answer`]'s.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::NotFound`], [`AssistantError::Full`], [`AssistantError::Store`].
pub async fn ask_once(
    ctx: &Context,
    actor: &Actor,
    id: ConversationId,
    question: &str,
    keep: Keep<'_, TurnRecord>,
) -> Result<TurnRecord, AssistantError> {
    let (user, at) = (asker(actor)?, ctx.env.now());
    let tx = ctx.db.begin().await?;
    let conversation = own(&tx, user, id).await?;
    if repo::turn_count(&tx, id).await? >= MOST_TURNS {
        return Err(AssistantError::Full(MOST_TURNS));
    }
    let turn = TurnId(ctx.env.new_id());
    repo::turn_insert(&tx, turn, id, question.trim(), at).await?;
    match conversation.title.is_empty() {
        true => drop(repo::conversation_rename(&tx, id, conversation.version, &title_of(question), at).await?),
        false => repo::conversation_touch(&tx, id, at).await?,
    }
    let asked = own_turn(&tx, user, turn).await?;
    crate::audit::record(&tx, ctx, actor, entry("conversation.ask", id)).await?;
    keep.answer(&tx, &asked).await?;
    tx.commit().await?;
    Ok(asked)
}

/// Notes whether an answer helped; `None` takes that back.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::NotFound`], [`AssistantError::NotAnswered`], [`AssistantError::Store`].
pub async fn rate(
    ctx: &Context,
    actor: &Actor,
    id: TurnId,
    helped: Option<bool>,
) -> Result<TurnRecord, AssistantError> {
    let user = asker(actor)?;
    let tx = ctx.db.begin().await?;
    let before = own_turn(&tx, user, id).await?;
    if !repo::turn_rate(&tx, id, helped).await? {
        return Err(AssistantError::NotAnswered);
    }
    let rated = own_turn(&tx, user, id).await?;
    crate::audit::record(&tx, ctx, actor, entry("conversation.rate", before.conversation_id)).await?;
    tx.commit().await?;
    Ok(rated)
}

/// Forgets an answer, so that it is made anew.
///
/// # Errors
/// [`AssistantError::Forbidden`], [`AssistantError::NotFound`], [`AssistantError::Answering`], [`AssistantError::Store`].
pub async fn retry(ctx: &Context, actor: &Actor, id: TurnId) -> Result<TurnRecord, AssistantError> {
    let user = asker(actor)?;
    let tx = ctx.db.begin().await?;
    let before = own_turn(&tx, user, id).await?;
    if !repo::turn_forget_answer(&tx, id, ctx.env.now()).await? {
        return Err(AssistantError::Answering);
    }
    let asked = own_turn(&tx, user, id).await?;
    crate::audit::record(&tx, ctx, actor, entry("conversation.retry", before.conversation_id)).await?;
    tx.commit().await?;
    Ok(asked)
}

async fn own(
    conn: &impl store::Connection,
    user: UserId,
    id: ConversationId,
) -> Result<ConversationRecord, AssistantError> {
    repo::conversation_fetch(conn, user, id).await?.ok_or(AssistantError::NotFound("conversation"))
}

/// A turn of one of that person's conversations.
pub(super) async fn own_turn(
    conn: &impl store::Connection,
    user: UserId,
    id: TurnId,
) -> Result<TurnRecord, AssistantError> {
    repo::turn_fetch(conn, user, id).await?.ok_or(AssistantError::NotFound("question"))
}

/// That it happened, and nothing of what was said: that is the person's, and goes when they remove it.
fn entry(action: &str, id: ConversationId) -> Entry {
    Entry::new(action, Permission::AssistantUse).on("conversation", id)
}

/// The beginning of a question on one line.
fn title_of(question: &str) -> String {
    let line = question.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TITLE_CHARACTERS {
        return line;
    }
    let begun: String = line.chars().take(TITLE_CHARACTERS).collect();
    // Not in the middle of a word, unless it is one without end.
    let whole = begun.rsplit_once(' ').map_or(begun.as_str(), |(whole, _)| whole);
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_beginning_of_the_question() {
        assert_eq!(title_of(" How many\n\tare  running? "), "How many are running?");
        let long = title_of(&"word ".repeat(100));
        assert!(long.ends_with("word…") && long.chars().count() <= TITLE_CHARACTERS + 1, "{long}");
        assert_eq!(title_of(&"x".repeat(100)).chars().count(), TITLE_CHARACTERS + 1);
    }
}
