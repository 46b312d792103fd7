//! The times of a clone's files, by what is in them. cargo builds again what is newer than its build, and every file of a new clone
//! is; here a file whose content an earlier clone built into the same target directory gets the time it had there, so that cargo
//! finds its build good. Not: a cache; cargo decides what it builds.
//!
//! What keeps that true:
//! - A file that was never seen, or has other content than when it was last, is as new as now: what was built from the old
//!   content is older and is built again.
//! - Only packages that nobody else has built since count: cargo notes the time of each build beside it, and where one is later
//!   than the end of the last run and earlier than the beginning of this one, it may have been of anything.
//! - The record is written when a run has ended. After one that was killed, what it built is somebody else's.
//!
//! Two checkouts that build into one directory at the same time are told apart neither by this nor by cargo.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ctx::Ctx;

/// Files and the builds that were made of them. Times are since 1970.
#[derive(Default, Serialize, Deserialize)]
struct Record {
    /// The end of the run that wrote this.
    until: Duration,
    /// By path from the repository's root.
    files: BTreeMap<String, Seen>,
}

/// A file as it was built.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Seen {
    /// SHA-256 of the content, hexadecimal.
    hash: String,
    /// When a run first met this content.
    since: Duration,
}

/// The files of a checkout, with the times they were given.
pub struct Sources {
    root: PathBuf,
    record: PathBuf,
    files: BTreeMap<String, Seen>,
}

impl Sources {
    /// Gives each tracked file its time. `began` is when the first build of this run may have begun, of this very program.
    ///
    /// # Errors
    /// When git does not name the files, or one can't be read or its time not be set.
    pub fn settle(ctx: &Ctx, began: SystemTime) -> Result<Self> {
        let packages = ctx.packages()?;
        let folder =
            |manifest: &Path| manifest.parent().and_then(|dir| dir.strip_prefix(&ctx.root).ok()).map(Path::to_path_buf);
        let packages = packages
            .iter()
            .filter_map(|package| Some((package.name.to_string(), folder(package.manifest_path.as_std_path())?)))
            .collect();
        let record = ctx.target.join("sources.json");
        let before = fs::read(&record).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let before: Record = before.unwrap_or_default();
        let others = built_by_others(&ctx.target, &packages, before.until, since_1970(began))?;
        let files = settle(&ctx.root, &tracked(ctx)?, &before, &Packages { all: packages, others }, now(&ctx.target)?)?;
        Ok(Self { root: ctx.root.clone(), record, files })
    }

    /// Writes down what was built, for the next clone. A file that was changed meanwhile is left out.
    ///
    /// # Errors
    /// When the record can't be written.
    pub fn remember(mut self) -> Result<()> {
        self.files.retain(|path, seen| modified(&self.root.join(path)).is_ok_and(|time| time == seen.since));
        let target = self.record.parent().unwrap_or(Path::new("."));
        let record = Record { until: now(target)?, files: self.files };
        let beside = self.record.with_extension("json.new");
        fs::write(&beside, serde_json::to_vec(&record)?).with_context(|| format!("write {}", beside.display()))?;
        fs::rename(&beside, &self.record).with_context(|| format!("write {}", self.record.display()))
    }
}

/// The workspace's packages, and which of them others have built.
struct Packages {
    /// By name, the folder from the repository's root.
    all: BTreeMap<String, PathBuf>,
    others: BTreeSet<String>,
}

impl Packages {
    /// Whether what stands was built by a run that is on record. What lies in no package may be in any.
    fn is_ours(&self, file: &Path) -> bool {
        let inside = self.all.iter().filter(|(_, folder)| file.starts_with(folder));
        match inside.max_by_key(|(_, folder)| folder.components().count()) {
            Some((name, _)) => !self.others.contains(name),
            None => self.others.is_empty(),
        }
    }
}

/// The times, set and told.
fn settle(
    root: &Path,
    files: &[String],
    before: &Record,
    packages: &Packages,
    now: Duration,
) -> Result<BTreeMap<String, Seen>> {
    let mut settled = BTreeMap::new();
    for path in files {
        let place = root.join(path);
        let content = fs::read(&place).with_context(|| format!("read {path}"))?;
        let hash = format!("{:x}", Sha256::digest(content));
        let known = before.files.get(path).filter(|seen| seen.hash == hash && packages.is_ours(Path::new(path)));
        let since = known.map_or(now, |seen| seen.since);
        let time = File::options().write(true).open(&place).and_then(|file| file.set_modified(UNIX_EPOCH + since));
        time.with_context(|| format!("set the time of {path}"))?;
        settled.insert(path.clone(), Seen { hash, since });
    }
    Ok(settled)
}

/// The packages with a build after one time and before another: cargo touches `invoked.timestamp` when it begins one, in
/// `<profile>/.fingerprint/<package>-<hash>` or, for a target named on the command line, a folder further down.
fn built_by_others(
    target: &Path,
    packages: &BTreeMap<String, PathBuf>,
    after: Duration,
    before: Duration,
) -> Result<BTreeSet<String>> {
    let folders = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    };
    let mut found = BTreeSet::new();
    let below = folders(target);
    let profiles = below.iter().flat_map(|dir| folders(dir)).chain(below.iter().cloned());
    for unit in profiles.flat_map(|profile| folders(&profile.join(".fingerprint"))) {
        let name = unit.file_name().and_then(|name| name.to_str()).and_then(|name| name.rsplit_once('-'));
        let Some((name, _)) = name.filter(|(name, _)| packages.contains_key(*name)) else { continue };
        let stamp = unit.join("invoked.timestamp");
        if stamp.exists() && (after..before).contains(&modified(&stamp)?) {
            found.insert(name.to_owned());
        }
    }
    Ok(found)
}

