//! The data sets: how fresh and complete what was read from AWS is. The table is shown on an account's card too, each kind of data
//! (`kinds`) on the overview.

mod fleet;
#[cfg(test)]
mod in_browser;
mod kinds;
mod state;
mod table;
mod view;

pub use fleet::{FleetFreshness, fleet_sets};
pub use kinds::DataKinds;
pub use state::{Verdict, verdict};
pub use table::DataSetTable;
pub use view::DataSetsPage;
