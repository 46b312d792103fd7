//! Usage narrowed to teams: the desktops of the people in them, as far as who asks sees desktops; for nobody who may not see all
//! people, who are not even told whether there is such a team.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::page::Page;
use contract::paths::{
    EXPORT_USAGE, EXPORT_USAGE_GROUPS, EXPORT_USAGE_RANKING, EXPORT_USAGE_UNUSED, ROLES, TEAM, TEAM_MEMBERS, TEAMS,
    USAGE_DAILY, USAGE_DISTRIBUTION, USAGE_GROUPS, USAGE_HEAT_MAP, USAGE_RANKING, USAGE_SUMMARY, USAGE_TREND,
    USAGE_UNUSED, USERS, with_id,
};
use contract::problem::code;
use contract::roles::RoleView;
use contract::teams::TeamDetailView;
use contract::usage::{
    UsageDaysView, UsageDistributionView, UsageGroupsView, UsageRankingView, UsageSummaryView, UsageTrendView,
    UsageUnusedView,
};
use contract::users::UserView;
use contract::workspaces::WorkspaceView;
use domain::access::{Grant, GrantReach, GrantedRole, Reach, Role, Scope};
use domain::ids::TeamId;
use serde_json::json;
use testkit::app::TestApp;
use testkit::app_test;
use testkit::client::Request;

use crate::api_usage::{WEEK, begin, fleet};

/// Everything that answers about usage.
const ASKED: [&str; 12] = [
    USAGE_SUMMARY,
    USAGE_HEAT_MAP,
    USAGE_TREND,
    USAGE_DAILY,
    USAGE_DISTRIBUTION,
    USAGE_GROUPS,
    USAGE_RANKING,
    USAGE_UNUSED,
    EXPORT_USAGE,
    EXPORT_USAGE_GROUPS,
    EXPORT_USAGE_RANKING,
    EXPORT_USAGE_UNUSED,
];

/// A team of the people whose desktops are the first ones, and their desktops: each with the minutes of the week.
async fn night(app: &TestApp, all: &[WorkspaceView]) -> Result<(TeamId, Vec<(WorkspaceView, u64)>)> {
    let client = app.client();
    let names: BTreeSet<_> = all[..5].iter().map(|one| one.user_name.to_lowercase()).collect();
    let mut members = Vec::new();
    for name in &names {
        let email = format!("{name}@example.com");
        app.create_user_named(&email, Role::Member).await?;
        let found: Page<UserView> = client.get(&format!("{USERS}?q={email}")).await?.ok()?;
        members.push(found.items.first().context("they were just made")?.id);
    }
    let team: TeamDetailView = client.post(TEAMS, &json!({ "name": "Night" })).await?.ok()?;
    let put = Request::new(Method::PUT, with_id(TEAM_MEMBERS, team.team.id)).json(&json!({ "user_ids": members }));
    client.send(put).await?.ok::<TeamDetailView>()?;
    let minutes = |n: usize| if n.is_multiple_of(2) { (n as u64 + 1) * 30 } else { 0 };
    let theirs = all.iter().enumerate().filter(|(_, one)| names.contains(&one.user_name.to_lowercase()));
    Ok((team.team.id, theirs.map(|(n, one)| (one.clone(), minutes(n))).collect()))
}

