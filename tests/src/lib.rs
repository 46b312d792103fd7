//! Integration, chaos and browser tests and benches; the package itself is empty. See `integration/`, `e2e/`, `benches/`.
