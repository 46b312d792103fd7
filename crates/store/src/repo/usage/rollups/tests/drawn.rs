//! A fleet of two accounts and the teams of its people, with usage and changes that are drawn by chance.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use domain::access::{Reach, Scope, user_key};
use domain::ids::{BundleId, DirectoryId, TeamId, UserId, WorkspaceId};
use domain::usage::HourMask;
use domain::workspace::{ObservedWorkspace, RunningMode, WorkspaceState};

use crate::repo::inventory::{SyncContext, inventory_apply, tags_apply};
use crate::repo::teams::{TeamRecord, team_insert, team_members_add};
use crate::repo::usage::{UsageDayRow, WorkspaceUsage, usage_window_replace};
use crate::repo::usage_coverage::usage_covered;
use crate::repo::users::{NewUser, user_insert};
use crate::repo::workspaces::{GoneFilter, WorkspaceFilter};
use crate::testing::{TestDb, observed};

/// WorkSpaces of each of two accounts.
const EACH: usize = 6;
/// The days that usage is of: from a Thursday on, over the end of a year.
pub(super) const DAYS: u64 = 70;
/// Teams, and the addresses of who is in them. Of two people with one name before the `@` either may have the desktop.
const TEAMS: [(&str, &[&str]); 2] = [
    ("Day", &["User.00001@example.com", "user.00001@example.org", "user.00002@example.com"]),
    ("Night", &["user.00002@example.com", "user.00004@example.com"]),
];

pub(super) fn begin() -> NaiveDate {
    "2025-11-20".parse().unwrap()
}

pub(super) fn day(number: u64) -> NaiveDate {
    begin() + Days::new(number)
}

pub(super) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// What is drawn by chance, so much below a bound.
pub(super) struct Chance<'a>(pub(super) &'a TestDb);

impl Chance<'_> {
    pub(super) fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.0.env.random.bytes()) % bound
    }

    fn one<'t, T>(&self, of: &'t [T]) -> &'t T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn small(&self, bound: u64) -> u32 {
        u32::try_from(self.below(bound)).unwrap()
    }

    /// None, one or two of them.
    fn some<T: Clone>(&self, of: &[T]) -> Vec<T> {
        (0..self.below(4).saturating_sub(1)).map(|_| self.one(of).clone()).collect()
    }
}

/// The teams of the person whose desktop it is; an empty name where there is none.
pub(super) fn teams_of(key: &str) -> Vec<&'static str> {
    let within = |people: &[&str]| people.iter().any(|email| user_key(email) == key);
    let teams: Vec<_> = TEAMS.iter().filter(|(_, people)| within(people)).map(|(name, _)| *name).collect();
    if teams.is_empty() { vec![""] } else { teams }
}

/// Makes the teams and the people in them.
async fn teams_made(test: &TestDb) -> Vec<TeamId> {
    let (mut people, mut teams) = (BTreeMap::<&str, UserId>::new(), Vec::new());
    for (name, emails) in TEAMS {
        let (id, at) = (TeamId(test.env.new_id()), test.now());
        let (name, description) = (name.to_owned(), String::new());
        let team = TeamRecord { id, name, description, version: 1, created_at: at, updated_at: at };
        team_insert(&test.db, &team).await.unwrap();
        let mut members = Vec::new();
        for &email in emails {
            let known = people.get(email).copied();
            let person = known.unwrap_or_else(|| UserId(test.env.new_id()));
            if people.insert(email, person).is_none() {
                let (email, display_name) = (email.to_owned(), String::new());
                let new = NewUser { id: person, email, display_name, password_hash: None, at };
                user_insert(&test.db, &new).await.unwrap();
            }
            members.push(person);
        }
        team_members_add(&test.db, id, &members).await.unwrap();
        teams.push(id);
    }
    teams
}

pub(super) struct Fleet {
    pub(super) places: Vec<(SyncContext, Vec<WorkspaceId>)>,
    teams: Vec<TeamId>,
}

