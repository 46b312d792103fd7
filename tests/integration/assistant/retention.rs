//! How long conversations, tokens and counts of the levels are kept.

use anyhow::{Context as _, Result};
use chrono::{Datelike as _, Days, Months, TimeDelta};
use contract::accounts::StartedJobsView;
use contract::assistant::{AssistantStatsView, ConversationView};
use contract::page::Page;
use contract::paths::{ASSISTANT_STATS, CONVERSATION, CONVERSATIONS, SCHEDULE_RUN, with_id};
use domain::assistant::Level;
use domain::jobs::JobState;
use store::repo::assistant::{
    LevelCount, assistant_level_add, assistant_tokens_add, assistant_tokens_list, conversation_touch,
};
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::app_test;

use super::{QUESTION, answered, ask, begin, quiet};
use crate::authz::objects::person;
use crate::support::number;

/// Days for which conversations are kept when nothing is configured.
const CONVERSATIONS_DAYS: i64 = 365;

/// Lets the housekeeping run.
async fn prune(app: &TestApp) -> Result<()> {
    let started: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, "prune")).await?.ok()?;
    for id in started.job_ids {
        let job = app.wait_for_job(id).await?;
        anyhow::ensure!(job.job.state == JobState::Done, "{job:?}");
    }
    Ok(())
}

app_test! {
    async fn what_is_old_enough_is_forgotten_and_nothing_else(app: quiet()) {
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let (client, db) = (app.client(), app.database().await?);
        let now = app.clock().now();
        let mut talks = Vec::new();
        for days in [0, CONVERSATIONS_DAYS - 1, CONVERSATIONS_DAYS + 1] {
            let talk = begin(client).await?.id;
            answered(client, ask(client, talk, QUESTION).await?.id).await?;
            conversation_touch(&db, talk, now - TimeDelta::days(days)).await?;
            talks.push(talk);
        }
        let owner = person(app, OWNER_EMAIL).await?;
        let month = now.date_naive().with_day(1).context("a first day")?;
        for (months, tokens) in [(0, 5), (12, 7), (14, 11)] {
            let month = month.checked_sub_months(Months::new(months)).context("a month")?;
            assistant_tokens_add(&db, owner, month, tokens).await?;
        }
        let answers = LevelCount { level: Level::Small, outcome: "answered".to_owned(), count: 3 };
        for days in [1, 300, 401] {
            let day = now.date_naive().checked_sub_days(Days::new(days)).context("a day")?;
            assistant_level_add(&db, day, &answers).await?;
        }

        prune(app).await?;
        let left: Page<ConversationView> = client.get(CONVERSATIONS).await?.ok()?;
        assert_eq!(left.items.iter().map(|one| one.id).collect::<Vec<_>>(), talks[..2]);
        client.get(&with_id(CONVERSATION, talks[2])).await?.refused(404, "not_found")?;
        assert_eq!(number(&db, "SELECT count(*) FROM conversation_turn").await?, 2, "with what was asked in it");
        let tokens: Vec<_> = assistant_tokens_list(&db, owner).await?.into_iter().map(|(_, tokens)| tokens).collect();
        assert_eq!(tokens, [7, 5]);
        let stats: AssistantStatsView = client.get(&format!("{ASSISTANT_STATS}?days=366")).await?.ok()?;
        assert_eq!((stats.levels[2].answers, stats.levels[4].answers), (6, 3));
        assert_eq!(number(&db, "SELECT count(*) FROM assistant_level_day WHERE level = 'small'").await?, 2);

        // Old ones that are used again are kept.
        for talk in &talks[..2] {
            conversation_touch(&db, *talk, now - TimeDelta::days(CONVERSATIONS_DAYS + 1)).await?;
        }
        ask(client, talks[1], QUESTION).await?;
        prune(app).await?;
        let left: Page<ConversationView> = client.get(CONVERSATIONS).await?.ok()?;
        assert_eq!(left.items.iter().map(|one| one.id).collect::<Vec<_>>(), talks[1..2]);
        Ok(())
    }
}
