//! The live stream as Server-Sent Events. What it reads from is `crate::live`.

mod frame;
pub mod stream;
