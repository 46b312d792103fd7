//! Splits the program into a main part and one file per page (`web/src/pages/chunks.rs`), which the browser fetches when
//! somebody goes there. What several pages use and the first does not need lies in shared files, fetched along with them.
//! Not: names and sizes (see `layout.rs` and `size.rs`).
//!
//! The parts fit each other and no other build, as they share one memory; `layout.rs` therefore gives them one hash.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::types::without_unused_types;

/// The script that fetches parts, as the main part imports it.
pub const LINK: &str = "./__wasm_split.js";
/// The glue, as that script imports it.
pub const MAIN: &str = "./web.js";

/// The program in parts.
pub struct Parts {
    /// The main part; still to go through wasm-bindgen.
    pub main: PathBuf,
    /// The script that fetches the others.
    pub link: PathBuf,
    /// The others, as `<stem>.wasm`.
    pub parts: Vec<PathBuf>,
    /// The stems of what each page needs besides the main part.
    pub pages: BTreeMap<String, Vec<String>>,
}

/// Splits what cargo left into the folder `out`. In a release, names of functions and types that a part does not use are taken out.
///
/// # Errors
/// When the program was not linked with `--emit-relocs` (see `.cargo/config.toml`), or files can't be written.
pub fn split(wasm: &Path, out: &Path, release: bool) -> Result<Parts> {
    let whole = fs::read(wasm)
        .with_context(|| format!("cargo left no {}: is the portal still the binary `web`?", wasm.display()))?;
    fs::create_dir_all(out)?;
    let main = out.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = out;
    options.main_out_path = &main;
    options.link_name = LINK;
    options.main_module = MAIN;
    let done = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("split the program: {error:#}"))?;
    ensure!(!done.prefetch_map.is_empty(), "the program has no pages of its own: was it linked with --emit-relocs?");
    if release {
        for part in &done.split_modules {
            let small = without_custom_sections(&fs::read(part)?).and_then(|part| without_unused_types(&part));
            fs::write(part, small.with_context(|| part.display().to_string())?)?;
        }
    }
    Ok(Parts { main, link: out.join(LINK), parts: done.split_modules, pages: done.prefetch_map.into_iter().collect() })
}

/// A module without its custom sections: names, for people who read traces, and notes of the tools that made it.
fn without_custom_sections(module: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let mut kept = module.get(..HEADER).context("no wasm module")?.to_vec();
    let mut at = HEADER;
    while let Some(&kind) = module.get(at) {
        let (size, digits) = leb128(&module[at + 1..]).context("a section without its size")?;
        let end = at + 1 + digits + size;
        let section = module.get(at..end).context("a section that is cut off")?;
        if kind != CUSTOM {
            kept.extend_from_slice(section);
        }
        at = end;
    }
    Ok(kept)
}

/// The number that the bytes begin with, and how many bytes it takes.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_sections_go_and_others_stay() {
        let head = b"\0asm\x01\0\0\0";
        let (types, names) = (&[1, 1, 0][..], [&[0, 0x83, 0x00][..], &[1, b'n', 7]].concat());
        let module = [head, &names[..], types, &names].concat();
        assert_eq!(without_custom_sections(&module).unwrap(), [head, types].concat());
        assert!(without_custom_sections(&module[..module.len() - 1]).is_err());
        assert!(without_custom_sections(b"\0asm").is_err());
    }

    #[test]
    fn sizes_are_read() {
        assert_eq!(leb128(&[0xe5, 0x8e, 0x26, 1]), Some((624_485, 3)));
        assert_eq!(leb128(&[0x80]), None);
    }
}
