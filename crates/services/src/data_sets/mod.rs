//! Data sets: how fresh and how complete what was read from AWS is, and what asking for it cost. What writes them is the
//! end of each sync (`crate::sync`).

pub mod error;
pub mod service;

#[cfg(test)]
mod tests;

pub use error::DataSetError;
pub use service::{DataSet, DataSets, RequestCost, list_data_sets};