app_test! {
    async fn a_team_is_the_desktops_of_its_people(app: fleet()) {
        let all = begin(app).await?;
        let (team, theirs) = night(app, &all).await?;
        let client = app.client();
        let minutes: u64 = theirs.iter().map(|(_, minutes)| minutes).sum();
        let used = theirs.iter().filter(|(_, minutes)| *minutes > 0).count() as u64;
        let there = theirs.len() as u64;
        assert!(minutes > 0 && there < all.len() as u64);

        let query = format!("{WEEK}&team={team}");
        let summary: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{query}")).await?.ok()?;
        assert_eq!((summary.totals.connected_minutes, summary.totals.workspaces), (minutes, used));
        assert_eq!((summary.unused, summary.period.known.workspaces), (there - used, there));
        let trend: UsageTrendView = client.get(&format!("{USAGE_TREND}?{query}")).await?.ok()?;
        assert_eq!(trend.days.iter().filter_map(|day| day.totals).map(|of| of.connected_minutes).sum::<u64>(), minutes);
        let days: UsageDaysView = client.get(&format!("{USAGE_DAILY}?{query}&by=region")).await?.ok()?;
        let told: Vec<_> = days.days.iter().map(|day| day.totals).collect();
        assert_eq!(told, trend.days.iter().map(|day| day.totals).collect::<Vec<_>>());
        let bins: UsageDistributionView = client.get(&format!("{USAGE_DISTRIBUTION}?{query}")).await?.ok()?;
        assert_eq!((bins.bins.iter().map(|bin| bin.workspaces).sum::<u64>(), bins.unused), (used, there - used));
        let groups: UsageGroupsView = client.get(&format!("{USAGE_GROUPS}?{query}&by=team")).await?.ok()?;
        let named: Vec<_> = groups.items.iter().map(|one| (one.key.as_str(), one.totals.connected_minutes)).collect();
        assert_eq!(named, [("Night", minutes)]);
        let ids = |rows: BTreeSet<_>, of: &dyn Fn(u64) -> bool| {
            let expected: BTreeSet<_> = theirs.iter().filter(|(_, minutes)| of(*minutes)).map(|(one, _)| one.id).collect();
            assert_eq!(rows, expected);
        };
        let ranking: UsageRankingView = client.get(&format!("{USAGE_RANKING}?{query}&limit=200")).await?.ok()?;
        ids(ranking.items.iter().map(|row| row.workspace.id).collect(), &|minutes| minutes > 0);
        let unused: UsageUnusedView = client.get(&format!("{USAGE_UNUSED}?{query}&limit=200")).await?.ok()?;
        ids(unused.items.iter().map(|row| row.id).collect(), &|minutes| minutes == 0);
        let file = client.get(&format!("{EXPORT_USAGE}?{query}&format=csv")).await?.text();
        assert_eq!(file.lines().count() as u64, 1 + there, "{file}");

        // A team that is not there has nobody.
        let nobody = format!("{WEEK}&team=00000000-0000-0000-0000-000000000007");
        let none: UsageSummaryView = client.get(&format!("{USAGE_SUMMARY}?{nobody}")).await?.ok()?;
        assert_eq!((none.totals.connected_minutes, none.period.known.workspaces), (0, 0));
        let wrong = client.get(&format!("{USAGE_SUMMARY}?{WEEK}&team=Night")).await?;
        assert_eq!(wrong.refused(400, code::INVALID_QUERY)?.errors[0].field, "team");
        Ok(())
    }

    async fn days_are_told_apart_by_team_and_who_is_in_two_counts_in_both(app: fleet()) {
        let all = begin(app).await?;
        let (night, theirs) = night(app, &all).await?;
        let client = app.client();
        let minutes: u64 = theirs.iter().map(|(_, minutes)| minutes).sum();
        // They work by day, too.
        let members: TeamDetailView = client.get(&with_id(TEAM, night)).await?.ok()?;
        let members: Vec<_> = members.members.iter().map(|member| member.id).collect();
        let day: TeamDetailView = client.post(TEAMS, &json!({ "name": "Day" })).await?.ok()?;
        let put = Request::new(Method::PUT, with_id(TEAM_MEMBERS, day.team.id)).json(&json!({ "user_ids": members }));
        client.send(put).await?.ok::<TeamDetailView>()?;

        let trend: UsageTrendView = client.get(&format!("{USAGE_TREND}?{WEEK}")).await?.ok()?;
        let groups: UsageGroupsView = client.get(&format!("{USAGE_GROUPS}?{WEEK}&by=team")).await?.ok()?;
        let days: UsageDaysView = client.get(&format!("{USAGE_DAILY}?{WEEK}&by=team")).await?.ok()?;
        assert_eq!((days.by.as_str(), &days.groups, days.other_groups), ("team", &groups.items, 0));
        // Each day of all is each WorkSpace once.
        let told: Vec<_> = days.days.iter().map(|day| day.totals).collect();
        assert_eq!(told, trend.days.iter().map(|day| day.totals).collect::<Vec<_>>());
        let once: u64 = told.iter().flatten().map(|of| of.connected_minutes).sum();
        let mut sums = Vec::new();
        for (at, group) in days.groups.iter().enumerate() {
            let sum: u64 = days.days.iter().map(|day| day.groups[at].connected_minutes).sum();
            assert_eq!(sum, group.totals.connected_minutes, "{}", group.key);
            sums.push((group.key.as_str(), sum));
        }
        sums.sort_unstable();
        assert_eq!(sums, [("", once - minutes), ("Day", minutes), ("Night", minutes)]);
        assert!(days.days.iter().all(|day| day.others.connected_minutes == 0));

        // By team it is for who may see all people, as the groups are; by anything else it is for everybody.
        let here = Scope::only(Reach::Region { region: all[0].region.clone() });
        for reader in [
            app.create_user_with("auditor@example.com", &[(Role::Auditor, here)]).await?,
            app.create_user(Role::Viewer).await?,
            app.create_user(Role::Member).await?,
        ] {
            for path in [USAGE_DAILY, USAGE_GROUPS] {
                reader.get(&format!("{path}?{WEEK}&by=team")).await?.refused(403, code::FORBIDDEN).context(path)?;
                let answer = reader.get(&format!("{path}?{WEEK}&by=tag:Team")).await?;
                assert!(answer.status.is_success(), "{path}: {}", answer.text());
            }
        }
        Ok(())
    }

    async fn a_team_shows_no_more_desktops_than_who_asks_may_see(app: fleet()) {
        let all = begin(app).await?;
        let (team, theirs) = night(app, &all).await?;
        let region = theirs[0].0.region.clone();
        let people: RoleView =
            app.client().post(ROLES, &json!({ "name": "People", "permissions": ["user:read"] })).await?.ok()?;
        let grants = vec![
            Grant { role: GrantedRole::Custom(people.id.context("an id")?), reach: GrantReach::Everything },
            Grant { role: GrantedRole::BuiltIn(Role::Viewer), reach: GrantReach::Region(region.clone()) },
        ];
        let narrow = app.create_user_holding("narrow@example.com", grants).await?;
        let here: u64 = theirs.iter().filter(|(one, _)| one.region == region).map(|(_, minutes)| minutes).sum();
        let summary: UsageSummaryView = narrow.get(&format!("{USAGE_SUMMARY}?{WEEK}&team={team}")).await?.ok()?;
        assert_eq!(summary.totals.connected_minutes, here);
        let ranking: UsageRankingView = narrow.get(&format!("{USAGE_RANKING}?{WEEK}&team={team}&limit=200")).await?.ok()?;
        assert!(ranking.items.iter().all(|row| row.workspace.region == region));
        Ok(())
    }

    async fn who_may_not_see_all_people_is_not_told_of_teams(app: fleet()) {
        let all = begin(app).await?;
        let (team, _) = night(app, &all).await?;
        let here = Scope::only(Reach::Region { region: all[0].region.clone() });
        let readers = [
            app.create_user_with("auditor@example.com", &[(Role::Auditor, here)]).await?,
            app.create_user(Role::Viewer).await?,
            app.create_user(Role::Member).await?,
        ];
        for reader in &readers {
            for path in ASKED {
                let mut said = Vec::new();
                for one in [team.to_string(), "00000000-0000-0000-0000-000000000007".to_owned()] {
                    let answer = reader.get(&format!("{path}?{WEEK}&team={one}")).await?;
                    said.push(answer.refused(403, code::FORBIDDEN).context(path)?.detail);
                }
                assert_eq!(said[0], said[1], "{path}: a team that is there is refused as one that is not");
                assert!(!said[0].contains("Night"), "{path}");
            }
        }
        let auditor = app.create_user(Role::Auditor).await?;
        for path in ASKED {
            let answer = auditor.get(&format!("{path}?{WEEK}&team={team}")).await?;
            assert!(answer.status.is_success(), "{path}: {}", answer.text());
        }
        Ok(())
    }
}
