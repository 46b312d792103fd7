//! What tests need beyond Rust and a C compiler, found or installed: PostgreSQL, Redis, Chromium with its driver, a Python
//! environment with boto3 and moto, Node.js with an OpenID provider, Prometheus, Alertmanager, pgBackRest, Caddy, the wasm target. On Debian and its kin as root (or with a sudo that asks nothing) it
//! installs the packages; elsewhere it says what is missing. Not: starting any of it (see `services.rs`).
//!
//! To add a tool: a field in [`Tools`], a probe in [`find`], a line in [`NEEDS`].

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::{ctx::Ctx, portal, process};

/// The error when something is missing that could not be installed; the text names each thing.
#[derive(Debug)]
pub struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// A need: what it is called, the Debian packages that bring it, and whether it is here.
struct Need {
    name: &'static str,
    packages: &'static [&'static str],
    here: fn(&Tools) -> bool,
}

const NEEDS: [Need; 11] = [
    Need {
        name: "PostgreSQL server (initdb, postgres)",
        packages: &["postgresql"],
        here: |t| t.postgres_bin.is_some(),
    },
    Need { name: "redis-server", packages: &["redis-server"], here: |t| t.redis.is_some() },
    Need { name: "Chromium", packages: &["chromium", "fonts-liberation"], here: |t| t.chromium.is_some() },
    Need { name: "chromedriver", packages: &["chromium-driver"], here: |t| t.chromedriver.is_some() },
    Need { name: "curl", packages: &["curl"], here: |t| t.curl.is_some() },
    Need { name: "Python 3 with venv", packages: &["python3", "python3-venv"], here: |t| t.python.is_some() },
    Need {
        name: "Prometheus with promtool",
        packages: &["prometheus"],
        here: |t| t.prometheus.is_some() && t.promtool.is_some(),
    },
    Need {
        name: "Alertmanager with amtool",
        packages: &["prometheus-alertmanager"],
        here: |t| t.alertmanager.is_some() && on_path(&["amtool"]).is_some(),
    },
    Need { name: "pgBackRest", packages: &["pgbackrest"], here: |t| t.pgbackrest.is_some() },
    Need { name: "Caddy", packages: &["caddy"], here: |t| t.caddy.is_some() },
    Need { name: "Node.js with npm", packages: &["nodejs", "npm"], here: |t| t.npm.is_some() },
];

/// Where the tools lie.
#[derive(Default)]
pub struct Tools {
    postgres_bin: Option<PathBuf>,
    redis: Option<PathBuf>,
    /// The browser.
    pub chromium: Option<PathBuf>,
    /// Its driver, which speaks WebDriver.
    pub chromedriver: Option<PathBuf>,
    python: Option<PathBuf>,
    /// Brings servers of others that tests sign in at; there only with Node.js.
    npm: Option<PathBuf>,
    /// Reads metrics and judges rules.
    pub prometheus: Option<PathBuf>,
    /// Tries those rules.
    pub promtool: Option<PathBuf>,
    /// Tells people what those rules find.
    pub alertmanager: Option<PathBuf>,
    /// Archives a PostgreSQL's log and brings a moment back.
    pub pgbackrest: Option<PathBuf>,
    /// The proxy that two releases are tried behind.
    pub caddy: Option<PathBuf>,
    /// Runs the commands that the README shows.
    curl: Option<PathBuf>,
}

impl Tools {
    /// The folder with `initdb`, `postgres`, `pg_isready`, `pgbench`.
    ///
    /// # Errors
    /// When PostgreSQL is not installed.
    pub fn postgres_bin(&self) -> Result<&Path> {
        self.postgres_bin.as_deref().context("PostgreSQL is not installed")
    }

    /// The `redis-server` program.
    ///
    /// # Errors
    /// When Redis is not installed.
    pub fn redis(&self) -> Result<&Path> {
        self.redis.as_deref().context("redis-server is not installed")
    }
}

