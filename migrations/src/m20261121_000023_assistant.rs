//! The assistant: conversations with their turns, tokens used by whom in which month, and how often each level spoke or
//! failed on which day. What people asked is theirs: it goes with them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean_null, date, json_binary_null, pk_uuid, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

use crate::build::{drop_tables, foreign_key, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Conversation {
    Table,
    Id,
    UserId,
    Title,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum ConversationTurn {
    Table,
    Id,
    ConversationId,
    Question,
    State,
    Claim,
    ClaimedUntil,
    Plan,
    Answer,
    Sources,
    Level,
    PassedOver,
    Helped,
    CreatedAt,
    AnsweredAt,
}

#[derive(DeriveIden)]
enum AssistantTokens {
    Table,
    UserId,
    Month,
    Tokens,
}

#[derive(DeriveIden)]
enum AssistantLevelDay {
    Table,
    Day,
    Level,
    Outcome,
    Count,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conversation = Table::create()
            .table(Conversation::Table)
            .col(pk_uuid(Conversation::Id))
            .col(uuid(Conversation::UserId))
            // Empty until it is named, by somebody or by its first question.
            .col(text(Conversation::Title))
            .col(big_integer(Conversation::Version).default(1))
            .col(timestamp_with_time_zone(Conversation::CreatedAt))
            .col(timestamp_with_time_zone(Conversation::UpdatedAt))
            .foreign_key(&mut foreign_key(
                "fk_conversation_user",
                (Conversation::Table, Conversation::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(conversation).await?;
        let turn = Table::create()
            .table(ConversationTurn::Table)
            .col(pk_uuid(ConversationTurn::Id))
            .col(uuid(ConversationTurn::ConversationId))
            .col(text(ConversationTurn::Question))
            .col(key_text(manager, ConversationTurn::State).check(Expr::col(ConversationTurn::State).is_in([
                "asked",
                "answering",
                "answered",
            ])))
            // Who is answering it, and until when nobody else may.
            .col(uuid_null(ConversationTurn::Claim))
            .col(timestamp_with_time_zone_null(ConversationTurn::ClaimedUntil))
            .col(json_binary_null(ConversationTurn::Plan))
            .col(json_binary_null(ConversationTurn::Answer))
            .col(json_binary_null(ConversationTurn::Sources))
            .col(key_text_null(manager, ConversationTurn::Level))
            .col(json_binary_null(ConversationTurn::PassedOver))
            .col(boolean_null(ConversationTurn::Helped))
            .col(timestamp_with_time_zone(ConversationTurn::CreatedAt))
            .col(timestamp_with_time_zone_null(ConversationTurn::AnsweredAt))
            .foreign_key(&mut foreign_key(
                "fk_conversation_turn_conversation",
                (ConversationTurn::Table, ConversationTurn::ConversationId),
                (Conversation::Table, Conversation::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(turn).await?;
        let tokens = Table::create()
            .table(AssistantTokens::Table)
            .col(uuid(AssistantTokens::UserId))
            // Its first day, UTC.
            .col(date(AssistantTokens::Month))
            .col(big_integer(AssistantTokens::Tokens))
            .primary_key(
                Index::create().name("pk_assistant_tokens").col(AssistantTokens::UserId).col(AssistantTokens::Month),
            )
            .foreign_key(&mut foreign_key(
                "fk_assistant_tokens_user",
                (AssistantTokens::Table, AssistantTokens::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(tokens).await?;
        let level_day = Table::create()
            .table(AssistantLevelDay::Table)
            .col(date(AssistantLevelDay::Day))
            .col(key_text(manager, AssistantLevelDay::Level))
            // `answered`, `sentence_refused`, or why it failed.
            .col(key_text(manager, AssistantLevelDay::Outcome))
            .col(big_integer(AssistantLevelDay::Count))
            .primary_key(
                Index::create()
                    .name("pk_assistant_level_day")
                    .col(AssistantLevelDay::Day)
                    .col(AssistantLevelDay::Level)
                    .col(AssistantLevelDay::Outcome),
            )
            .to_owned();
        manager.create_table(level_day).await?;
        let indexes = [
            "CREATE INDEX ix_conversation_user ON conversation (user_id, updated_at, id)",
            "CREATE INDEX ix_conversation_updated ON conversation (updated_at)",
            "CREATE INDEX ix_conversation_turn_conversation ON conversation_turn (conversation_id, id)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            AssistantLevelDay::Table.into_iden(),
            AssistantTokens::Table.into_iden(),
            ConversationTurn::Table.into_iden(),
            Conversation::Table.into_iden(),
        ];
        drop_tables(manager, tables).await
    }
}
