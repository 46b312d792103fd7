//! `cargo xtask gen`: the generated files that are committed, so that a reader finds them without building. `gen --check`
//! (part of CI) names a stale one.
//!
//! To add a file: a line in [`GENERATED`]. Its content is what the `wheelhouse` binary prints.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};

use crate::{ctx::Ctx, process, steps};

/// A committed file and the `wheelhouse` command line that prints it.
struct Generated {
    path: &'static str,
    args: &'static [&'static str],
}

const GENERATED: [Generated; 5] = [
    Generated { path: "docs/openapi.json", args: &["openapi"] },
    Generated { path: "docs/configuration.md", args: &["config", "env-table"] },
    Generated { path: "docs/metrics.md", args: &["metrics"] },
    Generated { path: "deploy/terraform/iam/fleet.json", args: &["iam-policy"] },
    Generated { path: "deploy/terraform/iam/fleet-read-only.json", args: &["iam-policy", "--read-only"] },
];

/// Options of `gen`.
#[derive(clap::Args)]
pub struct Args {
    /// Change nothing; fail if a file is not what would be written.
    #[arg(long)]
    check: bool,
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    steps::build(ctx)?;
    if args.check {
        return check(ctx);
    }
    for file in &GENERATED {
        let path = ctx.root.join(file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let content = print(ctx, file)?;
        let state = if fs::read(&path).is_ok_and(|old| old == content) { "unchanged" } else { "written" };
        fs::write(&path, content).with_context(|| format!("write {}", path.display()))?;
        eprintln!("  {} {state}", file.path);
    }
    Ok(())
}

/// Compares the committed files with what the built binary prints.
///
/// # Errors
/// When one is stale or missing: names all of them and how to make them anew.
pub fn check(ctx: &Ctx) -> Result<()> {
    let mut stale = Vec::new();
    for file in &GENERATED {
        let content = print(ctx, file)?;
        if let Some(why) = difference(&ctx.root.join(file.path), &content) {
            eprintln!("  {}: {why}", file.path);
            stale.push(file.path);
        }
    }
    if !stale.is_empty() {
        bail!("stale: {}; run `cargo xtask gen` and commit what it writes", stale.join(", "));
    }
    Ok(())
}

fn print(ctx: &Ctx, file: &Generated) -> Result<Vec<u8>> {
    let mut command = ctx.command(ctx.binary("debug"));
    // What this machine has configured is not to show in a committed file.
    for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("WHEELHOUSE_")) {
        command.env_remove(name);
    }
    process::capture(command.env_remove("DATABASE_URL").env_remove("REDIS_URL").args(file.args))
}

/// Where the committed file first differs from what it should be.
fn difference(path: &Path, content: &[u8]) -> Option<String> {
    let Ok(old) = fs::read(path) else { return Some("missing".to_owned()) };
    if old == content {
        return None;
    }
    let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(content));
    let line = old.lines().zip(new.lines()).take_while(|(a, b)| a == b).count() + 1;
    Some(format!("differs from line {line} on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_file_is_told_from_a_fresh_one() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.json");
        assert_eq!(difference(&file, b"x").as_deref(), Some("missing"));
        fs::write(&file, "one\ntwo\n").unwrap();
        assert_eq!(difference(&file, b"one\ntwo\n"), None);
        assert_eq!(difference(&file, b"one\n2\n").as_deref(), Some("differs from line 2 on"));
        assert!(difference(&file, b"one\n").is_some());
    }
}
