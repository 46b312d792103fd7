//! The part of the map that stands in the sources: which crates may name the database layer and the AWS SDK, and that in
//! `api` and `worker` only `compose.rs` names `store` and `aws`. Comments, strings and test code (modules under
//! `#[cfg(test)]`; files and folders named `tests`, `testing` or `…_tests.rs`) don't count.
//!
//! And no source builds the folder of its checkout into a binary ([`built_in_folders`]).
//!
//! To add a rule: a line in [`RULES`].

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// What a name is.
enum Name {
    /// Any identifier that starts so.
    Prefix(&'static str),
    /// A crate of ours, where it is used as one.
    Crate(&'static str),
}

/// A name that may stand only in some places.
struct Rule {
    name: Name,
    /// The crates this is about; empty: all.
    within: &'static [&'static str],
    /// Crates that may.
    crates: &'static [&'static str],
    /// Files that may, by name.
    files: &'static [&'static str],
    fix: &'static str,
}

const COMPOSE: &str = "name it in compose.rs only, and pass what it makes to where it is needed";

const RULES: [Rule; 4] = [
    Rule {
        name: Name::Prefix("sea_orm"),
        within: &[],
        crates: &["store", "migrations", "tests", "testkit"],
        files: &[],
        fix: "queries belong in crates/store, as a repo function",
    },
    Rule {
        name: Name::Prefix("aws_sdk_"),
        within: &[],
        crates: &["aws"],
        files: &[],
        fix: "the SDK's types stay in crates/aws; elsewhere use the traits of domain::cloud",
    },
    Rule { name: Name::Crate("store"), within: &["api", "worker"], crates: &[], files: &["compose.rs"], fix: COMPOSE },
    Rule { name: Name::Crate("aws"), within: &["api", "worker"], crates: &[], files: &["compose.rs"], fix: COMPOSE },
];

/// Every line that builds the checkout's own folder into a binary. A target directory outlives a clone (ADR 15): what was
/// built in one looks for its files where that one was. Tests are started in their package's folder, and cargo names it at
/// run time. Test code counts too.
pub fn built_in_folders(root: &Path, folders: &BTreeMap<String, PathBuf>) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for folder in folders.values() {
        for file in files(folder, &|name| name != "target")? {
            let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
            let shown = file.strip_prefix(root).unwrap_or(&file).display();
            faults.extend(names_own_folder(&text).into_iter().map(|line| {
                format!("{shown}:{line}: the clone's folder is built in here: use a path from the package, or read the variable at run time")
            }));
        }
    }
    Ok(faults)
}

fn names_own_folder(text: &str) -> Vec<usize> {
    let macros = ["env!(", "option_env!("].map(|name| format!("{name}\"CARGO_MANIFEST_DIR\""));
    let hit = |line: &str| macros.iter().any(|name| line.contains(name.as_str()));
    text.lines().enumerate().filter(|(_, line)| hit(line)).map(|(index, _)| index + 1).collect()
}

/// Every line against a rule, with file, line and what to do.
pub fn wrong_lines(root: &Path, folders: &BTreeMap<String, PathBuf>) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (name, folder) in folders {
        for file in rust_files(&folder.join("src"))? {
            let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
            let shown = file.strip_prefix(root).unwrap_or(&file).display();
            let file_name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            faults.extend(
                wrong_in(name, file_name, &text).into_iter().map(|(line, what)| format!("{shown}:{line}: {what}")),
            );
        }
    }
    Ok(faults)
}

/// The sources of what ships.
fn rust_files(dir: &Path) -> Result<Vec<PathBuf>> {
    files(dir, &|name| !["tests", "testing", "tests.rs"].contains(&name) && !name.ends_with("_tests.rs"))
}

/// The Rust files under a folder, of files and folders whose names are wanted.
fn files(dir: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if !wanted(name) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(".rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The lines (from 1) of one file that are against a rule.
fn wrong_in(crate_name: &str, file_name: &str, text: &str) -> Vec<(usize, String)> {
    let rules: Vec<&Rule> = RULES
        .iter()
        .filter(|r| (r.within.is_empty() || r.within.contains(&crate_name)) && !r.crates.contains(&crate_name))
        .filter(|r| !r.files.contains(&file_name))
        .collect();
    if rules.is_empty() {
        return Vec::new();
    }
    let code = code_alone(text);
    let lines: Vec<&str> = code.lines().collect();
    let mut faults = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).map_or("", |l| l.trim_start());
        if line.trim() == "#[cfg(test)]" && (next.starts_with("mod ") || next.starts_with("pub mod ")) {
            break;
        }
        for rule in &rules {
            let (hit, name) = match rule.name {
                Name::Prefix(prefix) => {
                    (words(line).any(|(at, _)| line[at..].starts_with(prefix)), format!("{prefix}…"))
                }
                Name::Crate(name) => (names_crate(line, name), name.to_owned()),
            };
            if hit {
                faults.push((index + 1, format!("crate {crate_name} names {name} here: {}", rule.fix)));
            }
        }
    }
    faults
}

