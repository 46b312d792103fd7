//! `wheelhouse web publish`: puts the portal's files into a folder that a server of its own reads them from, such as caddy's in
//! docker-compose.yml, while people work. Not serving them (`tiers.rs`), and not building them (`cargo xtask build-web`).
//!
//! Files in `pkg/` have a hash in their name: those of the release before stay beside the new ones, so that a page that was opened
//! before still finds the parts that it reads later. The page itself comes last, when all that it names is there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, ensure};
use serde::Serialize;

use crate::cli::Publish;
use crate::compose::{self, Load};
use crate::output;

/// How long files of an earlier release stay: a page is hardly open for longer.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// The page; beside it are its compressed forms.
const PAGE: &str = "index.html";
/// The folder of the files with a hash in their name.
const HASHED: &str = "pkg";
/// Names the files of the release that is there; held by who publishes.
const LIST: &str = ".published";
/// What a file is called until it is whole.
const UNFINISHED: &str = ".unfinished";

/// What publishing came to, in files.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Published {
    /// Of this release.
    files: usize,
    /// Of these, the ones that were not there yet.
    copied: usize,
    /// Of earlier releases, still there for pages that are open.
    kept: usize,
    /// Of earlier releases, gone now.
    removed: usize,
}

/// Publishes the portal that is configured (`portal.dir`).
pub async fn run(load: &Load, options: Publish, json: bool) -> anyhow::Result<ExitCode> {
    let from = load.resolve().await?.portal.folder();
    let into = options.into.clone();
    let now = compose::env().now().into();
    let published = tokio::task::spawn_blocking(move || publish(&from, &into, now)).await??;
    if json {
        output::json(&published)?;
    } else {
        let Published { files, copied, kept, removed } = published;
        output::line(format_args!("the portal is in {}: {files} files, {copied} of them new", options.into.display()));
        output::line(format_args!("of earlier releases {kept} are kept for pages that are open, {removed} are gone"));
    }
    Ok(ExitCode::SUCCESS)
}

fn publish(from: &Path, into: &Path, now: SystemTime) -> anyhow::Result<Published> {
    ensure!(
        from.join(PAGE).is_file(),
        "there is no {PAGE} in {}: set portal.dir to the folder of the built portal",
        from.display()
    );
    let place = into.canonicalize().with_context(|| format!("--into {}", into.display()))?;
    ensure!(from.canonicalize()? != place, "--into {} is the folder that the portal comes from", into.display());
    let list = into.join(LIST);
    let turn =
        File::options().create(true).append(true).open(&list).with_context(|| format!("open {}", list.display()))?;
    turn.lock().context("wait for another who publishes")?;

    let files = files_below(from)?;
    let mut published = Published { files: files.len(), copied: 0, kept: 0, removed: 0 };
    for file in in_order(&files) {
        if put(&from.join(file), &into.join(file), file.starts_with(HASHED))
            .with_context(|| file.display().to_string())?
        {
            published.copied += 1;
        }
    }
    let until_now: BTreeSet<PathBuf> = fs::read_to_string(&list)?.lines().map(PathBuf::from).collect();
    let left: Vec<PathBuf> =
        files_below(into)?.difference(&files).filter(|file| **file != Path::new(LIST)).cloned().collect();
    let (leaving, gone): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|file| file.starts_with(HASHED) && until_now.contains(file));
    for file in &leaving {
        // From now on nobody new is sent to it.
        File::open(into.join(file))?.set_modified(now)?;
        published.kept += 1;
    }
    let names: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    fs::write(&list, names)?;
    for file in gone {
        let path = into.join(&file);
        if file.starts_with(HASHED) && now.duration_since(path.metadata()?.modified()?).is_ok_and(|age| age <= KEPT) {
            published.kept += 1;
        } else {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
            published.removed += 1;
        }
    }
    Ok(published)
}

/// The files in the order in which they are put there: what pages name before the pages.
fn in_order(files: &BTreeSet<PathBuf>) -> Vec<&PathBuf> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by_key(|file| {
        let page = file.to_str().is_some_and(|name| name.starts_with(PAGE));
        (page, !file.starts_with(HASHED))
    });
    files
}

