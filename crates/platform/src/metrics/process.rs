//! The process itself, and the disks of its folders. Register with [`Exporter::look`](super::Exporter::look).

use std::path::{Path, PathBuf};

use metrics_process::Collector;

/// Sets the gauges of processor, memory and its limit, files and threads, and of the version.
pub fn tell() {
    Collector::default().collect();
    if let Some(limit) = crate::memory::limit() {
        metrics::gauge!("wheelhouse_memory_limit_bytes").set(limit as f64);
    }
    metrics::gauge!("wheelhouse_build_info", "version" => crate::VERSION).set(1.0);
}

/// Sets the gauges of the disk of each folder, under its name. One that is not there yet is on the disk of the next that is.
pub fn tell_disks(folders: &[(&'static str, PathBuf)]) {
    for (name, folder) in folders {
        let Some((free, size)) = disk(folder) else { continue };
        metrics::gauge!("wheelhouse_disk_free_bytes", "folder" => *name).set(free as f64);
        metrics::gauge!("wheelhouse_disk_size_bytes", "folder" => *name).set(size as f64);
    }
}

/// What somebody who is not root may still write there, and the size of it all, in bytes.
#[cfg(unix)]
fn disk(folder: &Path) -> Option<(u64, u64)> {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let figures = rustix::fs::statvfs(there).ok()?;
    Some((figures.f_bavail.saturating_mul(figures.f_frsize), figures.f_blocks.saturating_mul(figures.f_frsize)))
}

#[cfg(not(unix))]
fn disk(_: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_on_its_parents_disk() {
        let folder = tempfile::tempdir().unwrap();
        let (free, size) = disk(folder.path()).unwrap();
        assert!(free <= size && size > 0);
        assert_eq!(disk(&folder.path().join("later/still")).unwrap().1, size);
        assert!(disk(Path::new("nowhere/at/all")).is_some(), "a path from here");
    }
}
