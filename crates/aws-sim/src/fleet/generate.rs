//! Draws the fleets of an account from the seed: how many desktops per region, who has them and in what shape.
//!
//! Each desktop has a stream of numbers of its own, keyed by account, region and position, so that the first 60 desktops
//! of a region are the same people whether the fleet has 60 or 50,000. Things that can be drawn later from a desktop's
//! seed are drawn later (`tags.rs`, `view.rs`).

use std::collections::HashMap;

use super::{
    Fleet, bundles, directories, life,
    model::{Changes, Desktop, Habit, RunningMode, State},
    names::{FIRST, LAST, TEAMS},
};
use crate::rng::{BASE36, Rng};

/// Splits a number of desktops over regions: 70 % to the first, the rest evenly.
pub(crate) fn split(workspaces: usize, regions: usize) -> Vec<usize> {
    match regions {
        0 => Vec::new(),
        1 => vec![workspaces],
        _ => {
            let first = workspaces * 7 / 10;
            let others = regions - 1;
            let rest = workspaces - first;
            let mut counts = vec![first];
            counts.extend((0..others).map(|at| rest / others + usize::from(at < rest % others)));
            counts
        }
    }
}

/// The time in which the drawn part of a fleet's past lies, Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Era {
    /// Nothing existed before.
    pub(crate) start: i64,
    /// Nothing drawn happens after, but people's connections.
    pub(crate) end: i64,
}

/// The fleet of an account in a region, with those that are gone already.
pub(crate) fn fleet(seed: u64, account: &str, region: &str, workspaces: usize, era: Era) -> Fleet {
    let directories = directories::all(seed, account, region);
    let mut fleet = Fleet::new(account, region, directories, bundles::all(account, region));
    let mut names = Names::default();
    for at in 0..workspaces {
        let mut desktop = desktop(seed, Place::Here(at), &fleet, &mut names);
        life::begin(&mut desktop, era);
        fleet.push(desktop);
    }
    for at in 0..workspaces / 20 {
        let mut desktop = desktop(seed, Place::Gone(at), &fleet, &mut names);
        life::end(&mut desktop, era);
        fleet.bury(desktop);
    }
    fleet
}

/// Which desktop of a region is drawn.
#[derive(Debug, Clone, Copy)]
enum Place {
    Here(usize),
    Gone(usize),
}

/// User names taken so far in each directory.
#[derive(Default)]
struct Names(HashMap<(u16, String), u32>);

impl Names {
    /// `m.okafor`, for the next one `mina.okafor`, then `m.okafor2` …
    fn take(&mut self, directory: u16, rng: &mut Rng) -> String {
        let (first, last) = (*rng.pick(FIRST), *rng.pick(LAST));
        let short = format!("{}.{last}", &first[..1]);
        if self.0.insert((directory, short.clone()), 1).is_none() {
            return short;
        }
        let long = format!("{first}.{last}");
        let count = self.0.entry((directory, long.clone())).or_insert(0);
        *count += 1;
        if *count == 1 { long } else { format!("{long}{count}") }
    }
}

fn desktop(seed: u64, place: Place, fleet: &Fleet, names: &mut Names) -> Desktop {
    let (what, at) = match place {
        Place::Here(at) => ("desktop", at),
        Place::Gone(at) => ("gone", at),
    };
    let mut rng = Rng::from_parts(seed, &format!("{what} {} {} {at}", fleet.account, fleet.region));
    let own_seed = rng.next();
    let id = new_id(&mut rng, fleet);

    let teams: Vec<(u8, u32)> = TEAMS.iter().enumerate().map(|(index, team)| (index as u8, team.weight)).collect();
    let team_index = rng.weighted(&teams);
    let team = &TEAMS[usize::from(team_index)];
    let directory = match team.name {
        "Design" => 1,
        "Contractors" => 2,
        _ => {
            let weights: Vec<(u16, u32)> =
                fleet.directories.iter().enumerate().map(|(index, d)| (index as u16, d.weight)).collect();
            rng.weighted(&weights)
        }
    };
    let key = rng.weighted(team.bundles);
    let bundle = bundles::KINDS.iter().position(|kind| kind.key == key).unwrap_or(0);
    let kind = &bundles::KINDS[bundle];
    let running_mode =
        rng.weighted(&[(RunningMode::AutoStop, 70), (RunningMode::AlwaysOn, 27), (RunningMode::Manual, 3)]);
    let user_gib = if rng.chance(120) { grown(kind.user_gib, &mut rng) } else { kind.user_gib };
    let root_gib = if rng.chance(40) { kind.root_gib.max(175) } else { kind.root_gib };
    let linux = !kind.operating_system.starts_with("WINDOWS");
    let encrypted = rng.chance(640);
    let here = matches!(place, Place::Here(_));
    let shown = SHOWN.iter().find(|(place, _)| here && *place == at).map(|(_, state)| *state);
    let habit = rng.weighted(team.habits);
    // Nobody has ever connected to what is still being made.
    let habit = if shown == Some(State::Pending) { Habit::Never } else { habit };

    Desktop {
        id,
        seed: own_seed,
        directory,
        bundle: bundle as u16,
        user: names.take(directory, &mut rng),
        name: None,
        habit,
        team: Some(team_index),
        running_mode,
        timeout_minutes: if running_mode == RunningMode::AutoStop {
            rng.weighted(&[(60, 82), (120, 13), (180, 5)])
        } else {
            0
        },
        compute: kind.compute,
        root_gib,
        user_gib,
        protocol: if linux || rng.chance(620) { "WSP" } else { "PCOIP" },
        root_encrypted: encrypted,
        user_encrypted: encrypted || rng.chance(80),
        encryption_key: None,
        fixed: shown.or_else(|| fixed_state(&mut rng, habit)).filter(|_| here),
        command: None,
        created_ms: 0,
        terminated_ms: None,
        past: Vec::new(),
        breaks: Vec::new(),
        wakes: Vec::new(),
        modification: None,
        changes: Changes::default(),
        has_standby: rng.chance(8),
    }
}

