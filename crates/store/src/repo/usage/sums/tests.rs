//! Sums of usage by what the fleet is filtered and told apart by, who was connected most and not at all, and how far that is
//! known.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveTime};
use domain::access::{Reach, Scope};
use domain::usage::HourMask;
use domain::workspace::{ObservedWorkspace, WorkspaceState};

use super::*;
use crate::repo::inventory::{SyncContext, inventory_apply, tags_apply};
use crate::repo::usage::{
    UsageDayRow, UsageKnown, UsageWeek, WorkspaceUsage, usage_groups, usage_hours, usage_known, usage_known_of,
    usage_ranking, usage_sum_people, usage_unused, usage_week, usage_window_replace,
};
use crate::repo::usage_coverage::usage_covered;
use crate::repo::users::{NewUser, user_insert};
use crate::repo::workspaces::{GoneFilter, SortDirection};
use crate::testing::{TestDb, db_test, observed};
use domain::ids::{TeamId, WorkspaceId};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn midnight(text: &str) -> DateTime<Utc> {
    date(text).and_time(NaiveTime::MIN).and_utc()
}

fn used(id: WorkspaceId, days: &[(&str, u32)]) -> WorkspaceUsage {
    let day = |(day, minutes): &(&str, u32)| UsageDayRow {
        day: date(day),
        hour_mask: HourMask::of_range(0, minutes.div_ceil(60).saturating_sub(1)),
        connected_minutes: *minutes,
        sessions: 2,
        first_at: midnight(day),
        last_at: midnight(day) + Duration::minutes(i64::from(*minutes)),
        resolution_secs: 300,
    };
    let (from, to) = (midnight("2026-01-01"), midnight("2026-03-01"));
    WorkspaceUsage { workspace_id: id, from, to, intervals: Vec::new(), days: days.iter().map(day).collect() }
}

/// Four WorkSpaces: two used, one not, one whose usage is not known from the beginning of February on.
async fn fleet(test: &TestDb) -> (SyncContext, Vec<WorkspaceId>) {
    let ctx = test.account().await;
    let one = |number: usize| ObservedWorkspace {
        state: if number == 1 { WorkspaceState::Stopped } else { WorkspaceState::Available },
        ..observed(number)
    };
    let all: Vec<_> = (0..4).map(one).collect();
    inventory_apply(&test.db, &ctx, &all).await.unwrap();
    let ids: Vec<_> = all.iter().map(|one| WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id)).collect();
    let usage = [
        used(ids[0], &[("2026-01-31", 600), ("2026-02-01", 60), ("2026-02-02", 30)]),
        used(ids[1], &[("2026-02-02", 200)]),
    ];
    usage_window_replace(&test.db, &usage).await.unwrap();
    let (begin, end) = (midnight("2026-01-01"), midnight("2026-03-01"));
    let covered =
        [(ids[0], begin, end), (ids[1], begin, end), (ids[2], begin, end), (ids[3], midnight("2026-02-15"), end)];
    usage_covered(&test.db, &covered).await.unwrap();
    let team = |team: &str| [("Team".to_owned(), team.to_owned())].into_iter().collect();
    tags_apply(&test.db, &[(ids[0], team("Ops")), (ids[1], team("Ops"))], test.now()).await.unwrap();
    (ctx, ids)
}

const FEBRUARY: (&str, &str) = ("2026-02-01", "2026-03-01");

fn february() -> (NaiveDate, NaiveDate) {
    (date(FEBRUARY.0), date(FEBRUARY.1))
}

