//! `cargo xtask build-web`: compiles the portal to wasm and lays out the static files that the server serves, in
//! `<target>/portal/`:
//!
//! - `index.html` from the template `web/index.html`, never to be cached;
//! - `pkg/`: the program (`web-<hash>.wasm`) with its pages (`page_<page>-<hash>.wasm`, `shared_<number>-<hash>.wasm`, see
//!   `split.rs`), its glue (`web-<hash>.js`), the script that fetches pages (`split-<hash>.js`), the one that starts all (`boot-<hash>.js`) and
//!   the styles (`styles-<hash>.css`: `web/styles/*.css` in the order of their names; `pages-<hash>.css`:
//!   `web/styles/pages/*.css`, fetched beside the program, behind it in line). A name changes with its content, so these may be cached
//!   for ever. Scripts and styles are without comments and indentation;
//! - `assets/`: what lies in `web/assets/`, names as they are;
//! - beside each of them that shrinks a `.br` and a `.gz`;
//! - `manifest.json`: the sizes.
//!
//! Template placeholders, all absolute paths: `{{css}}`, `{{js}}` (the boot script, `type="module"`), `{{glue}}`, `{{wasm}}`.
//! Preload links are added before `</head>` for those of the last two that the template doesn't name. Nothing is inline, so a
//! content security policy needs no more than `script-src 'self' 'wasm-unsafe-eval'`.
//!
//! The folder is made beside the old one and swapped in when whole. Not: a development server.

mod group;
mod inputs;
mod layout;
mod merge;
mod names;
mod part;
mod plain;
mod size;
mod split;
mod types;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use self::layout::Layout;
use crate::{bootstrap, ctx::Ctx, process};

/// What the portal is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A release build of which a browser has to fetch more than this, compressed with brotli, before the first page stands, fails: bytes.
/// It is 250 KiB, of 1,024 bytes each; 250 kB, of 1,000, would be 6,000 less.
const FIRST_LOAD_LIMIT: u64 = 256_000;
/// The same for what the pages of one chunk add to that, what they share with other chunks counted with each.
const PAGE_LIMIT: u64 = 392_000;

/// Options of `build-web`.
#[derive(clap::Args)]
pub struct Args {
    /// As it ships: smallest wasm, best compression, size gate (the default).
    #[arg(long, conflicts_with = "dev")]
    release: bool,
    /// Quick to build, large to load.
    #[arg(long)]
    dev: bool,
}

/// How to build.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// As it ships.
    Release,
    /// For work on it.
    Dev,
}

impl Kind {
    /// Cargo's profile and the folder it builds into.
    fn profile(self) -> (&'static str, &'static str) {
        match self {
            Self::Release => ("wasm-release", "wasm-release"),
            Self::Dev => ("dev", "debug"),
        }
    }

    /// Brotli's quality, 0 to 11.
    fn brotli_quality(self) -> i32 {
        match self {
            Self::Release => 11,
            Self::Dev => 5,
        }
    }
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    let kind = if args.dev { Kind::Dev } else { Kind::Release };
    let dir = build(ctx, kind)?;
    println!("{}", dir.display());
    Ok(())
}

/// Builds the portal and returns its folder.
///
/// # Errors
/// When it doesn't compile, a file of `web/` is missing, or (in release) the first load or a page is over its limit.
pub fn build(ctx: &Ctx, kind: Kind) -> Result<PathBuf> {
    let (web, portal) = (ctx.root.join("web"), ctx.portal());
    let inputs = inputs::hash(ctx, kind)?;
    if let Some(manifest) = size::Manifest::read(&portal).filter(|m| m.inputs == inputs) {
        eprintln!("  portal is up to date: {}", portal.display());
        return gate(&manifest, kind).map(|()| portal);
    }

    bootstrap::ensure_wasm_target(ctx)?;
    let (profile, folder) = kind.profile();
    process::run(ctx.cargo().args(["build", "-p", "web", "--target", TARGET, "--profile", profile]))?;
    let wasm = ctx.target.join(TARGET).join(folder).join("web.wasm");

    fs::create_dir_all(&ctx.target)?;
    let work = tempfile::Builder::new().prefix("portal-build-").tempdir_in(&ctx.target)?;
    let parts = split::split(&wasm, &work.path().join("split"), kind == Kind::Release)?;
    let glue = bind(&parts.main, &work.path().join("bindgen"), kind)?;
    let whole = work.path().join("portal");
    let layout = Layout::write(&web, &glue, &parts, &whole)?;
    let manifest = size::compress_all(&whole, &layout, kind, inputs)?;
    manifest.print();
    swap(&whole, &portal, work.path())?;
    gate(&manifest, kind)?;
    Ok(portal)
}

fn gate(manifest: &size::Manifest, kind: Kind) -> Result<()> {
    if kind == Kind::Dev {
        return Ok(());
    }
    ensure!(
        manifest.first_load_brotli <= FIRST_LOAD_LIMIT,
        "the first load is {} bytes with brotli, over the limit of {FIRST_LOAD_LIMIT}: see manifest.json for what is large",
        manifest.first_load_brotli
    );
    for (page, brotli) in &manifest.pages_brotli {
        ensure!(
            *brotli <= PAGE_LIMIT,
            "the pages of {page} add {brotli} bytes with brotli, over the limit of {PAGE_LIMIT}: split them (web/src/pages/chunks.rs)"
        );
    }
    Ok(())
}

/// Runs wasm-bindgen over the main part, and wasm-opt if it is installed; in a release the two results get short names for each
/// other. Returns the folder with `web.js`, `web_bg.wasm` and perhaps `snippets/`.
fn bind(wasm: &Path, out: &Path, kind: Kind) -> Result<PathBuf> {
    let release = kind == Kind::Release;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("web")
        .web(true)
        .and_then(|b| {
            b.typescript(false)
                .omit_default_module_path(true)
                .demangle(!release)
                // What the pages import from the main part.
                .keep_lld_exports(true)
                .keep_debug(!release)
                .remove_name_section(release)
                .remove_producers_section(release)
                .generate(out)
        })
        .context("wasm-bindgen")?;
    if let Some(wasm_opt) = bootstrap::on_path(&["wasm-opt"]).filter(|_| release) {
        let module = out.join("web_bg.wasm");
        let small = out.join("small.wasm");
        let mut command = std::process::Command::new(wasm_opt);
        command.args(["-Oz", "--all-features"]).arg(&module).arg("-o").arg(&small);
        // An old wasm-opt that doesn't know what the compiler emits must not stop the build.
        match process::run(&mut command) {
            Ok(()) => fs::rename(&small, &module)?,
            Err(error) => eprintln!("  wasm-opt left out: {error:#}"),
        }
    }
    if release {
        let (glue, program) = (out.join("web.js"), out.join("web_bg.wasm"));
        let (short_glue, short_program) = names::shortened(&fs::read_to_string(&glue)?, &fs::read(&program)?)?;
        fs::write(&glue, short_glue)?;
        fs::write(&program, short_program)?;
    }
    Ok(out.to_path_buf())
}

/// Puts the whole folder where the served one is. A reader sees the old files or the new ones.
fn swap(whole: &Path, portal: &Path, work: &Path) -> Result<()> {
    let old = work.join("old");
    match fs::rename(portal, &old) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => bail!("move the old portal away: {error}"),
    }
    fs::rename(whole, portal).context("move the new portal in")
}
