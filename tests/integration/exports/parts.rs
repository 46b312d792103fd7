//! The exports of tables that are parts of a page and have no pages themselves: the same rows as there, for the same people.

use anyhow::{Context as _, Result};
use contract::paths::{ASSISTANT_STATS, AUDIT_LOG, EXPORT_ASSISTANT_LEVELS, EXPORT_SETTINGS, SETTINGS};
use domain::access::Role;
use domain::assistant::Level;
use serde_json::{Value, json};
use store::repo::assistant::{LevelCount, assistant_level_add};
use testkit::app::TestAppOptions;
use testkit::app_test;

use super::rows;

fn bare() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

app_test! {
    async fn settings_and_levels_are_taken_along_as_they_are_shown(app: bare()) {
        app.create_owner().await?;
        let owner = app.client();
        let page: Value = owner.get(SETTINGS).await?.ok()?;
        let all = page["settings"].as_array().context("settings")?;
        let settings = format!("{EXPORT_SETTINGS}?format=json");
        assert_eq!(&rows(owner, &settings).await?, all);
        let listen = rows(owner, &format!("{settings}&q=wheelhouse_SERVER__%20listen")).await?;
        assert!(listen.iter().any(|one| one["key"] == "server.listen") && listen.len() < all.len(), "{listen:?}");
        let chosen: Vec<_> = all.iter().filter(|one| one["layer"] != "default").cloned().collect();
        assert_eq!(rows(owner, &format!("{settings}&set=true")).await?, chosen);

        let (db, today) = (app.database().await?, app.context().env.now().date_naive());
        for (outcome, count) in [("answered", 3), ("sentence_refused", 2), ("busy", 1)] {
            let counted = LevelCount { level: Level::Remote, outcome: outcome.to_owned(), count };
            assistant_level_add(&db, today, &counted).await?;
        }
        let page: Value = owner.get(ASSISTANT_STATS).await?.ok()?;
        let levels = rows(owner, &format!("{EXPORT_ASSISTANT_LEVELS}?format=json&days=1")).await?;
        assert_eq!(page["levels"].as_array(), Some(&levels));
        let remote = levels.iter().find(|one| one["level"] == "remote").context("a level")?;
        assert_eq!((&remote["answers"], &remote["refused_sentences"]), (&json!(3), &json!(2)));
        assert_eq!(remote["failures"], json!([{ "reason": "busy", "count": 1 }]));

        // Each is in the log, and who may not see the page is refused.
        for (path, action) in [(EXPORT_SETTINGS, "setting.export"), (EXPORT_ASSISTANT_LEVELS, "assistant-level.export")] {
            let log = || async { owner.get(&format!("{AUDIT_LOG}?action={action}")).await?.ok::<Value>() };
            let before = log().await?["total"].as_u64().context("a total")?;
            owner.get(&format!("{path}?format=xlsx")).await?;
            let after = log().await?;
            assert_eq!((after["total"].as_u64(), &after["items"][0]["object_id"]), (Some(before + 1), &json!("xlsx")));
            let problem = owner.get(&format!("{path}?format=pdf")).await?.refused(400, "invalid_query")?;
            assert_eq!(problem.errors[0].field, "format", "{path}");
        }
        for path in [format!("{EXPORT_ASSISTANT_LEVELS}?days=0"), format!("{EXPORT_SETTINGS}?sort=key")] {
            owner.get(&path).await?.refused(400, "invalid_query")?;
        }
        let operator = app.create_user(Role::Operator).await?;
        for path in [EXPORT_SETTINGS, EXPORT_ASSISTANT_LEVELS] {
            operator.get(path).await?.refused(403, "forbidden")?;
        }
        Ok(())
    }
}
