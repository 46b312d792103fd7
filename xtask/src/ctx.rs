//! Where things lie: the repository, the shared target directory, the cache. Not: any work.
//!
//! Every command uses the same target directory, so that clones beside each other share compiled dependencies:
//! `CARGO_TARGET_DIR` if set, else `<cache>/wheelhouse/target`, where `<cache>` is `XDG_CACHE_HOME` or `$HOME/.cache`.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use cargo_metadata::{MetadataCommand, Package};

/// The paths every command needs.
pub struct Ctx {
    /// The repository's root.
    pub root: PathBuf,
    /// Where every cargo started from here builds.
    pub target: PathBuf,
    /// This program, as it was started: a build may put another in its place while it runs.
    pub xtask: PathBuf,
    /// `<cache>/wheelhouse`: what outlives a clone (the Python environment, the default target directory).
    pub cache: PathBuf,
}

impl Ctx {
    /// Reads the environment; makes no directory but the cache.
    ///
    /// # Errors
    /// When no cache directory can be named (neither `XDG_CACHE_HOME` nor `HOME`) or made.
    pub fn new() -> Result<Self> {
        // Asked for at run time: with a shared target directory this very binary may have been built in another clone.
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).context("run it as `cargo xtask`")?;
        let root = package.parent().context("xtask lies inside the repository")?.to_path_buf();
        let cache = env::var_os("XDG_CACHE_HOME")
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
            .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .context("neither XDG_CACHE_HOME nor HOME is set: no place for the shared target directory")?
            .join("wheelhouse");
        std::fs::create_dir_all(&cache).with_context(|| format!("make {}", cache.display()))?;
        let target = match env::var_os("CARGO_TARGET_DIR").filter(|v| !v.is_empty()) {
            Some(dir) => root.join(dir),
            None => cache.join("target"),
        };
        let xtask = env::current_exe().context("where this program lies")?;
        Ok(Self { root, target, xtask, cache })
    }

    /// A cargo command in the repository, building into the shared target directory.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// A command in the repository's root, free of what `cargo run` put into the environment.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "LD_LIBRARY_PATH" {
                command.env_remove(&name);
            }
        }
        command
    }

    /// What the manifests of the workspace's own packages say.
    ///
    /// # Errors
    /// When a manifest can't be read.
    pub fn packages(&self) -> Result<Vec<Package>> {
        let metadata = MetadataCommand::new()
            .current_dir(&self.root)
            .no_deps()
            .other_options(vec!["--offline".to_owned()])
            .exec()
            .context("cargo metadata")?;
        Ok(metadata.packages)
    }

    /// The built `wheelhouse` of a profile folder (`debug` or `release`).
    #[must_use]
    pub fn binary(&self, profile_dir: &str) -> PathBuf {
        self.target.join(profile_dir).join(format!("wheelhouse{}", env::consts::EXE_SUFFIX))
    }

    /// Where `build-web` leaves the portal.
    #[must_use]
    pub fn portal(&self) -> PathBuf {
        self.target.join("portal")
    }
}
