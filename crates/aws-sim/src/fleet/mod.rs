//! The simulated fleet of one account in one region: directories, bundles, desktops and their tags.
//!
//! A desktop's state is not stored and not driven by timers: [`view`] computes it from the last command, the person's
//! habits and the time, so 50,000 desktops cost nothing while nobody asks. New kinds of resource get a file here with
//! their data and how it is drawn from the seed, and a field in [`Fleet`].

pub(crate) mod bundles;
pub(crate) mod directories;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod guard;
pub(crate) mod habits;
mod life;
pub(crate) mod model;
pub(crate) mod names;
pub(crate) mod tags;
pub(crate) mod view;

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
};

use bundles::Bundle;
use directories::Directory;
use model::{Command, CommandKind, Desktop, State};
use view::{View, Watch};

use crate::history::History;

/// Everything of one account in one region.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) directories: Vec<Directory>,
    pub(crate) bundles: Vec<Bundle>,
    /// By ordinal, which is also the order of lists. Ordinals are never used again.
    desktops: BTreeMap<u32, Desktop>,
    by_id: HashMap<String, u32>,
    next_ordinal: u32,
    /// Desktops that are gone, in the order of their end: what they did and cost stays true.
    gone: Vec<Desktop>,
    gone_by_id: HashMap<String, usize>,
    /// Tags of resources other than desktops, and of desktops once somebody changed them.
    pub(crate) changed_tags: HashMap<String, BTreeMap<String, String>>,
    /// Desktops under termination with the time (ms) from which they are gone.
    doomed: Vec<(i64, String)>,
}

impl Fleet {
    pub(crate) fn new(account: &str, region: &str, directories: Vec<Directory>, bundles: Vec<Bundle>) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            directories,
            bundles,
            desktops: BTreeMap::new(),
            by_id: HashMap::new(),
            next_ordinal: 0,
            gone: Vec::new(),
            gone_by_id: HashMap::new(),
            changed_tags: HashMap::new(),
            doomed: Vec::new(),
        }
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id) || self.gone_by_id.contains_key(id)
    }

    pub(crate) fn push(&mut self, desktop: Desktop) -> u32 {
        let ordinal = self.next_ordinal;
        self.next_ordinal += 1;
        self.by_id.insert(desktop.id.clone(), ordinal);
        self.desktops.insert(ordinal, desktop);
        ordinal
    }

    /// Takes a desktop out of all lists; its past stays.
    pub(crate) fn remove(&mut self, id: &str, now_ms: i64) -> bool {
        let Some(mut desktop) = self.by_id.remove(id).and_then(|ordinal| self.desktops.remove(&ordinal)) else {
            return false;
        };
        desktop.terminated_ms = Some(desktop.terminated_ms.map_or(now_ms, |at| at.min(now_ms)));
        self.bury(desktop);
        true
    }

    /// Keeps the past of a desktop that is gone.
    pub(crate) fn bury(&mut self, desktop: Desktop) {
        self.gone_by_id.insert(desktop.id.clone(), self.gone.len());
        self.gone.push(desktop);
    }

    /// Drops desktops whose termination is over.
    pub(crate) fn sweep(&mut self, now_ms: i64) {
        let (gone, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.doomed).into_iter().partition(|(at, _)| *at <= now_ms);
        self.doomed = left;
        for (at, id) in gone {
            self.remove(&id, at);
        }
    }

    /// Begins a termination.
    pub(crate) fn doom(&mut self, id: &str, watch: &Watch) {
        let until = watch.now_ms + watch.timings.terminate;
        if let Some(desktop) = self.get_mut(id) {
            if desktop.command.is_some_and(|command| command.kind == CommandKind::Gone) {
                return;
            }
            desktop.obey(Command { at: watch.now_ms, until, kind: CommandKind::Gone }, watch);
            self.doomed.push((until, id.to_owned()));
        }
    }

    /// All desktops that ever were, those that are there first.
    pub(crate) fn everyone(&self) -> impl Iterator<Item = &Desktop> {
        self.desktops.values().chain(&self.gone)
    }

    /// A desktop that is or was.
    pub(crate) fn ever(&self, id: &str) -> Option<&Desktop> {
        self.get(id).map(|(_, desktop)| desktop).or_else(|| self.gone.get(*self.gone_by_id.get(id)?))
    }

    /// A desktop's past.
    #[expect(clippy::unused_self, reason = "it reads as a question to the fleet the desktop belongs to")]
    pub(crate) fn history<'a>(&self, desktop: &'a Desktop, watch: &Watch) -> History<'a> {
        History::new(desktop, watch)
    }

    pub(crate) fn get(&self, id: &str) -> Option<(u32, &Desktop)> {
        let ordinal = *self.by_id.get(id)?;
        Some((ordinal, self.desktops.get(&ordinal)?))
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Desktop> {
        self.desktops.get_mut(self.by_id.get(id)?)
    }

    /// The desktop as it is now, or `None` when it is gone.
    pub(crate) fn view(&self, id: &str, watch: &Watch) -> Option<(&Desktop, View)> {
        let (_, desktop) = self.get(id)?;
        Some((desktop, view::view(desktop, watch)?))
    }

    /// Desktops that are wanted and exist now, in order, behind an ordinal (`None`: from the first).
    pub(crate) fn after<'a>(
        &'a self,
        ordinal: Option<u32>,
        watch: &'a Watch,
        wanted: impl Fn(&Desktop) -> bool + 'a,
    ) -> impl Iterator<Item = (u32, &'a Desktop, View)> + 'a {
        let from = ordinal.map_or(Bound::Unbounded, Bound::Excluded);
        self.desktops
            .range((from, Bound::Unbounded))
            // Before the view: that costs more than most questions.
            .filter(move |(_, desktop)| wanted(desktop))
            .filter_map(move |(ordinal, desktop)| Some((*ordinal, desktop, view::view(desktop, watch)?)))
    }

    /// How many desktops are in each state.
    pub(crate) fn count_by_state(&self, watch: &Watch) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for (_, _, view) in self.after(None, watch, |_| true) {
            *counts.entry(State::as_str(view.state)).or_default() += 1;
        }
        counts
    }

    pub(crate) fn directory_of(&self, desktop: &Desktop) -> &Directory {
        &self.directories[usize::from(desktop.directory)]
    }

    pub(crate) fn bundle_of(&self, desktop: &Desktop) -> &Bundle {
        &self.bundles[usize::from(desktop.bundle)]
    }
}
