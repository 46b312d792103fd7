//! Tags: drawn from a desktop's seed until somebody changes them.
//!
//! Most desktops have a team, a cost centre, an environment and an owner; some have none, some miss one, as fleets do.

use std::collections::BTreeMap;

use super::{Fleet, model::Desktop, names::TEAMS};
use crate::rng::Rng;

impl Fleet {
    /// The tags of a desktop, directory or bundle; `None` when there is no such resource.
    pub(crate) fn tags_of(&self, resource_id: &str) -> Option<BTreeMap<String, String>> {
        if let Some((_, desktop)) = self.get(resource_id) {
            return Some(self.tags_of_desktop(desktop));
        }
        let known = self.directories.iter().any(|directory| directory.id == resource_id)
            || self.bundles.iter().any(|bundle| bundle.id == resource_id && !bundle.is_amazons());
        known.then(|| self.changed_tags.get(resource_id).cloned().unwrap_or_default())
    }

    /// The tags of a desktop that is or was.
    pub(crate) fn tags_of_desktop(&self, desktop: &Desktop) -> BTreeMap<String, String> {
        self.changed_tags.get(&desktop.id).cloned().unwrap_or_else(|| self.first_tags(desktop))
    }

    fn first_tags(&self, desktop: &Desktop) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        let Some(team) = desktop.team.and_then(|team| TEAMS.get(usize::from(team))) else { return tags };
        let mut rng = Rng::from_parts(desktop.seed, "tags");
        if rng.chance(80) {
            return tags;
        }
        let domain = &self.directory_of(desktop).name;
        if !rng.chance(30) {
            tags.insert("Team".to_owned(), team.name.to_owned());
        }
        if !rng.chance(70) {
            tags.insert("CostCenter".to_owned(), team.cost_center.to_owned());
        }
        if !rng.chance(100) {
            let environment = rng.weighted(&[("production", 84), ("staging", 10), ("test", 6)]);
            tags.insert("Environment".to_owned(), environment.to_owned());
        }
        if !rng.chance(120) {
            tags.insert("Owner".to_owned(), format!("{}@{domain}", desktop.user));
        }
        if rng.chance(20) {
            let key = rng.weighted(&[("Skip_Convert", 7), ("skip_convert", 3)]);
            tags.insert(key.to_owned(), rng.weighted(&[("true", 6), ("", 4)]).to_owned());
        }
        if rng.chance(40) {
            tags.insert("Project".to_owned(), (*rng.pick(&["atlas", "heron", "juniper", "north-star"])).to_owned());
        }
        tags
    }
}
