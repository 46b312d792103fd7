//! Conversations, turns with their claims, tokens and counts, on both databases.

use chrono::{Duration, NaiveDate};
use domain::assistant::{Call, Level, LevelFailure, Plan, Source, Tool};
use domain::ids::{ConversationId, TeamId, TurnId, UserId};
use sea_orm::ConnectionTrait as _;

use super::*;
use crate::repo::privacy::person_remove;
use crate::repo::teams::{TeamRecord, team_insert, team_members_add};
use crate::repo::users::{NewUser, user_insert};
use crate::testing::{TestDb, db_test, plan};

async fn person(test: &TestDb, email: &str) -> UserId {
    let id = UserId(test.env.new_id());
    let new = NewUser {
        id,
        email: email.to_owned(),
        display_name: "A Person".to_owned(),
        password_hash: None,
        at: test.now(),
    };
    user_insert(&test.db, &new).await.unwrap();
    id
}

async fn conversation(test: &TestDb, user: UserId, title: &str) -> ConversationRecord {
    test.advance(Duration::seconds(1));
    let (id, at) = (ConversationId(test.env.new_id()), test.now());
    let title = title.to_owned();
    let new = ConversationRecord { id, user_id: user, title, version: 1, created_at: at, updated_at: at };
    conversation_insert(&test.db, &new).await.unwrap();
    new
}

async fn asked(test: &TestDb, conversation: &ConversationRecord, question: &str) -> TurnId {
    test.advance(Duration::seconds(1));
    let id = TurnId(test.env.new_id());
    turn_insert(&test.db, id, conversation.id, question, test.now()).await.unwrap();
    id
}

fn answered(test: &TestDb) -> Answered {
    Answered {
        plan: Plan { calls: vec![Call::of(Tool::Fleet)] },
        answer: vec!["There are 3 WorkSpaces.".to_owned()],
        sources: vec![Source { label: "WorkSpaces".to_owned(), href: "/workspaces".to_owned(), as_of: None }],
        level: Level::Template,
        passed_over: vec![PassedOver { level: Level::Small, reason: LevelFailure::NotConfigured }],
        at: test.now(),
    }
}

