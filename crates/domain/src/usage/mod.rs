//! Usage: when somebody was connected to a WorkSpace, and the hours that makes.
//!
//! CloudWatch's points become intervals of connected time ([`points`], [`intervals`]); everything else is computed from
//! these again at any time: days with their hour masks ([`hours`]), the same in the reader's time zone ([`zone`]), and the
//! hours of a month by either of two rules: as AWS bills them ([`billable`]) and as AWS's Cost Optimizer counts them
//! ([`cost_optimizer`]); and which days others are compared with ([`comparison`]). It is not the place for prices ([`crate::cost`]). To add a rule: a module of its own, from
//! intervals to hours, with AWS's examples as tests.

pub mod billable;
pub mod comparison;
pub mod cost_optimizer;
pub mod hours;
pub mod intervals;
pub mod month;
pub mod points;
pub mod zone;

pub use comparison::Comparison;
pub use hours::{HourMask, UsageDay};
pub use intervals::ConnectedInterval;
pub use month::Month;

#[cfg(test)]
pub(crate) mod arbitrary;
