//! Cost: what WorkSpaces cost, from AWS's prices and the usage.
//!
//! [`price`] holds a desktop's prices and its break-even hours, [`price_list`] reads AWS's Price List into them,
//! [`proration`] makes a month's bill of prices, modes and hours, [`reconcile`] says why AWS's is another, and [`groups`] names what
//! costs are told apart by. It is not the
//! place for what AWS has billed (Cost Explorer's rows), which is read, not computed. To add a way to bill: a
//! [`model::Charge`], its usage type in [`price_list`] and its item in [`proration`].

pub mod groups;
pub mod model;
pub mod price;
pub mod price_list;
pub mod proration;
pub mod reconcile;
mod text;

pub use groups::{CostBy, CostGrouping, ESTIMATE_GROUP, EstimateBy, TAG_GROUP, TAG_KEY_MAX, TEAM_TAG, UnknownGroup};
pub use model::{BillingMode, Charge, ModeChange};
pub use price::PricePlan;