/// Desktops that are not well in every fleet, so that a small demo shows them too: position in the region, state.
const SHOWN: &[(usize, State)] = &[
    (11, State::Unhealthy),
    (29, State::Error),
    (38, State::AdminMaintenance),
    (53, State::Suspended),
    (71, State::Pending),
];

/// Most desktops are well; a few are not.
fn fixed_state(rng: &mut Rng, habit: Habit) -> Option<State> {
    let draw = rng.below(1_000);
    match draw {
        0..=7 => Some(State::Unhealthy),
        8..=11 => Some(State::Error),
        12..=15 => Some(State::Suspended),
        16..=18 => Some(State::AdminMaintenance),
        19..=20 => Some(State::Impaired),
        21..=22 => Some(State::Maintenance),
        // Ordered, but nobody has used it yet.
        23..=35 if habit == Habit::Never => Some(State::Pending),
        _ => None,
    }
}

fn grown(user_gib: u32, rng: &mut Rng) -> u32 {
    let larger: Vec<u32> = [50, 100, 200, 500].into_iter().filter(|size| *size > user_gib).collect();
    *rng.pick(&larger)
}

/// An id that no desktop of the fleet has.
pub(crate) fn new_id(rng: &mut Rng, fleet: &Fleet) -> String {
    loop {
        let id = format!("ws-{}", rng.text(BASE36, 9));
        if !fleet.contains(&id) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const ERA: Era = Era { start: 1_733_000_000, end: 1_767_225_600 };

    #[test]
    fn shares_add_up() {
        assert_eq!(split(1_000, 2), [700, 300]);
        assert_eq!(split(60, 1), [60]);
        assert_eq!(split(61, 3), [42, 10, 9]);
        assert_eq!(split(0, 2), [0, 0]);
    }

    #[test]
    fn ids_and_users_are_distinct_and_the_mix_is_believable() {
        let fleet = fleet(7, "123456789012", "us-east-1", 5_000, ERA);
        let all: Vec<&Desktop> = fleet.desktops.values().collect();
        assert_eq!(all.iter().map(|d| &d.id).collect::<HashSet<_>>().len(), 5_000);
        assert_eq!(all.iter().map(|d| (d.directory, &d.user)).collect::<HashSet<_>>().len(), 5_000);
        let share = |test: &dyn Fn(&Desktop) -> bool| all.iter().filter(|d| test(d)).count() * 100 / all.len();
        assert!((66..=74).contains(&share(&|d| d.running_mode == RunningMode::AutoStop)));
        assert!((24..=30).contains(&share(&|d| d.running_mode == RunningMode::AlwaysOn)));
        assert!((1..=4).contains(&share(&|d| d.fixed.is_some())));
        assert!((3..=10).contains(&share(&|d| d.habit == Habit::Never)));
        assert!(all.iter().any(|d| d.compute == "GRAPHICS_G4DN"));
        assert!(all.iter().all(|d| d.user.len() <= 63));
    }

    #[test]
    fn a_larger_fleet_begins_like_a_smaller_one() {
        let ids = |count| {
            fleet(7, "1", "us-east-1", count, ERA).desktops.into_values().map(|d| (d.id, d.user)).collect::<Vec<_>>()
        };
        assert_eq!(ids(60)[..], ids(500)[..60]);
        let other: Vec<_> =
            fleet(8, "1", "us-east-1", 60, ERA).desktops.into_values().map(|d| (d.id, d.user)).collect();
        assert_ne!(ids(60), other);
    }
}
