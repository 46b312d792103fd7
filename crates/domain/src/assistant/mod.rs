//! The assistant's rules: what was found out ([`Facts`]), which tool is asked for what ([`Plan`]), whether a sentence may be
//! shown ([`check`]), and which level spoke ([`Level`]).
//!
//! Pure: no query, no model, no wording by a model. The tools that find facts out are `services::assistant::tools`.
//! To add a tool: a variant of [`Tool`], its words in `rules`, its runner in services, its questions in the tests of both.

pub mod check;
mod fact;
mod level;
mod plan;
pub mod rules;
mod sentence;

pub use check::{Refusal, check};
pub use fact::{Fact, FactValue, Facts, Source};
pub use level::{Level, LevelFailure};
pub use plan::{Call, Dimension, Filters, Help, MOST_CALLS, Measure, Period, Plan, Tool};
pub use sentence::{Part, Sentence};
