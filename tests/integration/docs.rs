//! The book (`docs`): its pages and links, the commands and settings that it names, the examples of its API guide.
//!
//! `page` reads Markdown as far as that takes; `book` asks about pages and links, `names` about commands and settings, `examples`
//! runs the API guide. A page needs no line here: it is found in the folder. Pictures are taken by `tests/e2e/book.rs`.

mod book;
mod examples;
mod names;
mod page;

use std::path::PathBuf;

use testkit::outside::root;

/// The folder of the book.
fn folder() -> PathBuf {
    root().join("docs")
}
