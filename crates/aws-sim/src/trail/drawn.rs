//! Events drawn from the seed and from the drawn fleet's past, a day at a time.
//!
//! True events (made, terminated, changed) stand at their true times. The everyday ones are about one or two in a hundred
//! desktops and working day and change nothing that lasts, so that they contradict neither usage nor cost: restarts,
//! starts just before somebody connects, tags, passwords, looks, and now and then a denial.

use std::collections::BTreeMap;

use super::{
    DAY_MS,
    people::{LIMITED, WATCHER},
};
use crate::{fleet::model::RunningMode, history::Shape, rng::Rng, simulator::Simulator};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Create,
    Terminate,
    /// The subject's change of that number.
    Modify(u16),
    Start,
    Reboot,
    Rebuild,
    CreateTags,
    DeleteTags,
    DescribeWorkspaces,
    ResetUserPassword,
    CreateSnapshot,
    DescribeDirectories,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "CreateWorkspaces",
            Self::Terminate => "TerminateWorkspaces",
            Self::Modify(_) => "ModifyWorkspaceProperties",
            Self::Start => "StartWorkspaces",
            Self::Reboot => "RebootWorkspaces",
            Self::Rebuild => "RebuildWorkspaces",
            Self::CreateTags => "CreateTags",
            Self::DeleteTags => "DeleteTags",
            Self::DescribeWorkspaces => "DescribeWorkspaces",
            Self::ResetUserPassword => "ResetUserPassword",
            Self::CreateSnapshot => "CreateSnapshot",
            Self::DescribeDirectories => "DescribeDirectories",
        }
    }

    pub(crate) fn is_directorys(self) -> bool {
        matches!(self, Self::ResetUserPassword | Self::CreateSnapshot | Self::DescribeDirectories)
    }

    pub(crate) fn source(self) -> &'static str {
        if self.is_directorys() { "ds.amazonaws.com" } else { "workspaces.amazonaws.com" }
    }

    pub(crate) fn reads(self) -> bool {
        matches!(self, Self::DescribeWorkspaces | Self::DescribeDirectories)
    }

    /// Whether one request is about several desktops at times.
    fn has_batches(self) -> bool {
        self == Self::Reboot
    }
}

/// One drawn event; its words are made when it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) at_ms: i64,
    pub(crate) kind: Kind,
    /// Index into [`Subjects::list`].
    pub(crate) subject: u32,
    /// So many subjects before it are part of the request, too, unless they are gone.
    pub(crate) more: u8,
    /// Index into [`super::people::PEOPLE`].
    pub(crate) who: u8,
    pub(crate) denied: bool,
    /// What else is drawn for it comes from here; different for each event.
    pub(crate) seed: u64,
}

/// A desktop of the drawn fleet.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) directory: String,
    pub(crate) bundle: String,
    /// As it was made.
    pub(crate) first: Shape,
    /// When, what before, what after; Unix seconds.
    pub(crate) changes: Vec<(i64, Shape, Shape)>,
    created_at: i64,
    /// In the drawn past; unknown to it is what was asked for since.
    gone_at: Option<i64>,
}

impl Subject {
    pub(crate) fn is_gone(&self, at_ms: i64) -> bool {
        self.gone_at.is_some_and(|gone| gone * 1_000 <= at_ms)
    }

    /// As it was drawn to be at a moment (Unix seconds).
    fn shape_at(&self, at: i64) -> &Shape {
        self.changes.iter().rev().find(|(changed, ..)| *changed <= at).map_or(&self.first, |(.., after)| after)
    }
}

/// All of them, and what truly happened to them by day.
#[derive(Debug)]
pub(crate) struct Subjects {
    pub(crate) list: Vec<Subject>,
    /// By days since 1970: Unix seconds, what, to whom.
    true_events: BTreeMap<i64, Vec<(i64, Kind, u32)>>,
}

impl Subjects {
    /// The drawn fleet of a place; the same whatever was asked of it since.
    pub(crate) fn of(simulator: &Simulator, account: &str, region: &str) -> Self {
        let until = simulator.0.era.end;
        let watch = simulator.watch(region);
        let fleet = simulator.fleet(account, region);
        let mut list = Vec::new();
        for desktop in fleet.everyone().filter(|desktop| desktop.created_ms < until * 1_000) {
            let mut changes = fleet.history(desktop, &watch).changes();
            let first = changes.first().map_or_else(|| desktop.shape(), |(_, before, _)| *before);
            changes.retain(|(at, ..)| *at < until);
            list.push(Subject {
                id: desktop.id.clone(),
                user: desktop.user.clone(),
                directory: fleet.directory_of(desktop).id.clone(),
                bundle: fleet.bundle_of(desktop).id.clone(),
                first,
                changes,
                created_at: desktop.created_ms.div_euclid(1_000),
                gone_at: desktop.terminated_ms.map(|ms| ms.div_euclid(1_000)).filter(|at| *at < until),
            });
        }
        list.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        let mut true_events: BTreeMap<i64, Vec<(i64, Kind, u32)>> = BTreeMap::new();
        let mut tell = |at: i64, kind, subject| {
            true_events.entry(at.div_euclid(86_400)).or_default().push((at, kind, subject));
        };
        for (subject, index) in list.iter().zip(0_u32..) {
            tell(subject.created_at, Kind::Create, index);
            for ((at, ..), number) in subject.changes.iter().zip(0_u16..) {
                tell(*at, Kind::Modify(number), index);
            }
            if let Some(end) = subject.gone_at {
                // It takes a minute until it is gone.
                tell(end - 60, Kind::Terminate, index);
            }
        }
        Self { list, true_events }
    }
}

