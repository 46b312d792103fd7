//! Rows of `job`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub subject: String,
    pub payload: Json,
    pub unique_key: Option<String>,
    pub state: String,
    pub priority: i16,
    pub run_at: DateTime<Utc>,
    pub max_attempts: i32,
    pub failed_attempts: i32,
    pub claim_number: i32,
    pub silent_claims: i32,
    pub worker: Option<String>,
    pub heartbeat_at: Option<DateTime<Utc>>,
    pub cancel_requested: bool,
    pub progress_done: i64,
    pub progress_total: Option<i64>,
    pub progress_note: String,
    pub checkpoint: Option<Json>,
    pub result: Option<Json>,
    pub error: Option<String>,
    pub account_id: Option<Uuid>,
    pub region: Option<String>,
    pub created_by: Option<Uuid>,
    pub created_by_name: String,
    pub request_id: Option<String>,
    pub trace: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
