//! Reports: what is made again and again, its form in a drawer, its runs with their files in another.

mod form;
mod runs;
mod view;
mod words;

pub use view::ReportsPage;