/// Finds every tool, installing what lacks.
///
/// # Errors
/// [`Missing`] when something is missing that could not be installed.
pub fn ensure_tools(ctx: &Ctx) -> Result<Tools> {
    let tools = find();
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.here)(&tools)).collect();
    if missing.is_empty() {
        return Ok(tools);
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages.iter().copied()).collect();
    match package_installer(ctx, &packages) {
        Some(mut install) => {
            process::run(&mut install).context("install packages")?;
        }
        None => return Err(said_missing(&missing, &packages).into()),
    }
    let tools = find();
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.here)(&tools)).collect();
    if missing.is_empty() { Ok(tools) } else { Err(said_missing(&missing, &packages).into()) }
}

fn said_missing(missing: &[&Need], packages: &[&str]) -> Missing {
    let mut text =
        String::from("the tests need programs that are not on this machine and that could not be installed here:");
    for need in missing {
        text.push_str("\n  - ");
        text.push_str(need.name);
    }
    text.push_str("\non Debian: apt-get install ");
    text.push_str(&packages.join(" "));
    Missing(text)
}

/// The tools as they are, nothing installed.
#[must_use]
pub fn find() -> Tools {
    let python_works = |p: &PathBuf| process::succeeds(Command::new(p).args(["-c", "import ensurepip, venv"]));
    Tools {
        postgres_bin: postgres_folders()
            .into_iter()
            .find(|dir| dir.join("initdb").exists() && dir.join("postgres").exists()),
        redis: on_path(&["redis-server", "valkey-server"]),
        chromium: chosen("WHEELHOUSE_TEST_CHROMIUM")
            .or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"])),
        chromedriver: chosen("WHEELHOUSE_TEST_CHROMEDRIVER").or_else(|| on_path(&["chromedriver"])),
        prometheus: on_path(&["prometheus"]),
        promtool: on_path(&["promtool"]),
        alertmanager: on_path(&["alertmanager", "prometheus-alertmanager"]),
        pgbackrest: on_path(&["pgbackrest"]),
        caddy: on_path(&["caddy"]),
        curl: on_path(&["curl"]),
        npm: on_path(&["node"]).and_then(|_| on_path(&["npm"])),
        python: on_path(&["python3"])
            .filter(python_works)
            .or_else(|| Some(PathBuf::from("/usr/bin/python3")).filter(python_works)),
    }
}

/// A tool the caller named in the environment.
fn chosen(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|path| path.exists())
}

/// The first of these programs on PATH.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file()))
}

/// Where PostgreSQL's server programs may lie, the newest version first.
fn postgres_folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let mut folders: Vec<PathBuf> = versions.into_iter().map(|(_, dir)| dir).collect();
    folders.extend(on_path(&["postgres"]).and_then(|file| file.parent().map(Path::to_path_buf)));
    folders
}

/// The command that installs these packages, if this is Debian or its kin and we may.
fn package_installer(ctx: &Ctx, packages: &[&str]) -> Option<Command> {
    on_path(&["apt-get"])?;
    // No server is to be started by its package: tests start their own.
    let script = format!(
        "set -e; export DEBIAN_FRONTEND=noninteractive; policy=/usr/sbin/policy-rc.d; \
         if [ ! -e $policy ]; then printf '#!/bin/sh\\nexit 101\\n' >$policy; chmod +x $policy; \
         trap 'rm -f $policy' EXIT; trap 'exit 130' INT TERM; fi; \
         apt-get update -q >&2; apt-get install -q -y --no-install-recommends {} >&2",
        packages.join(" ")
    );
    let mut command = if nix::unistd::geteuid().is_root() {
        ctx.command("sh")
    } else if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        let mut sudo = ctx.command("sudo");
        sudo.args(["-n", "sh"]);
        sudo
    } else {
        return None;
    };
    command.arg("-c").arg(script);
    Some(command)
}

