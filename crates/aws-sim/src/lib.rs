//! aws-sim.
