//! `cargo xtask book`: the book of `docs` as web pages, in `<target>/book`. With `--pictures` the browser test `book` takes its
//! pictures anew first. What the book says is checked by the tests (`tests/integration/docs.rs`), without mdBook.

use std::ffi::OsString;
use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::{
    bootstrap,
    ctx::Ctx,
    portal::{self, Kind},
    process,
    test::{self, Which},
};

/// The version that the book was looked at with.
const MDBOOK: &str = "0.5.4";

/// Options of `book`.
#[derive(clap::Args)]
pub struct Args {
    /// Take the pictures anew, which is to be committed.
    #[arg(long)]
    pictures: bool,
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    if args.pictures {
        take_pictures(ctx)?;
    }
    let Some(mdbook) = bootstrap::on_path(&["mdbook"]) else {
        bail!("there is no mdbook; install it with: cargo install --locked mdbook@{MDBOOK}");
    };
    let book = ctx.target.join("book");
    process::run(ctx.command(mdbook).arg("build").arg("--dest-dir").arg(&book).arg("docs"))?;
    eprintln!("  {}", book.join("index.html").display());
    Ok(())
}

/// Runs the test that takes them, and puts them in the place of those that the book has.
fn take_pictures(ctx: &Ctx) -> Result<()> {
    let (taken, images) = (test::artefacts(ctx).join("book"), ctx.root.join("docs/images"));
    if taken.exists() {
        fs::remove_dir_all(&taken)?;
    }
    portal::build(ctx, Kind::Release)?;
    test::run_steps(ctx, &["tests"], &Which::Browser(&[OsString::from("the_book_shows_what_people_see")]))?;
    let mut pictures = Vec::new();
    for entry in fs::read_dir(&taken).context("the test took no pictures")? {
        pictures.push(entry?.path());
    }
    if images.exists() {
        fs::remove_dir_all(&images)?;
    }
    fs::create_dir_all(&images)?;
    for picture in &pictures {
        fs::copy(picture, images.join(picture.file_name().context("a picture has a name")?))?;
    }
    eprintln!("  {} pictures in {}", pictures.len(), images.display());
    Ok(())
}
