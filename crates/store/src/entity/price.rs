//! Rows of `price`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "price")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub region: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku: String,
    pub bundle: Option<String>,
    pub compute_type: Option<String>,
    pub license: Option<String>,
    pub operating_system: Option<String>,
    pub root_gb: Option<i32>,
    pub user_gb: Option<i32>,
    pub running_mode: Option<String>,
    pub unit: String,
    pub usage_type: Option<String>,
    pub price_e10: i64,
    pub currency: String,
    pub effective_at: Option<DateTime<Utc>>,
    pub read_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
