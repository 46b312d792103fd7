//! Splits the program into a main part and files of what pages need (`web/src/pages/chunks.rs`), which the browser fetches when
//! somebody goes there. What several pages use and the first does not need lies in shared files, fetched along with them; a page
//! fetches few files, all at once. Not: which go together and how (see `group.rs` and `merge.rs`), names and sizes (see
//! `layout.rs` and `size.rs`).
//!
//! The files fit each other and no other build, as they share one memory; `layout.rs` therefore gives them one hash.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::{
    group::{Group, grouped},
    merge::merged,
    types::without_unused_types,
};

/// The script that fetches parts, as the main part imports it.
pub const LINK: &str = "./__wasm_split.js";
/// The glue, as that script imports it.
pub const MAIN: &str = "./web.js";

/// Fetches a file at once, and makes it part of the program when the files before it are.
const FETCH: &str = r#"const file = (name) => makeLoad(() => {
    const source = fetch(new URL(name, import.meta.url));
    return (imports) => WebAssembly.instantiateStreaming(source, imports);
}, []);
"#;

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
    let cut = out.join("cut");
    fs::create_dir_all(&cut)?;
    let main = out.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = &cut;
    options.main_out_path = &main;
    options.link_name = LINK;
    options.main_module = MAIN;
    let done = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("split the program: {error:#}"))?;
    ensure!(!done.prefetch_map.is_empty(), "the program has no pages of its own: was it linked with --emit-relocs?");

    let cuts = done.split_modules.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
    let mut groups = Vec::new();
    for (number, (path, content)) in done.split_modules.iter().zip(&cuts).enumerate() {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).context("a part without a name")?;
        let needs = done.prefetch_map.iter().filter(|(_, stems)| stems.iter().any(|other| other == stem));
        let pages: BTreeSet<String> = needs.map(|(page, _)| page.clone()).collect();
        ensure!(!pages.is_empty(), "no page needs {stem}");
        // Without the types, which it would share with others.
        let size = u32::try_from(without_unused_types(content)?.len())?;
        groups.push(Group { pages, size, parts: vec![number] });
    }
    let mut pages: BTreeMap<String, Vec<String>> =
        done.prefetch_map.into_keys().map(|page| (page, Vec::new())).collect();
    let mut parts = Vec::new();
    for (number, group) in grouped(groups).iter().enumerate() {
        let content: Vec<Vec<u8>> = group.parts.iter().map(|part| cuts[*part].clone()).collect();
        let one = merged(&content, !release)?;
        let one = if release { without_unused_types(&one)? } else { one };
        let stem = stem(number, group);
        let path = out.join(format!("{stem}.wasm"));
        fs::write(&path, one)?;
        parts.push(path);
        for page in &group.pages {
            pages.entry(page.clone()).or_default().push(stem.clone());
        }
    }
    let link = out.join(LINK);
    let told = fs::read_to_string(cut.join(LINK))?;
    fs::write(&link, script(&told, &pages)?)?;
    Ok(Parts { main, link, parts, pages })
}

/// The page's name where one alone needs the group, otherwise a number.
fn stem(number: usize, group: &Group) -> String {
    match group.pages.first() {
        Some(page) if group.pages.len() == 1 => format!("page_{page}"),
        _ => format!("shared_{number}"),
    }
}

/// The script that fetches the files of a page: what the splitting tool made to call and to be called, without its files.
fn script(told: &str, pages: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let (head, _) = told.split_once("\n/* ").context("the script of parts has no parts")?;
    for needed in ["function makeLoad(", "function wrapAsyncCb(", "function getSharedImports("] {
        ensure!(head.contains(needed), "the script of parts has no {needed}): is it another version's?");
    }
    let mut script = format!("{head}\n{FETCH}");
    let stems: BTreeSet<&String> = pages.values().flatten().collect();
    for stem in stems {
        writeln!(script, "const {stem} = file(\"./{stem}.wasm\");")?;
    }
    for (page, stems) in pages {
        let all: Vec<String> = stems.iter().map(|stem| format!("{stem}()")).collect();
        let all = all.join(", ");
        writeln!(script, "export const __wasm_split_load_{page} = wrapAsyncCb(() => Promise.all([{all}]));")?;
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "import { initSync } from \"./web.js\";\nfunction getSharedImports() {}\nfunction wrapAsyncCb(callee) {}\n\
                        function makeLoad(fetcher, deps) {}\n/* fleet, jobs */\nconst __chunk_1 = makeLoad();\n";

    #[test]
    fn each_page_fetches_its_files_at_once() {
        let stems = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let pages = BTreeMap::from([
            ("fleet".to_owned(), stems(&["page_fleet", "shared_1"])),
            ("jobs".to_owned(), stems(&["shared_1"])),
        ]);
        let script = script(TOLD, &pages).unwrap();
        assert!(
            script.starts_with("import { initSync } from \"./web.js\";\n") && !script.contains("__chunk_1"),
            "{script}"
        );
        assert_eq!(script.matches("\"./shared_1.wasm\"").count(), 1, "{script}");
        let loads = |page: &str, all: &str| {
            format!("export const __wasm_split_load_{page} = wrapAsyncCb(() => Promise.all([{all}]));\n")
        };
        assert!(script.contains(&loads("fleet", "page_fleet(), shared_1()")), "{script}");
        assert!(script.contains(&loads("jobs", "shared_1()")), "{script}");
    }

    #[test]
    fn another_tools_script_is_refused() {
        assert!(script("export {};", &BTreeMap::new()).is_err());
        assert!(script(&TOLD.replace("makeLoad", "load"), &BTreeMap::new()).is_err());
    }

    #[test]
    fn files_are_called_after_their_page_or_by_a_number() {
        let group = |pages: &[&str]| Group {
            pages: pages.iter().map(|&page| page.to_owned()).collect(),
            size: 1,
            parts: vec![0],
        };
        assert_eq!(stem(3, &group(&["fleet"])), "page_fleet");
        assert_eq!(stem(3, &group(&["fleet", "jobs"])), "shared_3");
    }
}
