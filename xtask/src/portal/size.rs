//! The compressed twins of the portal's files and the account of their sizes. Not: what the files are (see `layout.rs`).

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::{
    Kind,
    layout::{self, Layout},
};

/// Endings of files that compression helps.
const SHRINKS: [&str; 9] = ["html", "js", "css", "wasm", "svg", "json", "txt", "webmanifest", "ttf"];

/// `manifest.json`: what is in the folder and how large it is, in bytes.
#[derive(Serialize, Deserialize)]
pub struct Manifest {
    /// Hash of everything the folder was made from.
    pub inputs: String,
    /// How it was built.
    pub kind: Kind,
    /// All files, in the order of their paths, compressed twins left out.
    pub files: Vec<Entry>,
    /// What a browser fetches before the first page stands, uncompressed.
    pub first_load_raw: u64,
    /// The same with brotli.
    pub first_load_brotli: u64,
    /// What each page adds to what every page needs, with brotli.
    pub pages_brotli: BTreeMap<String, u64>,
}

/// One file.
#[derive(Serialize, Deserialize)]
pub struct Entry {
    /// Relative to the folder.
    pub path: String,
    /// Bytes as it is.
    pub raw: u64,
    /// Bytes with brotli; as it is where compression doesn't help.
    pub brotli: u64,
    /// Whether the first page needs it.
    pub first_load: bool,
}

impl Manifest {
    /// The one in a folder, if it is there and can be read.
    pub fn read(dir: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(dir.join("manifest.json")).ok()?).ok()
    }

    /// Shows the sizes.
    pub fn print(&self) {
        eprintln!("  {:<44} {:>10} {:>10}", "file", "raw", "brotli");
        for file in &self.files {
            let mark = if file.first_load { "*" } else { " " };
            eprintln!("{mark} {:<44} {:>10} {:>10}", file.path, file.raw, file.brotli);
        }
        for (page, brotli) in &self.pages_brotli {
            eprintln!("  {:<44} {:>10} {brotli:>10}", format!("page {page}"), "");
        }
        eprintln!("* {:<44} {:>10} {:>10}", "first load", self.first_load_raw, self.first_load_brotli);
    }
}

/// Writes the twins of all files and the manifest.
///
/// # Errors
/// When a file can't be read or written.
pub fn compress_all(dir: &Path, layout: &Layout, kind: Kind, inputs: String) -> Result<Manifest> {
    let mut files = Vec::new();
    for file in layout::files_below(dir)? {
        let path = file.strip_prefix(dir)?.to_string_lossy().replace('\\', "/");
        let content = fs::read(&file)?;
        let raw = content.len() as u64;
        let shrinks = file.extension().is_some_and(|ending| SHRINKS.iter().any(|e| ending == *e));
        let brotli = if shrinks { twins(&file, &content, kind).with_context(|| path.clone())? } else { raw };
        let first_load = layout.first_load.contains(&path);
        files.push(Entry { path, raw, brotli, first_load });
    }
    let sum = |size: fn(&Entry) -> u64| files.iter().filter(|f| f.first_load).map(size).sum();
    let (first_load_raw, first_load_brotli) = (sum(|f| f.raw), sum(|f| f.brotli));
    let brotli_of = |path: &String| files.iter().find(|f| f.path == *path).map_or(0, |f| f.brotli);
    let pages_brotli =
        layout.pages.iter().map(|(page, needs)| (page.clone(), needs.iter().map(brotli_of).sum())).collect();
    let manifest = Manifest { inputs, kind, files, first_load_raw, first_load_brotli, pages_brotli };
    fs::write(dir.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    Ok(manifest)
}

/// Writes `file.br` and `file.gz`; returns the size of the first. A twin that is no smaller isn't kept.
fn twins(file: &Path, content: &[u8], kind: Kind) -> Result<u64> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: kind.brotli_quality(),
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut small, &params)?;
    let size = keep(&with_ending(file, "br"), &small, content)?;

    let level = if kind == Kind::Release { flate2::Compression::best() } else { flate2::Compression::fast() };
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    gzip.write_all(content)?;
    keep(&with_ending(file, "gz"), &gzip.finish()?, content)?;
    Ok(size)
}

fn keep(twin: &Path, small: &[u8], content: &[u8]) -> Result<u64> {
    if small.len() < content.len() {
        fs::write(twin, small)?;
        Ok(small.len() as u64)
    } else {
        Ok(content.len() as u64)
    }
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn twins_hold_the_same_bytes_and_the_manifest_counts_them() {
        let dir = tempfile::tempdir().unwrap();
        let text = "wheelhouse ".repeat(500);
        fs::write(dir.path().join("a.js"), &text).unwrap();
        fs::write(dir.path().join("b.woff2"), &text).unwrap();
        fs::write(dir.path().join("c.txt"), "x").unwrap();
        let layout = Layout {
            first_load: vec!["a.js".into()],
            pages: [("all".into(), vec!["b.woff2".into(), "c.txt".into()])].into(),
        };
        let manifest = compress_all(dir.path(), &layout, Kind::Dev, "h".into()).unwrap();

        let mut brotli = Vec::new();
        brotli::BrotliDecompress(&mut fs::File::open(dir.path().join("a.js.br")).unwrap(), &mut brotli).unwrap();
        let mut gzip = String::new();
        flate2::read::GzDecoder::new(fs::File::open(dir.path().join("a.js.gz")).unwrap())
            .read_to_string(&mut gzip)
            .unwrap();
        assert!(brotli == text.as_bytes() && gzip == text);

        assert!(!dir.path().join("b.woff2.br").exists(), "fonts are compressed already");
        assert!(!dir.path().join("c.txt.br").exists(), "a twin that is larger isn't kept");
        assert_eq!(manifest.first_load_raw, text.len() as u64);
        assert_eq!(manifest.first_load_brotli, fs::metadata(dir.path().join("a.js.br")).unwrap().len());
        assert_eq!(manifest.pages_brotli["all"], text.len() as u64 + 1);
        assert_eq!(Manifest::read(dir.path()).unwrap().inputs, "h");
    }
}