/// Unix ms of an event within a day, mostly in working hours of the region.
fn moment(rng: &mut Rng, day: i64, zone_hours: i64) -> i64 {
    let hour = rng.weighted(&[
        (0, 2),
        (7, 6),
        (8, 14),
        (9, 16),
        (10, 14),
        (11, 10),
        (13, 12),
        (14, 12),
        (15, 10),
        (16, 8),
        (18, 3),
        (21, 2),
    ]);
    let within = rng.below(3_600_000) as i64;
    let ms = (hour - zone_hours) * 3_600_000 + within;
    day * DAY_MS + ms.rem_euclid(DAY_MS)
}

/// The drawn events of a UTC day, in no order.
pub(super) fn day(simulator: &Simulator, subjects: &Subjects, account: &str, region: &str, day: i64) -> Vec<Drawn> {
    let era = simulator.0.era;
    if (day + 1) * 86_400 <= era.start || subjects.list.is_empty() {
        return Vec::new();
    }
    let options = &simulator.0.options;
    let watch = simulator.watch(region);
    let fleet = simulator.fleet(account, region);
    let mut rng = Rng::from_parts(options.seed, &format!("trail {account} {region} {day}"));
    let mut events: Vec<Drawn> = Vec::new();
    for (at, kind, subject) in subjects.true_events.get(&day).into_iter().flatten() {
        let who = rng.below(3) as u8;
        let at_ms = at * 1_000 + rng.below(1_000) as i64;
        events.push(Drawn { at_ms, kind: *kind, subject: *subject, more: 0, who, denied: false, seed: rng.next() });
    }

    let working = (day + 3).rem_euclid(7) < 5;
    let alive = subjects.list.partition_point(|subject| subject.created_at < day * 86_400);
    let rate = options.trail_rate * if working { 1.0 } else { 0.2 };
    let expected = alive as f64 * rate / 100.0;
    // The rest below one is a chance.
    let count = expected as u64 + u64::from((rng.below(1_000_000) as f64) < expected.fract() * 1_000_000.0);
    for _ in 0..count {
        let kind = rng.weighted(&[
            (Kind::Reboot, 30),
            (Kind::Start, 22),
            (Kind::CreateTags, 9),
            (Kind::DeleteTags, 2),
            (Kind::Rebuild, 2),
            (Kind::DescribeWorkspaces, 12),
            (Kind::ResetUserPassword, 14),
            (Kind::DescribeDirectories, 7),
            (Kind::CreateSnapshot, 2),
        ]);
        let mut at_ms = moment(&mut rng, day, watch.zone_hours);
        let subject = rng.below(alive as u64) as u32;
        let more = if kind.has_batches() && rng.chance(120) { 1 + rng.below(4) as u8 } else { 0 };
        let who = if kind.reads() { WATCHER } else { rng.below(4) as u8 };
        let denied = who == LIMITED && rng.chance(100);
        let seed = rng.next();
        let one = &subjects.list[subject as usize];
        let Some(desktop) = fleet.ever(&one.id) else { continue };
        if desktop.terminated_ms.is_some_and(|gone| gone <= at_ms) {
            continue;
        }
        let mut kind = kind;
        if kind == Kind::Start && !denied {
            // Shortly before its person comes, if anybody does and it stops at all.
            let stops = one.shape_at(day * 86_400).running_mode == RunningMode::AutoStop;
            let sessions = fleet.history(desktop, &watch).sessions(day * 86_400, (day + 1) * 86_400);
            match sessions.first().filter(|_| stops).filter(|session| session.start.div_euclid(86_400) == day) {
                Some(session) => at_ms = (session.start * 1_000 - 120_000 - (seed % 180_000) as i64).max(day * DAY_MS),
                None => kind = Kind::Reboot,
            }
        }
        events.push(Drawn { at_ms, kind, subject, more, who, denied, seed });
    }
    events.retain(|event| event.at_ms >= era.start * 1_000);
    events
}
