//! Files that hold secrets, and names that last. Not a way to write a file whole: who does that says what becomes of half a one.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens files that only their owner may read and write.
#[must_use]
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// The mode of a file with a secret when too many may open it. The group may read it, as orchestrators mount secrets; everybody else
/// may not, and only the owner may write.
#[cfg(unix)]
#[must_use]
pub fn too_open(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o027 != 0).then_some(mode)
}

/// Nothing is known of it here.
#[cfg(not(unix))]
#[must_use]
pub fn too_open(_: &Metadata) -> Option<u32> {
    None
}

/// Waits until a file's new name is on the disk: it is when its folder is.
///
/// # Errors
/// The folder can't be opened or written out.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
