//! Rows of `directory`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "directory")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub region: String,
    pub aws_id: String,
    pub name: String,
    pub alias: Option<String>,
    pub kind: String,
    pub state: String,
    pub registration_code: Option<String>,
    pub stage: Option<String>,
    pub first_seen_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
