//! What the portal is made from, as one hash: where it is that of the portal that stands, there is nothing to build, also in a
//! fresh clone, whose files are all new to cargo. Not: the building.
//!
//! It covers every file of `web` and of the packages of ours that it depends on, the manifests and settings of the workspace, the
//! compiler, the environment that changes what it makes, and this program's part in it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::Package;
use sha2::{Digest as _, Sha256};

use super::{Kind, layout::files_below};
use crate::{bootstrap, ctx::Ctx};

/// Files of the workspace that decide how a package is compiled.
const SETTINGS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"];

/// Beginnings of the names of environment variables that decide it too.
const VARIABLES: [&str; 5] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_", "CARGO_PROFILE_", "CARGO_TARGET_WASM32_"];

/// The package that the portal is.
const PORTAL: &str = "web";

/// The hash, hexadecimal.
///
/// # Errors
/// When a file can't be read, or the compiler does not say which it is.
pub fn hash(ctx: &Ctx, kind: Kind) -> Result<String> {
    let mut files: Vec<PathBuf> = SETTINGS.iter().map(|name| ctx.root.join(name)).collect();
    for folder in folders(&ctx.packages()?) {
        files.extend(files_below(&folder)?);
    }
    let compiler = ctx.command("rustc").arg("-vV").stderr(Stdio::inherit()).output().context("rustc -vV")?;
    ensure!(compiler.status.success(), "rustc -vV: {}", compiler.status);
    let mut settings: Vec<String> = std::env::vars_os()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_str()?, value.to_str()?)))
        .filter(|setting| VARIABLES.iter().any(|name| setting.starts_with(name)))
        .collect();
    settings.sort();
    settings.push(format!("{kind:?}, wasm-opt: {}", bootstrap::on_path(&["wasm-opt"]).is_some()));
    let own = [
        include_str!("mod.rs"),
        include_str!("group.rs"),
        include_str!("inputs.rs"),
        include_str!("layout.rs"),
        include_str!("merge.rs"),
        include_str!("names.rs"),
        include_str!("part.rs"),
        include_str!("plain.rs"),
        include_str!("size.rs"),
        include_str!("split.rs"),
        include_str!("types.rs"),
    ];
    let told = own.into_iter().map(str::as_bytes).chain([compiler.stdout.as_slice()]);
    of(&ctx.root, &files, told.chain(settings.iter().map(String::as_bytes)))
}

/// The folders of the portal's package and of those of ours that it depends on.
fn folders(packages: &[Package]) -> BTreeSet<PathBuf> {
    let (mut found, mut open) = (BTreeSet::new(), vec![PORTAL]);
    while let Some(name) = open.pop() {
        let Some(package) = packages.iter().find(|package| package.name.as_str() == name) else { continue };
        let folder = package.manifest_path.parent().map(|folder| folder.as_std_path().to_path_buf());
        if folder.is_some_and(|folder| found.insert(folder)) {
            let ours = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
            open.extend(ours.map(|dependency| dependency.name.as_str()));
        }
    }
    found
}

/// The hash of files, by their places below `root`, and of what else is told. Each has its length before it, so that what
/// moves from one into the next changes the hash.
fn of<'a>(root: &Path, files: &[PathBuf], told: impl Iterator<Item = &'a [u8]>) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    told.for_each(&mut add);
    for file in files {
        add(file.strip_prefix(root).unwrap_or(file).as_os_str().as_encoded_bytes());
        add(&fs::read(file).with_context(|| format!("read {}", file.display()))?);
    }
    Ok(format!("{:x}", hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_for_the_same_files_elsewhere_and_another_for_others() {
        let made = |name: &str, content: &str, told: &str| {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(name);
            fs::write(&file, content).unwrap();
            of(dir.path(), &[file], [told.as_bytes()].into_iter()).unwrap()
        };
        let first = made("main.rs", "fn main() {}", "release");
        assert_eq!(first, made("main.rs", "fn main() {}", "release"));
        let others = [
            made("lib.rs", "fn main() {}", "release"),
            made("main.rs", "fn main() { }", "release"),
            made("main.rs", "fn main() {}", "dev"),
        ];
        assert!(!others.contains(&first));
    }

    #[test]
    fn it_covers_what_the_portal_depends_on() {
        let ctx = Ctx::new().unwrap();
        let folders = folders(&ctx.packages().unwrap());
        for folder in ["web", "crates/contract", "crates/domain"] {
            assert!(folders.contains(&ctx.root.join(folder)), "{folder}: {folders:?}");
        }
        assert!(!folders.contains(&ctx.root.join("api")));
    }
}
