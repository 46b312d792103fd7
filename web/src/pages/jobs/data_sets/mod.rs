//! The data sets: how fresh and complete what was read from AWS is. The table is shown on an account's card too.

mod fleet;
mod state;
mod table;
mod view;

pub use fleet::{FleetFreshness, fleet_sets};
pub use state::{Verdict, verdict};
pub use table::DataSetTable;
pub use view::DataSetsPage;
