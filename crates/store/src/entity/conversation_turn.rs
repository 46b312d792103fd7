//! Rows of `conversation_turn`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_turn")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub question: String,
    pub state: String,
    pub claim: Option<Uuid>,
    pub claimed_until: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub plan: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub answer: Option<Json>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub sources: Option<Json>,
    pub level: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub passed_over: Option<Json>,
    pub helped: Option<bool>,
    pub created_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