/// The target the portal is compiled for, installed through rustup if it lacks.
///
/// # Errors
/// When rustup can't install it. Without rustup nothing is checked: the compiler will say.
pub fn ensure_wasm_target(ctx: &Ctx) -> Result<()> {
    if on_path(&["rustup"]).is_none() {
        return Ok(());
    }
    let installed = process::capture(ctx.command("rustup").args(["target", "list", "--installed"]))?;
    if !String::from_utf8_lossy(&installed).lines().any(|line| line.trim() == portal::TARGET) {
        process::run(ctx.command("rustup").args(["target", "add", portal::TARGET]))?;
    }
    Ok(())
}

/// rustfmt and clippy, which a minimal toolchain may lack.
///
/// # Errors
/// When rustup can't install one.
pub fn ensure_components(ctx: &Ctx) -> Result<()> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !process::succeeds(ctx.cargo().args([command, "--version"])) && on_path(&["rustup"]).is_some() {
            process::run(ctx.command("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// A Python environment, by the list of its packages in `tests/python` and its folder in the cache.
#[derive(Debug, Clone, Copy)]
pub struct Python {
    list: &'static str,
    folder: &'static str,
}

/// boto3 and what goes with it.
pub const CLIENTS: Python = Python { list: "requirements.txt", folder: "venv" };
/// Cloud Custodian, which wants a boto3 of its own.
pub const CUSTODIAN: Python = Python { list: "custodian.txt", folder: "venv-custodian" };
/// schemathesis, which asks the API what its OpenAPI document promises.
pub const SCHEMATHESIS: Python = Python { list: "schemathesis.txt", folder: "venv-schemathesis" };

/// Helm's engine and what else judges the files in `deploy`.
pub const DEPLOY: Python = Python { list: "deploy.txt", folder: "venv-deploy" };

/// A Python environment in the cache, renewed when the list of its packages or the interpreter changes.
///
/// # Errors
/// When Python or its packages can't be installed.
pub fn ensure_python(ctx: &Ctx, tools: &Tools, which: Python) -> Result<PathBuf> {
    let python = tools.python.as_deref().context("Python is not installed")?;
    let list = ctx.root.join("tests/python").join(which.list);
    let venv = ctx.cache.join(which.folder);
    let mut hash = Sha256::new();
    hash.update(fs::read(&list).with_context(|| format!("read {}", list.display()))?);
    hash.update(process::capture(ctx.command(python).arg("--version"))?);
    let hash = format!("{:x}", hash.finalize());
    let stamp = venv.join("requirements.sha256");
    let inside = venv.join("bin/python");
    if fs::read_to_string(&stamp).is_ok_and(|seen| seen == hash)
        && process::succeeds(Command::new(&inside).arg("--version"))
    {
        return Ok(venv);
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("remove the old {}", venv.display()))?;
    }
    process::run(ctx.command(python).args(["-m", "venv"]).arg(&venv))?;
    process::run(
        ctx.command(&inside).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list),
    )?;
    fs::write(&stamp, hash)?;
    Ok(venv)
}

/// A folder in the cache with the Node.js modules of `tests/node`, renewed when the list of them changes.
///
/// # Errors
/// When they can't be installed.
pub fn ensure_node(ctx: &Ctx, tools: &Tools) -> Result<PathBuf> {
    let npm = tools.npm.as_deref().context("npm is not installed")?;
    let (list, folder) = (ctx.root.join("tests/node/package.json"), ctx.cache.join("node"));
    let wanted = fs::read(&list).with_context(|| format!("read {}", list.display()))?;
    let (there, stamp) = (folder.join("package.json"), folder.join("installed.json"));
    if fs::read(&stamp).is_ok_and(|seen| seen == wanted) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    fs::write(&there, &wanted)?;
    let install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    process::run(ctx.command(npm).args(install).current_dir(&folder))?;
    fs::write(&stamp, wanted)?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_packages() {
        let tools = Tools { redis: Some("/usr/bin/redis-server".into()), ..Tools::default() };
        let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.here)(&tools)).collect();
        let text = said_missing(&missing, &["postgresql"]).to_string();
        assert!(
            text.contains("PostgreSQL") && text.contains("chromedriver") && text.contains("apt-get install postgresql")
        );
        assert!(!text.contains("redis"));
    }
}