impl Fleet {
    pub(super) async fn new(test: &TestDb) -> Self {
        let first = test.account().await;
        let second = SyncContext { region: "us-east-1".parse().unwrap(), ..test.account().await };
        let mut places = Vec::new();
        for ctx in [first, second] {
            let all: Vec<_> = (0..EACH).map(observed).collect();
            inventory_apply(&test.db, &ctx, &all).await.unwrap();
            let id = |one: &ObservedWorkspace| WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id);
            let ids: Vec<_> = all.iter().map(id).collect();
            let covered: Vec<_> = ids.iter().map(|id| (*id, midnight(begin()), midnight(day(DAYS)))).collect();
            usage_covered(&test.db, &covered).await.unwrap();
            let team = [("Team".to_owned(), "Ops".to_owned())].into_iter().collect();
            tags_apply(&test.db, &[(ids[0], team)], test.now()).await.unwrap();
            places.push((ctx, ids));
        }
        Self { places, teams: teams_made(test).await }
    }

    fn ids(&self) -> Vec<WorkspaceId> {
        self.places.iter().flat_map(|(_, ids)| ids.clone()).collect()
    }

    /// WorkSpaces are read again, some of them set up otherwise.
    pub(super) async fn change(&self, test: &TestDb, chance: &Chance<'_>) {
        let (ctx, _) = chance.one(&self.places);
        let number = usize::try_from(chance.below(EACH as u64)).unwrap();
        let one = ObservedWorkspace {
            running_mode: chance.one(&[None, Some(RunningMode::AutoStop), Some(RunningMode::AlwaysOn)]).clone(),
            compute_type: chance.one(&[None, Some("STANDARD".into()), Some("POWER".into())]).clone(),
            bundle_id: format!("wsb-00000000{}", chance.below(3)),
            directory_id: format!("d-90670000{}", chance.below(2)),
            state: chance.one(&[WorkspaceState::Available, WorkspaceState::Stopped]).clone(),
            ..observed(number)
        };
        inventory_apply(&test.db, ctx, &[one]).await.unwrap();
    }

    /// Stretches of days of some WorkSpaces are read, for the first time or again.
    pub(super) async fn read(&self, test: &TestDb, chance: &Chance<'_>) {
        let ids = self.ids();
        let one = |id: &WorkspaceId| {
            let (first, length) = (chance.below(DAYS - 1), 1 + chance.below(*chance.one(&[2, 9, DAYS])));
            let last = (first + length).min(DAYS);
            let days = (first..last).filter(|_| chance.below(3) > 0).map(|number| {
                let (hour, hours) = (chance.small(20), chance.small(4));
                let at = midnight(day(number));
                UsageDayRow {
                    day: day(number),
                    hour_mask: HourMask::of_range(hour, hour + hours),
                    connected_minutes: 1 + chance.small(300),
                    sessions: chance.small(4),
                    first_at: at,
                    last_at: at,
                    resolution_secs: 300,
                }
            });
            let days = if chance.below(6) == 0 { Vec::new() } else { days.collect() };
            let (from, to) = (midnight(day(first)), midnight(day(last)));
            WorkspaceUsage { workspace_id: *id, from, to, intervals: Vec::new(), days }
        };
        let read: Vec<_> = ids.iter().filter(|_| chance.below(3) == 0).map(one).collect();
        let tx = test.db.begin().await.unwrap();
        usage_window_replace(&tx, &read).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) fn filter(&self, chance: &Chance<'_>) -> WorkspaceFilter {
        let accounts: Vec<_> = self.places.iter().map(|(ctx, _)| ctx.account_id).collect();
        let (mut directory_ids, mut bundle_ids) = (Vec::new(), Vec::new());
        for (ctx, _) in &self.places {
            let directory = |n| DirectoryId::derive(ctx.account_id, &ctx.region, &format!("d-90670000{n}"));
            let bundle = |n| BundleId::derive(ctx.account_id, &ctx.region, &format!("wsb-00000000{n}"));
            directory_ids.extend((0..2).map(directory));
            bundle_ids.extend((0..3).map(bundle));
        }
        let rare = || chance.below(5) == 0;
        WorkspaceFilter {
            account_ids: chance.some(&accounts),
            regions: chance.some(&["eu-central-1".parse().unwrap(), "us-east-1".parse().unwrap()]),
            directory_ids: chance.some(&directory_ids),
            bundle_ids: chance.some(&bundle_ids),
            running_modes: chance.some(&[RunningMode::AutoStop, RunningMode::AlwaysOn]),
            compute_types: chance.some(&["STANDARD".into(), "POWER".into()]),
            states: if rare() { vec![WorkspaceState::Stopped] } else { Vec::new() },
            tags: if rare() { vec![("Team".to_owned(), Some("Ops".to_owned()))] } else { Vec::new() },
            team_ids: if rare() {
                self.teams[usize::try_from(chance.below(2)).unwrap()..].to_vec()
            } else {
                Vec::new()
            },
            q: rare().then(|| "user.0000".to_owned()),
            gone: GoneFilter::Any,
            ..WorkspaceFilter::default()
        }
    }

    pub(super) fn scope(&self, chance: &Chance<'_>) -> Scope {
        let (ctx, _) = &self.places[0];
        match chance.below(8) {
            0 => Scope::only(Reach::Account { account_id: ctx.account_id }),
            1 => Scope::only(Reach::Region { region: "us-east-1".parse().unwrap() }),
            2 => Scope::only(Reach::Directory {
                directory_id: DirectoryId::derive(ctx.account_id, &ctx.region, "d-906700001"),
            }),
            3 => Scope::desktops(["user.00002"]),
            4 => Scope::desktops(["user.00003"]).union(Scope::only(Reach::Account { account_id: ctx.account_id })),
            5 => Scope::nothing(),
            _ => Scope::Everything,
        }
    }
}