/// The files under version control; of a submodule or a link there is nothing to set.
fn tracked(ctx: &Ctx) -> Result<Vec<String>> {
    let listed =
        ctx.command("git").args(["ls-files", "-z"]).stderr(Stdio::inherit()).output().context("git ls-files")?;
    ensure!(listed.status.success(), "git ls-files: {}", listed.status);
    let names = String::from_utf8(listed.stdout).context("git ls-files")?;
    let is_file = |path: &&str| ctx.root.join(path).symlink_metadata().is_ok_and(|about| about.is_file());
    Ok(names.split_terminator('\0').filter(is_file).map(str::to_owned).collect())
}

fn modified(path: &Path) -> Result<Duration> {
    let time = path.metadata().and_then(|about| about.modified());
    Ok(since_1970(time.with_context(|| format!("the time of {}", path.display()))?))
}

/// By the clock that builds are stamped with: the file system's.
fn now(target: &Path) -> Result<Duration> {
    fs::create_dir_all(target).with_context(|| format!("make {}", target.display()))?;
    modified(tempfile::NamedTempFile::new_in(target).with_context(|| format!("write to {}", target.display()))?.path())
}

fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(1_000_000);
    const NEXT: Duration = Duration::from_secs(1_100_000);

    fn clone_of(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let place = dir.path().join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, content).unwrap();
        }
        dir
    }

    fn packages(others: &[&str]) -> Packages {
        let all = [("a", "crates/a"), ("b", "crates/b")];
        Packages {
            all: all.into_iter().map(|(name, folder)| (name.to_owned(), folder.into())).collect(),
            others: others.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn a_file_keeps_the_time_of_its_content_and_only_of_that() {
        let paths = ["crates/a/lib.rs", "crates/b/lib.rs", "docs/api.json"].map(str::to_owned);
        let first = clone_of(&[("crates/a/lib.rs", "one"), ("crates/b/lib.rs", "one"), ("docs/api.json", "{}")]);
        let files = settle(first.path(), &paths, &Record::default(), &packages(&[]), DAY).unwrap();
        assert!(files.values().all(|seen| seen.since == DAY));
        assert_eq!(modified(&first.path().join("crates/a/lib.rs")).unwrap(), DAY);
        let record = Record { until: DAY, files };

        let second = clone_of(&[("crates/a/lib.rs", "two"), ("crates/b/lib.rs", "one"), ("docs/api.json", "{}")]);
        let times = |others: &[&str]| {
            settle(second.path(), &paths, &record, &packages(others), NEXT).unwrap();
            paths.each_ref().map(|path| modified(&second.path().join(path)).unwrap())
        };
        assert_eq!(times(&[]), [NEXT, DAY, DAY]);
        // What another checkout built may be of anything, and so may what lies outside the packages.
        assert_eq!(times(&["b"]), [NEXT, NEXT, NEXT]);
        assert_eq!(times(&["a"]), [NEXT, DAY, NEXT]);
    }

    #[test]
    fn builds_between_two_runs_are_others() {
        let target = tempfile::tempdir().unwrap();
        let all = packages(&[]).all;
        let build = |profile: &str, unit: &str, time: u64| {
            let dir = target.path().join(profile).join(".fingerprint").join(unit);
            fs::create_dir_all(&dir).unwrap();
            let stamp = File::create(dir.join("invoked.timestamp")).unwrap();
            stamp.set_modified(UNIX_EPOCH + Duration::from_secs(time)).unwrap();
        };
        let others = || built_by_others(target.path(), &all, Duration::from_secs(10), Duration::from_secs(20)).unwrap();
        build("debug", "a-0123456789abcdef", 9);
        build("debug", "b-0123456789abcdef", 20);
        build("debug", "b-else-0123456789abcdef", 15);
        assert!(others().is_empty(), "{:?}", others());
        build("wasm32-unknown-unknown/release", "a-fedcba9876543210", 15);
        assert_eq!(others(), BTreeSet::from(["a".to_owned()]));
    }

    #[test]
    fn what_is_changed_while_it_is_built_is_not_remembered() {
        let dir = clone_of(&[("a.rs", "one"), ("b.rs", "one")]);
        let paths = ["a.rs", "b.rs"].map(str::to_owned);
        let files = settle(dir.path(), &paths, &Record::default(), &packages(&[]), DAY).unwrap();
        fs::write(dir.path().join("b.rs"), "two").unwrap();
        let record = dir.path().join("sources.json");
        Sources { root: dir.path().to_path_buf(), record: record.clone(), files }.remember().unwrap();
        let record: Record = serde_json::from_slice(&fs::read(record).unwrap()).unwrap();
        assert_eq!(record.files.into_keys().collect::<Vec<_>>(), ["a.rs"]);
        assert!(record.until > NEXT);
    }
}
