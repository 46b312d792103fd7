//! wheelhouse.
fn main() {}
