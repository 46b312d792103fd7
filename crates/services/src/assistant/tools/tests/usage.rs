//! Questions about connected time.

use domain::access::{Permission, Scope};
use domain::assistant::{Call, Dimension, Filters, Measure, Period, Tool};
use domain::workspace::WorkspaceState;

use super::{Trial, day, everything, holding, said};
use crate::testing::both_databases;

fn february() -> Call {
    Call { period: Some(Period::Month("2026-02".parse().unwrap())), ..Call::of(Tool::Usage) }
}

/// February: 3 WorkSpaces for 10 + 20 + 1 hours; March: 2.
const USED: &[(usize, &str, i64)] = &[
    (0, "2026-02-02", 4),
    (0, "2026-02-03", 6),
    (1, "2026-02-02", 10),
    (1, "2026-02-03", 10),
    (4, "2026-02-27", 1),
    (0, "2026-03-02", 7),
    (1, "2026-03-02", 3),
];

both_databases! {
    async fn hours_in_all_by_group_and_compared(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.usage(USED).await;
        assert_eq!(
            trial.said(february()).await,
            "In February 2026, 3 WorkSpaces were connected for 31 hours in all; 5 sessions began in that time."
        );
        let stopped = Filters { states: vec![WorkspaceState::Stopped], ..Filters::default() };
        assert_eq!(
            trial.said(Call { filters: stopped, ..february() }).await,
            "In February 2026, 1 WorkSpace in state STOPPED was connected for 1 hour in all; 1 session began in that time."
        );
        let by = |by| Call { by: Some(by), ..february() };
        let team = trial.said(by(Dimension::Team)).await;
        assert!(team.ends_with("By team: 20 hours of the team Ops and 11 hours of the team Finance."), "{team}");
        let days = trial.said(by(Dimension::Day)).await;
        assert!(days.ends_with("By day: 14 hours on 2026-02-02, 16 hours on 2026-02-03 and 1 hour on 2026-02-27."), "{days}");
        let busiest = trial.said(Call { measure: Measure::Most, ..by(Dimension::Day) }).await;
        assert!(busiest.ends_with("Most was: 16 hours on 2026-02-03."), "{busiest}");
        let last = trial.said(Call { top: 1, ..by(Dimension::Day) }).await;
        assert!(last.ends_with("The last were: 1 hour on 2026-02-27."), "{last}");
        let march = Call { compared_with: february().period, ..Call::of(Tool::Usage) };
        assert_eq!(
            trial.said(march).await,
            "In March 2026, 2 WorkSpaces were connected for 10 hours in all; 2 sessions began in that time. In February 2026 it was 31 hours; \
             the time asked about first has 21 hours less so far."
        );
        let both = Call { compared_with: Some(Period::Days(day("2026-02-02"), day("2026-02-02"))), ..february() };
        assert!(trial.said(both).await.ends_with("the time asked about first has 17 hours more."));
        let week = Period::Days(day("2026-02-03"), day("2026-02-09"));
        let said = trial.said(Call { period: Some(week), ..Call::of(Tool::Usage) }).await;
        assert!(said.starts_with("From 2026-02-03 to 2026-02-09, 2 WorkSpaces were connected for 16 hours"), "{said}");
    }

    async fn most_least_and_none(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.usage(USED).await;
        let most = Call { measure: Measure::Most, top: 2, ..february() };
        assert_eq!(
            trial.said(most).await,
            "In February 2026 the WorkSpaces that were connected longest were user1 (ws-000000001) with 20 hours and user0 \
             (ws-000000000) with 10 hours."
        );
        let least = Call { measure: Measure::Least, top: 1, ..february() };
        assert!(trial.said(least).await.ends_with("connected shortest were user4 (ws-000000004) with 1 hour."));
        let none = Call { measure: Measure::None, ..february() };
        assert_eq!(
            trial.said(none).await,
            "There are 3 WorkSpaces that nobody was connected to in February 2026, as far as is known. Among them are those of \
             user2 (ws-000000002), user3 (ws-000000003) and user5 (ws-000000005)."
        );
        let march = Call { measure: Measure::None, ..Call::of(Tool::Usage) };
        assert!(trial.said(march).await.starts_with("There are 4 WorkSpaces that nobody was connected to in March 2026,"));
    }

    async fn what_is_not_known_is_said(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        assert_eq!(
            trial.said(Call::of(Tool::Usage)).await,
            "In March 2026 nobody was connected to the WorkSpaces, as far as is known: 0 hours. The usage of 6 WorkSpaces was never read."
        );
        let none = trial.said(Call { measure: Measure::None, ..Call::of(Tool::Usage) }).await;
        assert!(none.starts_with("There are no WorkSpaces without a connection in March 2026, as far as is known."), "{none}");
        trial.usage(USED).await;
        let january = Call { period: Some(Period::Month("2026-01".parse().unwrap())), ..Call::of(Tool::Usage) };
        assert!(trial.said(january).await.ends_with("Before 2026-02-01 usage is not known of every WorkSpace."));
        let ahead = Call { period: Some(Period::Month("2027-01".parse().unwrap())), ..Call::of(Tool::Usage) };
        assert_eq!(trial.said(ahead).await, "What is asked about begins on 2027-01-01, which has not come yet.");
        trial.harness.advance(3 * 86_400);
        assert!(trial.said(Call::of(Tool::Usage)).await.ends_with("Usage is known of every WorkSpace up to 2026-03-10 00:00 UTC."));
    }

    async fn usage_is_seen_within_its_own_scope(backend) {
        let Some(trial) = Trial::new(backend).await else { return };
        trial.usage(USED).await;
        let mine = holding(&[Permission::UsageRead], Scope::own("user1@example.com"));
        assert_eq!(
            said(&trial.found(&mine, february()).await),
            "In February 2026, 1 WorkSpace was connected for 20 hours in all; 2 sessions began in that time."
        );
        let most = Call { measure: Measure::Most, ..february() };
        assert!(!said(&trial.found(&mine, most.clone()).await).contains("user0"));
        // Who is named is in the audit log.
        trial.found(&everything(), most).await;
        let entries = trial.found(&everything(), Call::of(Tool::Audit)).await;
        assert!(said(&entries).contains("usage.rank by owner@example.com"), "{}", said(&entries));
    }
}