/// Puts a file in its place at once, whole. Whether it was not there yet: with a hash in its name the same name is the same file.
fn put(from: &Path, to: &Path, hashed: bool) -> io::Result<bool> {
    let there = to.metadata().ok().map(|there| there.len());
    if hashed && there == Some(from.metadata()?.len()) {
        return Ok(false);
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    fs::copy(from, &unfinished)?;
    fs::rename(&unfinished, to)?;
    Ok(there.is_none())
}

/// Every file below a folder, by its path from there.
fn files_below(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let (mut files, mut folders) = (BTreeSet::new(), vec![PathBuf::new()]);
    while let Some(inner) = folders.pop() {
        let whole = folder.join(&inner);
        for entry in fs::read_dir(&whole).with_context(|| whole.display().to_string())? {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else {
                files.insert(path);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn release(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), files);
        folder
    }

    fn there(into: &Path) -> Vec<String> {
        let files = files_below(into).unwrap().into_iter().map(|file| file.display().to_string());
        files.filter(|file| file != LIST).collect()
    }

    #[test]
    fn parts_of_the_release_before_stay_for_open_pages_and_go_in_time() {
        let into = tempfile::tempdir().unwrap();
        let into = into.path();
        let first = release(&[
            ("index.html", "one"),
            ("index.html.br", "1"),
            ("pkg/a-1.js", "a"),
            ("pkg/both-2.js", "b"),
            ("old.svg", "o"),
        ]);
        let second =
            release(&[("index.html", "two"), ("pkg/a-3.js", "aa"), ("pkg/both-2.js", "b"), ("favicon.ico", "f")]);
        let start = first.path().join(PAGE).metadata().unwrap().modified().unwrap();

        let done = publish(first.path(), into, start).unwrap();
        assert_eq!(done, Published { files: 5, copied: 5, kept: 0, removed: 0 });
        // The first release is there for long, which says nothing about who has its pages open.
        let late = start + 60 * DAY;
        let done = publish(second.path(), into, late).unwrap();
        assert_eq!(done, Published { files: 4, copied: 2, kept: 1, removed: 2 });
        assert_eq!(there(into), ["favicon.ico", "index.html", "pkg/a-1.js", "pkg/a-3.js", "pkg/both-2.js"]);
        assert_eq!(fs::read_to_string(into.join("index.html")).unwrap(), "two", "no old form of the page is left");

        let again = publish(second.path(), into, late + 29 * DAY).unwrap();
        assert_eq!(again, Published { files: 4, copied: 0, kept: 1, removed: 0 });
        let done = publish(second.path(), into, late + 31 * DAY).unwrap();
        assert_eq!(done, Published { files: 4, copied: 0, kept: 0, removed: 1 });
        assert_eq!(there(into), ["favicon.ico", "index.html", "pkg/a-3.js", "pkg/both-2.js"]);

        let back = publish(first.path(), into, late + 32 * DAY).unwrap();
        assert_eq!(back, Published { files: 5, copied: 3, kept: 1, removed: 1 });
        assert_eq!(fs::read_to_string(into.join("index.html")).unwrap(), "one");
    }

    #[test]
    fn the_page_comes_when_all_that_it_names_is_there() {
        let files = ["favicon.ico", "index.html", "index.html.br", "pkg/a-1.js"].map(PathBuf::from).into();
        let order: Vec<_> = in_order(&files).into_iter().map(|file| file.to_str().unwrap()).collect();
        assert_eq!(order, ["pkg/a-1.js", "favicon.ico", "index.html", "index.html.br"]);
    }

    #[test]
    fn what_is_no_portal_changes_nothing() {
        let (empty, into) = (tempfile::tempdir().unwrap(), release(&[("index.html", "one")]));
        let why = publish(empty.path(), into.path(), SystemTime::UNIX_EPOCH).unwrap_err().to_string();
        assert!(why.contains("portal.dir"), "{why}");
        let why = publish(into.path(), into.path(), SystemTime::UNIX_EPOCH).unwrap_err().to_string();
        assert!(why.contains("comes from"), "{why}");
        let why = publish(into.path(), Path::new("/nowhere/at/all"), SystemTime::UNIX_EPOCH).unwrap_err().to_string();
        assert!(why.contains("--into /nowhere/at/all"), "{why}");
        assert_eq!(there(into.path()), ["index.html"]);
    }
}