db_test! {
    async fn conversations_are_one_person_s_and_the_last_used_comes_first(test) {
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        let first = conversation(test, ada, "first").await;
        let second = conversation(test, ada, "").await;
        let third = conversation(test, ada, "third").await;
        conversation(test, grace, "hers").await;
        let db = &test.db;
        assert_eq!(conversation_fetch(db, ada, first.id).await.unwrap(), Some(first.clone()));
        assert_eq!(conversation_fetch(db, grace, first.id).await.unwrap(), None);
        test.advance(Duration::seconds(1));
        conversation_touch(db, second.id, test.now()).await.unwrap();
        let ids = |page: &ConversationPage| page.rows.iter().map(|row| row.id).collect::<Vec<_>>();
        let page = conversation_list(db, ada, 2, None).await.unwrap();
        assert_eq!(ids(&page), [second.id, third.id]);
        let next = page.next.unwrap();
        let rest = conversation_list(db, ada, 2, Some(&next)).await.unwrap();
        assert_eq!((ids(&rest), rest.next), (vec![first.id], None));
        assert!(conversation_list(db, grace, 2, Some(&next)).await.is_err());
        assert_eq!(conversation_count(db, ada).await.unwrap(), 3);

        assert!(conversation_rename(db, first.id, 1, "named", test.now()).await.unwrap());
        assert!(!conversation_rename(db, first.id, 1, "late", test.now()).await.unwrap());
        let named = conversation_fetch(db, ada, first.id).await.unwrap().unwrap();
        assert_eq!((named.title.as_str(), named.version), ("named", 2));
        assert!(!conversation_delete(db, grace, first.id).await.unwrap());
        assert!(conversation_delete(db, ada, first.id).await.unwrap());
        let statement = conversations::page(db.get_database_backend(), ada, 50, None).unwrap().inlined();
        if test.db.backend() == crate::db::Backend::Sqlite {
            let lines = plan(db, &statement).await.join("\n");
            assert!(lines.contains("ix_conversation_user") && !lines.contains("TEMP B-TREE"), "{lines}");
        }
    }

    async fn a_turn_is_answered_by_one_at_a_time(test) {
        let ada = person(test, "ada@example.com").await;
        let talk = conversation(test, ada, "").await;
        let (db, id) = (&test.db, asked(test, &talk, "How many?").await);
        let (mine, theirs) = (test.env.new_id(), test.env.new_id());
        let later = |seconds| test.now() + Duration::seconds(seconds);
        assert!(turn_claim(db, id, mine, test.now(), later(30)).await.unwrap());
        assert!(!turn_claim(db, id, theirs, test.now(), later(30)).await.unwrap());
        assert_eq!(turn_claims_of(db, ada, test.now()).await.unwrap(), 1);
        assert!(!turn_forget_answer(db, id, test.now()).await.unwrap(), "somebody answers it");
        assert!(!turn_rate(db, id, Some(true)).await.unwrap(), "there is no answer yet");
        // It may take longer; then it is dead, and another takes it over.
        test.advance(Duration::seconds(29));
        assert!(turn_claim_extend(db, id, mine, later(30)).await.unwrap());
        test.advance(Duration::seconds(29));
        assert!(!turn_claim(db, id, theirs, test.now(), later(30)).await.unwrap());
        test.advance(Duration::seconds(2));
        assert_eq!(turn_claims_of(db, ada, test.now()).await.unwrap(), 0);
        assert!(turn_claim(db, id, theirs, test.now(), later(30)).await.unwrap());
        assert!(!turn_finish(db, id, mine, &answered(test)).await.unwrap(), "it lost its claim");
        assert!(!turn_claim_extend(db, id, mine, later(30)).await.unwrap());
        turn_release(db, id, mine).await.unwrap();
        assert_eq!(turn_fetch(db, ada, id).await.unwrap().unwrap().state, TurnState::Answering);
        assert!(turn_finish(db, id, theirs, &answered(test)).await.unwrap());

        let turn = turn_fetch(db, ada, id).await.unwrap().unwrap();
        let kept = answered(test);
        assert_eq!((turn.state, turn.level, turn.claimed_until), (TurnState::Answered, Some(Level::Template), None));
        assert_eq!((turn.answer, turn.sources, turn.passed_over), (kept.answer, kept.sources, kept.passed_over));
        assert!(!turn_claim(db, id, mine, test.now(), later(30)).await.unwrap(), "it is answered");
        assert!(turn_rate(db, id, Some(false)).await.unwrap());
        assert_eq!(turn_fetch(db, ada, id).await.unwrap().unwrap().helped, Some(false));

        assert!(turn_forget_answer(db, id, test.now()).await.unwrap());
        let turn = turn_fetch(db, ada, id).await.unwrap().unwrap();
        assert_eq!((turn.state, turn.level, turn.helped), (TurnState::Asked, None, None));
        assert!(turn.answer.is_empty() && turn.answered_at.is_none());
    }

    async fn turns_are_listed_from_the_newest_and_know_what_was_asked_before(test) {
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        let (talk, other) = (conversation(test, ada, "").await, conversation(test, ada, "").await);
        let db = &test.db;
        let first = asked(test, &talk, "one").await;
        let second = asked(test, &talk, "two").await;
        let third = asked(test, &talk, "three").await;
        let elsewhere = asked(test, &other, "four").await;
        let claim = test.env.new_id();
        assert!(turn_claim(db, first, claim, test.now(), test.now() + Duration::seconds(9)).await.unwrap());
        assert!(turn_finish(db, first, claim, &answered(test)).await.unwrap());
        for (conversation, id, known) in [(&talk, first, false), (&talk, third, true), (&other, elsewhere, false)] {
            let plan = turn_plan_before(db, conversation.id, id).await.unwrap();
            assert_eq!(plan.is_some(), known);
            assert!(plan.is_none_or(|plan| plan == answered(test).plan));
        }
        let ids = |page: &TurnPage| page.rows.iter().map(|row| row.id).collect::<Vec<_>>();
        let page = turn_list(db, talk.id, 2, None).await.unwrap();
        assert_eq!(ids(&page), [third, second]);
        let older = turn_list(db, talk.id, 2, page.next.as_deref()).await.unwrap();
        assert_eq!((ids(&older), older.next), (vec![first], None));
        assert!(turn_list(db, other.id, 2, page.next.as_deref()).await.is_err());
        assert_eq!(turn_count(db, talk.id).await.unwrap(), 3);
        assert_eq!(turn_fetch(db, grace, first).await.unwrap(), None);
        assert!(conversation_delete(db, ada, talk.id).await.unwrap());
        assert_eq!(turn_fetch(db, ada, first).await.unwrap(), None);
    }

    async fn tokens_are_a_person_s_and_so_a_team_s(test) {
        let (ada, grace) = (person(test, "ada@example.com").await, person(test, "grace@example.com").await);
        let (db, at) = (&test.db, test.now());
        let team = TeamId(test.env.new_id());
        let name = "Team".to_owned();
        let new = TeamRecord { id: team, name, description: String::new(), version: 1, created_at: at, updated_at: at };
        team_insert(db, &new).await.unwrap();
        team_members_add(db, team, &[ada, grace]).await.unwrap();
        let (june, july): (NaiveDate, NaiveDate) = ("2026-06-01".parse().unwrap(), "2026-07-01".parse().unwrap());
        for (user, month, tokens) in [(ada, june, 100), (ada, june, 20), (grace, june, 3), (ada, july, 5)] {
            assistant_tokens_add(db, user, month, tokens).await.unwrap();
        }
        assert_eq!(assistant_tokens_of_user(db, ada, june).await.unwrap(), 120);
        assert_eq!(assistant_tokens_of_team(db, team, june).await.unwrap(), 123);
        assert_eq!(assistant_tokens_of_team(db, team, july).await.unwrap(), 5);
        assert_eq!(assistant_tokens_list(db, ada).await.unwrap(), [(june, 120), (july, 5)]);
        assert_eq!(assistant_tokens_prune(db, july).await.unwrap(), 2);
        // Who is gone leaves nothing.
        conversation(test, ada, "mine").await;
        assert!(person_remove(db, ada, "ada@example.com").await.unwrap());
        assert_eq!(assistant_tokens_of_team(db, team, july).await.unwrap(), 0);
        assert_eq!(conversation_count(db, ada).await.unwrap(), 0);
    }

    async fn counts_add_up_by_level(test) {
        let (db, day): (_, NaiveDate) = (&test.db, "2026-06-01".parse().unwrap());
        let counted = |level, outcome: &str, count| LevelCount { level, outcome: outcome.to_owned(), count };
        let next = day.succ_opt().unwrap();
        for (day, counted) in [
            (day, counted(Level::Small, "answered", 1)),
            (day, counted(Level::Small, "busy", 2)),
            (next, counted(Level::Small, "busy", 3)),
        ] {
            assistant_level_add(db, day, &counted).await.unwrap();
            assistant_level_add(db, day, &counted).await.unwrap();
        }
        let all = assistant_level_counts(db, day).await.unwrap();
        assert_eq!(all, [counted(Level::Small, "answered", 2), counted(Level::Small, "busy", 10)]);
        assert_eq!(assistant_level_counts(db, next).await.unwrap(), [counted(Level::Small, "busy", 6)]);
        assert_eq!(assistant_level_prune(db, next).await.unwrap(), 2);
        assert_eq!(assistant_level_counts(db, day).await.unwrap().len(), 1);
    }
}
