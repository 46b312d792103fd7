//! The values to filter by, with their labels and how many WorkSpaces have each.

use std::collections::HashMap;

use domain::access::{Actor, Permission};
use domain::ids::DirectoryId;
use store::repo::workspaces::{self, Facet};
use store::repo::{accounts, inventory};

use super::error::WorkspaceError;
use super::service::{WorkspaceFilter, resolve};
use crate::Context;

/// One value to filter by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCount {
    /// What to put into the filter.
    pub value: String,
    /// What to show.
    pub label: String,
    /// How many WorkSpaces have it.
    pub count: u64,
    /// The directory's own id; `None` for everything else.
    pub directory_id: Option<DirectoryId>,
}

/// The values to filter by, the most frequent first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// WorkSpaces that the filter leaves.
    pub total: u64,
    /// States.
    pub state: Vec<FacetCount>,
    /// Running modes.
    pub running_mode: Vec<FacetCount>,
    /// Compute types.
    pub compute_type: Vec<FacetCount>,
    /// Regions.
    pub region: Vec<FacetCount>,
    /// Connection states.
    pub connection: Vec<FacetCount>,
    /// Directories: value `d-…`, label its name.
    pub directory: Vec<FacetCount>,
    /// Bundles: value `wsb-…`, label its name.
    pub bundle: Vec<FacetCount>,
    /// Accounts: value our id, label its name.
    pub account: Vec<FacetCount>,
}

/// The values that the WorkSpaces left by the filter have.
///
/// # Errors
/// [`WorkspaceError::Forbidden`], [`WorkspaceError::Store`].
pub async fn workspace_facets(
    ctx: &Context,
    actor: &Actor,
    filter: &WorkspaceFilter,
) -> Result<Facets, WorkspaceError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let filter = resolve(ctx, actor, &scope, filter).await?;
    let found = workspaces::workspace_facets(&ctx.db, &scope, &filter).await?;
    let directories: HashMap<_, _> = inventory::directory_list(&ctx.db, &scope, None)
        .await?
        .into_iter()
        .map(|row| (row.id, (row.aws_id, row.name)))
        .collect();
    let bundles: HashMap<_, _> = inventory::bundle_list(&ctx.db, &scope, None)
        .await?
        .into_iter()
        .map(|row| (row.id, (row.aws_id, row.name)))
        .collect();
    // Who sees a desktop may know its account's name.
    let counted: Vec<_> = found.accounts.iter().map(|facet| facet.value).collect();
    let accounts: HashMap<_, _> = accounts::account_names(&ctx.db, &counted)
        .await?
        .into_iter()
        .map(|(id, name)| (id, (id.to_string(), name)))
        .collect();
    Ok(Facets {
        total: found.total,
        state: plain(found.states),
        running_mode: plain(found.running_modes),
        compute_type: plain(found.compute_types),
        region: plain(found.regions),
        connection: plain(found.connections),
        directory: named(&found.directories, &directories, |&id| Some(id)),
        bundle: named(&found.bundles, &bundles, |_| None),
        account: named(&found.accounts, &accounts, |_| None),
    })
}

pub(super) fn plain(facets: Vec<Facet<String>>) -> Vec<FacetCount> {
    facets
        .into_iter()
        .map(|facet| FacetCount {
            label: facet.value.clone(),
            value: facet.value,
            count: facet.count,
            directory_id: None,
        })
        .collect()
}

/// Values with the names of what they stand for. One that was never described can't be filtered by and is left out; one
/// that several accounts see (Amazon's bundles) is counted together.
fn named<I: std::hash::Hash + Eq>(
    facets: &[Facet<I>],
    names: &HashMap<I, (String, String)>,
    directory: fn(&I) -> Option<DirectoryId>,
) -> Vec<FacetCount> {
    let mut counts: Vec<FacetCount> = Vec::with_capacity(facets.len());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for facet in facets {
        let Some((value, label)) = names.get(&facet.value) else { continue };
        match places.get(value.as_str()) {
            Some(&place) => counts[place].count += facet.count,
            None => {
                places.insert(value, counts.len());
                counts.push(FacetCount {
                    value: value.clone(),
                    label: label.clone(),
                    count: facet.count,
                    directory_id: directory(&facet.value),
                });
            }
        }
    }
    counts.sort_by_key(|facet| std::cmp::Reverse(facet.count));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bundle_of_two_accounts_is_one_value() {
        let names = HashMap::from([
            (1, ("wsb-1".to_owned(), "Standard".to_owned())),
            (2, ("wsb-2".to_owned(), "Power".to_owned())),
            (3, ("wsb-1".to_owned(), "Standard".to_owned())),
        ]);
        let facets = vec![
            Facet { value: 2, count: 5 },
            Facet { value: 1, count: 4 },
            Facet { value: 3, count: 3 },
            Facet { value: 9, count: 1 },
        ];
        let told: Vec<_> = named(&facets, &names, |_| None).into_iter().map(|f| (f.value, f.count)).collect();
        assert_eq!(told, [("wsb-1".to_owned(), 7), ("wsb-2".to_owned(), 5)]);
    }
}