db_test! {
    async fn sums_follow_the_filter_and_the_group(test) {
        let (ctx, ids) = fleet(test).await;
        let scope = Scope::Everything;
        let all = WorkspaceFilter::default();
        let sum = usage_sum(&test.db, &scope, &all, february()).await.unwrap();
        assert_eq!(sum, UsageTotals { workspaces: 2, days: 3, minutes: 290, hours: 1 + 1 + 4, sessions: 6 });
        let stopped = WorkspaceFilter { states: vec![WorkspaceState::Stopped], ..all.clone() };
        assert_eq!(usage_sum(&test.db, &scope, &stopped, february()).await.unwrap().minutes, 200);
        let by = async |group: UsageGroup| -> Vec<(String, u64)> {
            let sums = usage_sums_by(&test.db, &scope, &all, february(), &group).await.unwrap();
            sums.into_iter().map(|one| (one.key, one.totals.minutes)).collect()
        };
        let of = |key: &str, minutes| (key.to_owned(), minutes);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::State)).await, [of("STOPPED", 200), of("AVAILABLE", 90)]);
        assert_eq!(by(UsageGroup::Day).await, [of("2026-02-01", 60), of("2026-02-02", 230)]);
        assert_eq!(by(UsageGroup::Month).await, [of("2026-02", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Region)).await, [of("eu-central-1", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Tag("Team".to_owned()))).await, [of("Ops", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Tag("Stage".to_owned()))).await, [of("", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Bundle)).await, [of("wsb-000000001", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Directory)).await, [of("d-906700001", 290)]);
        assert_eq!(by(UsageGroup::Of(WorkspaceGroup::Account)).await, [of(&format!("account {}", ctx.account_id), 290)]);
        let mine = Scope::desktops(["user.00000"]);
        assert_eq!(usage_sum(&test.db, &mine, &all, february()).await.unwrap().minutes, 90);
        let active = async |scope: &Scope, filter: &WorkspaceFilter| {
            usage_active_ids(&test.db, scope, filter, february()).await.unwrap().into_iter().collect::<BTreeSet<_>>()
        };
        assert_eq!(active(&scope, &all).await, BTreeSet::from([ids[0], ids[1]]));
        assert_eq!(active(&scope, &stopped).await, BTreeSet::from([ids[1]]));
        assert_eq!(active(&mine, &all).await, BTreeSet::from([ids[0]]));
        let elsewhere = Scope::only(Reach::Account { account_id: test.env.new_id().into() });
        assert_eq!(usage_sum(&test.db, &elsewhere, &all, february()).await.unwrap(), UsageTotals::default());
    }

    async fn who_was_connected_most_least_and_not_at_all(test) {
        let (_, ids) = fleet(test).await;
        let (scope, all) = (Scope::Everything, WorkspaceFilter::default());
        let ranked = async |direction, limit, cursor: Option<String>| {
            let page = (limit, cursor.as_deref());
            let page = usage_ranking(&test.db, &scope, &all, february(), direction, page).await.unwrap();
            let rows = page.rows.into_iter().map(|one| (one.workspace_id, one.totals.minutes)).collect::<Vec<_>>();
            (rows, page.next, page.total)
        };
        let most = SortDirection::Descending;
        assert_eq!(ranked(most, 9, None).await, (vec![(ids[1], 200), (ids[0], 90)], None, 2));
        let (first, next, total) = ranked(SortDirection::Ascending, 1, None).await;
        assert_eq!((first, total, next.is_some()), (vec![(ids[0], 90)], 2, true));
        assert_eq!(ranked(SortDirection::Ascending, 1, next.clone()).await, (vec![(ids[1], 200)], None, 2));
        let other = usage_ranking(&test.db, &scope, &all, february(), most, (1, next.as_deref())).await;
        assert!(matches!(other, Err(StoreError::BadCursor)), "{other:?}");
        // Whose usage is not known from the beginning on may have been connected.
        let end = midnight("2026-03-01");
        let unused = usage_unused(&test.db, &scope, &all, february(), end, (9, None)).await.unwrap();
        assert_eq!((unused.total, unused.rows, unused.next), (1, vec![ids[2]], None));
        let later = (date("2026-02-20"), date("2026-03-01"));
        let unused = usage_unused(&test.db, &scope, &all, later, end, (3, None)).await.unwrap();
        assert_eq!((unused.total, unused.rows), (4, ids[..3].to_vec()));
        let rest = usage_unused(&test.db, &scope, &all, later, end, (3, unused.next.as_deref())).await.unwrap();
        assert_eq!((rest.rows, rest.next), (ids[3..].to_vec(), None));
        let beyond = usage_unused(&test.db, &scope, &all, later, midnight("2026-03-02"), (2, None)).await.unwrap();
        assert_eq!((beyond.total, beyond.rows), (0, Vec::new()));
        let known = usage_known(&test.db, &scope, &all).await.unwrap();
        let from = Some(midnight("2026-02-15"));
        assert_eq!(known, UsageKnown { workspaces: 4, unread: 0, from, to: Some(midnight("2026-03-01")) });
        let nothing = usage_known(&test.db, &Scope::nothing(), &all).await.unwrap();
        assert_eq!(nothing, UsageKnown::default());
        let (begin, end) = (midnight("2026-02-01"), midnight("2026-03-01"));
        let mut known = usage_known_ids(&test.db, &scope, &all, begin, end).await.unwrap();
        known.sort_unstable();
        let mut expected = ids[..3].to_vec();
        expected.sort_unstable();
        assert_eq!(known, expected);
    }

    async fn who_came_later_was_not_there_before(test) {
        let (ctx, _) = fleet(test).await;
        let (scope, all) = (Scope::Everything, WorkspaceFilter::default());
        let later = async |region: &str, number: usize, from: &str| {
            let ctx = SyncContext { region: region.parse().unwrap(), at: test.now(), ..ctx.clone() };
            let one = observed(number);
            inventory_apply(&test.db, &ctx, std::slice::from_ref(&one)).await.unwrap();
            let id = WorkspaceId::derive(ctx.account_id, &ctx.region, &one.aws_id);
            usage_covered(&test.db, &[(id, midnight(from), midnight("2026-03-01"))]).await.unwrap();
            id
        };
        let known = async |filter: &WorkspaceFilter| usage_known(&test.db, &scope, filter).await.unwrap();
        let (here, there) = ("eu-central-1", "us-east-1");
        // The clock began in June 2025, when the others were first seen. Of one that is new its own past was read.
        test.advance(Duration::days(250));
        assert_eq!(test.now().date_naive(), date("2026-02-20"));
        let new = later(here, 4, "2026-02-18").await;
        let from = Some(midnight("2026-02-15"));
        assert_eq!(known(&all).await, UsageKnown { workspaces: 5, unread: 0, from, to: Some(midnight("2026-03-01")) });
        // By itself it is known from its own first day on.
        let alone = WorkspaceFilter { q: Some("user.00004".to_owned()), ..all.clone() };
        let found = known(&alone).await;
        assert_eq!((found.workspaces, found.from), (1, Some(midnight("2026-02-18"))));
        // In another place the first ones are those that are read first, which takes a while.
        let elsewhere = WorkspaceFilter { regions: vec![there.parse().unwrap()], ..all.clone() };
        for (number, from, expected) in [(5, "2026-02-10", "2026-02-10"), (6, "2026-02-17", "2026-02-17")] {
            later(there, number, from).await;
            assert_eq!(known(&elsewhere).await.from, Some(midnight(expected)), "{number}");
            test.advance(Duration::hours(20));
        }
        assert_eq!(known(&all).await.from, Some(midnight("2026-02-17")));
        test.advance(Duration::days(2));
        later(there, 7, "2026-02-19").await;
        assert_eq!(known(&all).await.from, Some(midnight("2026-02-17")));
        // Of one that was there for a day before anything is known of it something is missing.
        later(there, 8, "2026-02-25").await;
        assert_eq!(known(&all).await.from, Some(midnight("2026-02-25")));
        // While the first ones were not read yet, what is known is that of the others.
        let others = Sql::new(&test.db).text("DELETE FROM usage_coverage WHERE workspace_id <> ").bind(new.0);
        others.execute(&test.db).await.unwrap();
        let found = known(&all).await;
        assert_eq!((found.workspaces, found.unread, found.from), (9, 8, Some(midnight("2026-02-18"))));
    }

    async fn each_group_is_known_by_itself(test) {
        let (ctx, _) = fleet(test).await;
        let (scope, all) = (Scope::Everything, WorkspaceFilter::default());
        let known = async |group: UsageGroup, keys: Vec<&str>| {
            let found = usage_known_of(&test.db, &scope, &all, &group, &keys).await.unwrap();
            let said = |(key, known): (String, UsageKnown)| (key, known.workspaces, known.unread, known.from);
            let mut said: Vec<_> = found.into_iter().map(said).collect();
            said.sort_unstable();
            said
        };
        let of = |key: &str, workspaces: u64, from: &str| (key.to_owned(), workspaces, 0_u64, Some(midnight(from)));
        let (early, late) = ("2026-01-01", "2026-02-15");
        let tag = || UsageGroup::Of(WorkspaceGroup::Tag("Team".to_owned()));
        assert_eq!(known(tag(), vec!["", "Ops", "Dev"]).await, [of("", 2, late), of("Ops", 2, early)]);
        assert_eq!(known(tag(), vec!["Ops"]).await, [of("Ops", 2, early)]);
        assert!(known(tag(), Vec::new()).await.is_empty());
        let state = UsageGroup::Of(WorkspaceGroup::State);
        let states = vec!["STOPPED", "AVAILABLE"];
        assert_eq!(known(state, states).await, [of("AVAILABLE", 3, late), of("STOPPED", 1, early)]);
        assert_eq!(known(UsageGroup::Team, vec!["", "Night"]).await, [of("", 4, late)]);
        let account = format!("account {}", ctx.account_id);
        let accounts = UsageGroup::Of(WorkspaceGroup::Account);
        assert_eq!(known(accounts, vec![account.as_str()]).await, [of(&account, 4, late)]);
        assert!(known(UsageGroup::Month, vec!["2026-02"]).await.is_empty());
        let none = usage_known_of(&test.db, &Scope::nothing(), &all, &tag(), &["Ops"]).await.unwrap();
        assert!(none.is_empty(), "{none:?}");
    }

    async fn groups_are_read_page_by_page(test) {
        let (_, ids) = fleet(test).await;
        let later = |number: usize, minutes| used(ids[number], &[("2026-02-03", minutes)]);
        usage_window_replace(&test.db, &[later(2, 90), later(3, 90)]).await.unwrap();
        let team = |team: &str| [("Team".to_owned(), team.to_owned())].into_iter().collect();
        tags_apply(&test.db, &[(ids[1], team("Dev")), (ids[2], team("Art"))], test.now()).await.unwrap();
        let (scope, all) = (Scope::Everything, WorkspaceFilter::default());
        let by = UsageGroup::Of(WorkspaceGroup::Tag("Team".to_owned()));
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = (1, cursor.as_deref());
            let page = usage_groups(&test.db, &scope, &all, february(), &by, page).await.unwrap();
            assert_eq!(page.total, 4);
            seen.extend(page.rows.into_iter().map(|one| (one.key, one.totals.minutes)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        // Those that are alike in minutes are in the order of their values.
        let of = |key: &str, minutes| (key.to_owned(), minutes);
        assert_eq!(seen, [of("Dev", 200), of("", 90), of("Art", 90), of("Ops", 90)]);
        // Nothing is left behind the row that a cursor is of, and yet it is said how many there are.
        let first = usage_groups(&test.db, &scope, &all, february(), &by, (1, None)).await.unwrap();
        let gone: Vec<_> = [0, 2, 3].iter().map(|number| used(ids[*number], &[])).collect();
        usage_window_replace(&test.db, &gone).await.unwrap();
        let behind = usage_groups(&test.db, &scope, &all, february(), &by, (1, first.next.as_deref())).await.unwrap();
        assert_eq!((behind.rows, behind.next, behind.total), (Vec::new(), None, 1));
        let wrong = usage_groups(&test.db, &scope, &all, february(), &UsageGroup::Team, (1, Some("x"))).await;
        assert!(matches!(wrong, Err(StoreError::BadCursor)), "{wrong:?}");
        let none = usage_groups(&test.db, &Scope::nothing(), &all, february(), &by, (9, None)).await.unwrap();
        assert_eq!((none.rows, none.total), (Vec::new(), 0));
    }

    async fn teams_are_those_of_the_person_whose_desktop_it_is(test) {
        let (_, _) = fleet(test).await;
        let at = crate::sql::time_text(test.now());
        let (id, other) = ("00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b");
        let uuid = |id: &str| match test.db.backend() {
            crate::db::Backend::Postgres => format!("'{id}'"),
            crate::db::Backend::Sqlite => format!("unhex('{}')", id.replace('-', "")),
        };
        // Two people of one name at two addresses: a desktop that may be either's counts once.
        let mut users = Vec::new();
        for email in ["User.00000@example.com", "user.00000@example.org"] {
            let person = NewUser {
                id: domain::ids::UserId::from(test.env.new_id()),
                email: email.to_owned(),
                display_name: "Ana".to_owned(),
                password_hash: None,
                at: test.now(),
            };
            user_insert(&test.db, &person).await.unwrap();
            users.push(person.id);
        }
        for (id, name) in [(id, "Night"), (other, "Day")] {
            let text = format!(
                "INSERT INTO team (id, name, description, version, created_at, updated_at) \
                 VALUES ({}, '{name}', '', 1, '{at}', '{at}')",
                uuid(id)
            );
            test.db.execute_unprepared(&text).await.unwrap();
            for user in &users {
                let member = Sql::new(&test.db).text(&format!("INSERT INTO team_member (team_id, user_id) SELECT {}, ", uuid(id)));
                member.bind(user.0).execute(&test.db).await.unwrap();
            }
        }
        let (scope, all) = (Scope::Everything, WorkspaceFilter::default());
        let page = usage_groups(&test.db, &scope, &all, february(), &UsageGroup::Team, (9, None)).await.unwrap();
        let rows: Vec<_> = page.rows.iter().map(|one| (one.key.as_str(), one.totals.minutes)).collect();
        assert_eq!((rows, page.total), (vec![("", 200), ("Day", 90), ("Night", 90)], 3));
        // Narrowed to teams each desktop counts once, by day too, which the fleet's days don't tell; a team that is gone has none.
        let gone = "00000000-0000-0000-0000-00000000000c";
        for (teams, minutes) in [(vec![id], 90), (vec![id, other], 90), (vec![gone], 0)] {
            let team_ids = teams.iter().map(|team| TeamId(team.parse().unwrap())).collect();
            let filter = WorkspaceFilter { team_ids, gone: GoneFilter::Any, ..WorkspaceFilter::default() };
            assert_eq!(usage_sum(&test.db, &scope, &filter, february()).await.unwrap().minutes, minutes, "{teams:?}");
            let days = usage_sums_by(&test.db, &scope, &filter, february(), &UsageGroup::Day).await.unwrap();
            assert_eq!(days.iter().map(|day| day.totals.minutes).sum::<u64>(), minutes, "{teams:?}");
        }
    }

    async fn the_week_its_people_and_its_hours(test) {
        let (_, _) = fleet(test).await;
        let (scope, all) = (Scope::Everything, WorkspaceFilter::default());
        let week = usage_week(&test.db, &scope, &all, february()).await.unwrap();
        // 1 February 2026 is a Sunday: an hour of one. On Monday half an hour of that one and four hours of another.
        assert_eq!((week.hours[6][0], week.hours[6][1]), (1, 0));
        assert_eq!(week.hours[0][..5], [2, 1, 1, 1, 0]);
        assert_eq!(week.hours[1..6], [[0; 24]; 5]);
        assert_eq!(week.first, Some(date("2026-02-01")));
        assert_eq!(usage_week(&test.db, &Scope::nothing(), &all, february()).await.unwrap(), UsageWeek::default());
        let (totals, people) = usage_sum_people(&test.db, &scope, &all, february()).await.unwrap();
        assert_eq!((totals.minutes, people), (290, 2));
        assert_eq!(usage_hours(&test.db, &scope, &all, february()).await.unwrap(), [(1, 1), (3, 1)]);
    }
}
