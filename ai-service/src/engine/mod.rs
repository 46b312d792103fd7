//! The engine: a model, and what it takes to load and run one.
//!
//! It knows tokens and memory, not HTTP and not requests: those are `http` and `scheduler`.

pub mod kernels;
pub mod load;
mod matrix;
pub mod model;
pub mod phi3;
pub mod quants;
mod raw;
#[cfg(any(test, feature = "testing"))]
pub mod scripted;
#[cfg(test)]
mod scripted_tests;
mod threads;
pub mod tiles;

pub use kernels::Isa;
pub use load::{LoadError, LoadOptions, load};
pub use model::{Chunk, Model, ModelError, ModelInfo, PageId, RopeFactors};
pub use phi3::weight_bytes;
