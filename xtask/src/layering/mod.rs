//! `cargo xtask layering`: the map of the house as a check. [`EDGES`] is the only place that says which crate may depend on
//! which; `sources.rs` adds what a manifest can't show (where the store and AWS may be named).
//!
//! To allow an edge or add a crate: change [`EDGES`] and ARCHITECTURE.md together. Dev-dependencies are free.

mod sources;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use cargo_metadata::DependencyKind;

use crate::ctx::Ctx;

/// What a crate may depend on, of ours.
#[derive(Clone, Copy)]
enum May {
    /// These alone.
    Only(&'static [&'static str]),
    /// All but `testkit` and `tests`: what ships has no test code in it.
    AllThatShips,
    /// All: test code.
    All,
}

/// The map. (`store` in `worker` is for its `compose.rs` alone: see `sources.rs`.)
const EDGES: &[(&str, May)] = &[
    ("domain", May::Only(&[])),
    ("platform", May::Only(&[])),
    ("migrations", May::Only(&[])),
    ("contract", May::Only(&["domain"])),
    ("aws", May::Only(&["domain"])),
    ("aws-sim", May::Only(&["domain"])),
    ("store", May::Only(&["domain", "migrations"])),
    ("services", May::Only(&["domain", "store", "platform"])),
    ("web", May::Only(&["contract", "domain"])),
    ("ai-service", May::Only(&["contract", "platform"])),
    ("api", May::Only(&["contract", "services", "platform", "domain"])),
    ("worker", May::Only(&["services", "platform", "domain", "store"])),
    ("wheelhouse", May::AllThatShips),
    ("testkit", May::All),
    ("tests", May::All),
    ("xtask", May::Only(&[])),
];

/// A dependency of one of our crates on another.
#[derive(PartialEq, Eq, Debug)]
struct Edge {
    from: String,
    to: String,
}

/// The command.
///
/// # Errors
/// When an edge or a source line is against the map; each is printed.
pub fn run(ctx: &Ctx) -> Result<()> {
    let packages = ctx.packages()?;
    let folders: BTreeMap<String, std::path::PathBuf> = packages
        .iter()
        .filter_map(|p| Some((p.name.to_string(), p.manifest_path.parent()?.as_std_path().to_path_buf())))
        .collect();
    let names: Vec<&str> = folders.keys().map(String::as_str).collect();
    let edges: Vec<Edge> = packages
        .iter()
        .flat_map(|package| {
            package
                .dependencies
                .iter()
                .filter(|d| matches!(d.kind, DependencyKind::Normal | DependencyKind::Build) && d.path.is_some())
                .map(|d| Edge { from: package.name.to_string(), to: d.name.clone() })
        })
        .collect();

    let mut faults = wrong_edges(&names, &edges);
    faults.extend(sources::wrong_lines(&ctx.root, &folders)?);
    faults.extend(sources::built_in_folders(&ctx.root, &folders)?);
    for fault in &faults {
        eprintln!("  {fault}");
    }
    if !faults.is_empty() {
        bail!("{} against the map of the house (ARCHITECTURE.md)", faults.len());
    }
    eprintln!("  {} crates, {} edges", names.len(), edges.len());
    Ok(())
}

fn wrong_edges(names: &[&str], edges: &[Edge]) -> Vec<String> {
    let mut faults = Vec::new();
    for name in names {
        if !EDGES.iter().any(|(known, _)| known == name) {
            faults.push(format!("crate {name} has no place in the map: add it to EDGES in xtask/src/layering/mod.rs"));
        }
    }
    for Edge { from, to } in edges {
        let Some((_, may)) = EDGES.iter().find(|(name, _)| name == from) else { continue };
        let fine = match may {
            May::Only(list) => list.contains(&to.as_str()),
            May::AllThatShips => !["testkit", "tests"].contains(&to.as_str()),
            May::All => true,
        };
        if !fine {
            let allowed = match may {
                May::Only([]) => "none of ours".to_owned(),
                May::Only(list) => list.join(", "),
                May::AllThatShips | May::All => "everything but testkit and tests".to_owned(),
            };
            faults.push(format!(
                "{from} depends on {to}, and may depend on {allowed}: move what it needs, or make it a dev-dependency"
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge { from: from.into(), to: to.into() }
    }

    #[test]
    fn a_forbidden_edge_is_found() {
        let names = ["domain", "store", "services", "web", "api", "wheelhouse", "testkit", "tests"];
        let fine =
            [edge("services", "store"), edge("api", "services"), edge("wheelhouse", "api"), edge("tests", "testkit")];
        assert_eq!(wrong_edges(&names, &fine), Vec::<String>::new());
        for (from, to) in [
            ("domain", "store"),
            ("web", "services"),
            ("wheelhouse", "testkit"),
            ("api", "testkit"),
            ("api", "aws"),
            ("services", "aws"),
        ] {
            let faults = wrong_edges(&names, &[edge(from, to)]);
            assert!(
                faults.len() == 1 && faults[0].contains(&format!("{from} depends on {to}")),
                "{from} -> {to}: {faults:?}"
            );
        }
    }

    #[test]
    fn a_crate_outside_the_map_is_found() {
        assert!(wrong_edges(&["newcomer"], &[])[0].contains("newcomer"));
    }
}