/// The identifiers of a line, each with where it starts.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(is_word)?;
        let length = line[start..].find(|c| !is_word(c)).unwrap_or(line.len() - start);
        at = start + length;
        Some((start, &line[start..at]))
    })
}

/// Whether a line uses `name` as a crate: at the start of a path, or imported whole.
fn names_crate(line: &str, name: &str) -> bool {
    words(line).any(|(at, word)| {
        let before = line[..at].trim_end();
        let after = line[at + word.len()..].trim_start();
        let starts_path = !before.ends_with("::") && !before.ends_with('.') && !before.ends_with('$');
        let imported = before.ends_with("use") && (after.starts_with(';') || after.starts_with("as "));
        word == name && starts_path && (after.starts_with("::") || imported)
    })
}

/// The text with comments and the inside of strings blanked, lines kept.
fn code_alone(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(i, c)| bytes.get(at + i) == Some(&c));
    let mut at = 0;
    while at < bytes.len() {
        // Where the comment or string that starts here ends; what lies between is blanked.
        let end = if starts(at, "//") {
            (at..bytes.len()).find(|i| bytes[*i] == '\n').unwrap_or(bytes.len())
        } else if starts(at, "/*") {
            (at + 2..bytes.len()).find(|i| starts(*i, "*/")).map_or(bytes.len(), |i| i + 2)
        } else if let Some(hashes) = raw_string(&bytes, at) {
            let close = format!("\"{}", "#".repeat(hashes));
            (at + hashes + 2..bytes.len()).find(|i| starts(*i, &close)).map_or(bytes.len(), |i| i + close.len())
        } else if bytes[at] == '"' {
            let mut i = at + 1;
            while i < bytes.len() && bytes[i] != '"' {
                i += if bytes[i] == '\\' { 2 } else { 1 };
            }
            (i + 1).min(bytes.len())
        } else if bytes[at] == '\'' && (bytes.get(at + 2) == Some(&'\'') || bytes.get(at + 1) == Some(&'\\')) {
            (at + 2..bytes.len()).find(|i| bytes[*i] == '\'').map_or(bytes.len(), |i| i + 1)
        } else {
            out.push(bytes[at]);
            at += 1;
            continue;
        };
        out.extend(bytes[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    out
}

/// The number of `#` of a raw string that starts here.
fn raw_string(text: &[char], at: usize) -> Option<usize> {
    let in_a_word = at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_');
    if text[at] != 'r' || in_a_word {
        return None;
    }
    let hashes = text[at + 1..].iter().take_while(|c| **c == '#').count();
    (text.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(crate_name: &str, file: &str, text: &str) -> Vec<usize> {
        wrong_in(crate_name, file, text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn the_database_layer_is_named_in_store_alone() {
        let text = "use domain::ids;\nuse sea_orm::EntityTrait;\nfn f(c: &sea_orm_migration::X) {}\n";
        assert_eq!(lines("services", "service.rs", text), [2, 3]);
        assert_eq!(lines("store", "repo.rs", text), Vec::<usize>::new());
        assert_eq!(lines("worker", "lib.rs", "let c = aws_sdk_workspaces::Client::new(&x);"), [1]);
    }

    #[test]
    fn store_and_aws_stand_in_compose_alone() {
        let text = "use store::Database;\nuse aws as cloud;\nuse {domain::ids, store::repo};\nlet x = self.store;\n\
                    let y = services::store::z();\nstore_it();\n";
        assert_eq!(lines("api", "state.rs", text), [1, 2, 3]);
        assert_eq!(lines("api", "compose.rs", text), Vec::<usize>::new());
        assert_eq!(lines("services", "tx.rs", text), Vec::<usize>::new());
    }

    #[test]
    fn a_folder_of_a_clone_is_not_built_in() {
        let asked = "let at = std::env::var_os(\"CARGO_MANIFEST_DIR\");\nlet version = env!(\"CARGO_PKG_VERSION\");\n";
        assert_eq!(names_own_folder(asked), Vec::<usize>::new());
        let built_in = asked.replace("std::env::var_os(", "env!(");
        assert_eq!(names_own_folder(&built_in), [1]);
    }

    #[test]
    fn comments_strings_and_test_modules_do_not_count() {
        let text = "//! store::x\n/* aws::y\nstore::z */\nlet a = \"store::b\\\"store::c\";\nlet d = r#\"aws::\"e\"#;\n\
                    let q = '\"'; let life: &'static str = x;\nstore::real();\n#[cfg(test)]\nmod tests {\n    use store::Database;\n}\n";
        assert_eq!(lines("worker", "lib.rs", text), [7]);
    }
}
