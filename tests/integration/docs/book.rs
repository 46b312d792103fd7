//! Pages, links and pictures of the book: everything is in the summary, and everything that is linked to is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::folder;
use super::page::Page;

/// The list of chapters.
const SUMMARY: &str = "SUMMARY.md";
/// All pictures together: they are in every clone.
const MOST_BYTES_OF_PICTURES: u64 = 2_000_000;

/// A relative path from a page to somewhere in the book; `None` when it leads out of it.
fn resolved(from: &Path, to: &str) -> Option<PathBuf> {
    let mut path = from.parent()?.to_path_buf();
    for part in Path::new(to).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            _ => return None,
        }
    }
    Some(path)
}

#[test]
fn every_page_is_a_chapter_once() -> Result<()> {
    let pages = Page::all(&folder())?;
    let summary = pages.iter().find(|page| page.path == Path::new(SUMMARY)).context("no summary")?;
    let chapters: Vec<PathBuf> = summary.links().iter().map(|link| PathBuf::from(&link.to)).collect();
    let there: BTreeSet<_> =
        pages.iter().map(|page| page.path.clone()).filter(|path| path != Path::new(SUMMARY)).collect();
    let listed: BTreeSet<_> = chapters.iter().cloned().collect();
    let odd: Vec<_> = listed.symmetric_difference(&there).collect();
    ensure!(odd.is_empty(), "only in the summary, or only in the folder: {odd:?}");
    assert_eq!(chapters.len(), listed.len(), "a chapter is listed twice");
    Ok(())
}

#[test]
fn every_link_leads_somewhere() -> Result<()> {
    let pages = Page::all(&folder())?;
    let anchors: BTreeMap<_, _> = pages.iter().map(|page| (page.path.clone(), page.anchors())).collect();
    let (mut links, mut faults) = (0, Vec::new());
    for page in &pages {
        for link in page.links() {
            links += 1;
            let (path, anchor) = link.to.split_once('#').unwrap_or((&link.to, ""));
            if path.starts_with("https://") {
                continue;
            }
            let target = if path.is_empty() { Some(page.path.clone()) } else { resolved(&page.path, path) };
            let fault = match target {
                None => Some("leads out of the book"),
                Some(target) if !folder().join(&target).is_file() => Some("there is no such file"),
                Some(target) => {
                    let found = anchor.is_empty()
                        || anchors.get(&target).is_some_and(|known| known.iter().any(|a| a == anchor));
                    (!found).then_some("there is no such heading")
                }
            };
            if link.words.trim().is_empty() {
                faults.push(format!("{}: {} says nothing to who can't see it", page.path.display(), link.to));
            }
            faults.extend(fault.map(|fault| format!("{}: {}: {fault}", page.path.display(), link.to)));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    ensure!(links > 100, "{links} links");
    Ok(())
}

#[test]
fn no_page_has_what_caddy_would_run() -> Result<()> {
    // It serves them as templates (`docs/theme/page.html`).
    for page in Page::all(&folder())? {
        ensure!(!page.text().contains("{{"), "{}: {{{{ begins an action of a template", page.path.display());
    }
    Ok(())
}

#[test]
fn every_picture_is_shown_and_they_are_small() -> Result<()> {
    let mut shown = BTreeSet::new();
    for page in Page::all(&folder())? {
        for link in page.links().iter().filter(|link| link.picture) {
            shown.extend(resolved(&page.path, &link.to));
        }
    }
    let (mut there, mut bytes) = (BTreeSet::new(), 0);
    for entry in std::fs::read_dir(folder().join("images"))? {
        let entry = entry?;
        bytes += entry.metadata()?.len();
        there.insert(Path::new("images").join(entry.file_name()));
    }
    let odd: Vec<_> = shown.symmetric_difference(&there).collect();
    ensure!(odd.is_empty(), "only on pages, or only in the folder: {odd:?}");
    ensure!(bytes < MOST_BYTES_OF_PICTURES, "the pictures have {bytes} bytes");
    Ok(())
}
