//! What the portal did in people's browsers.

pub mod record;
