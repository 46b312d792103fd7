//! Budgets within their scope, and crossings that are noted once.

use domain::access::Reach;
use domain::money::Currency;

use super::*;
use crate::testing::{TestDb, db_test};

fn budget(test: &TestDb, name: &str, reach: BudgetReach) -> BudgetRecord {
    let now = micros(test.now());
    BudgetRecord {
        id: BudgetId(test.env.new_id()),
        name: name.to_owned(),
        reach,
        amount: Money::parse("1500.50", Currency::USD).unwrap(),
        thresholds: vec![50, 80, 100],
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

db_test! {
    async fn whoever_sees_one_account_sees_its_budgets_only(test) {
        let (one, two) = (test.account().await.account_id, test.account().await.account_id);
        let tag = BudgetReach::Tag { key: "Team".to_owned(), value: "Ops".to_owned() };
        let all = [
            budget(test, "a", BudgetReach::Account(one)),
            budget(test, "B", BudgetReach::Account(two)),
            budget(test, "c", BudgetReach::Everything),
            budget(test, "D", BudgetReach::Region("eu-central-1".parse().unwrap())),
            budget(test, "e", tag),
        ];
        for one in &all {
            budget_insert(&test.db, one).await.unwrap();
        }
        let scope = Scope::only(Reach::Account { account_id: one });
        let seen = budget_list(&test.db, &scope, None, 10).await.unwrap();
        assert_eq!((seen.rows.as_slice(), seen.next), (&all[..1], None));
        assert_eq!(budget_count(&test.db, &scope).await.unwrap(), 1);
        assert_eq!(budget_fetch(&test.db, &scope, all[2].id).await.unwrap(), None);
        assert_eq!(budget_fetch(&test.db, &scope, all[0].id).await.unwrap().as_ref(), Some(&all[0]));
        assert_eq!(budget_count(&test.db, &Scope::nothing()).await.unwrap(), 0);

        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let page = budget_list(&test.db, &Scope::Everything, cursor.as_deref(), 2).await.unwrap();
            walked.extend(page.rows);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, all, "by name, without regard to case");
        let cursor = budget_list(&test.db, &Scope::Everything, None, 2).await.unwrap().next;
        let refused = budget_list(&test.db, &scope, cursor.as_deref(), 2).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)));
    }

    async fn a_name_is_taken_once_and_an_edit_needs_its_version(test) {
        let mut one = budget(test, "Desktops", BudgetReach::Everything);
        budget_insert(&test.db, &one).await.unwrap();
        let same = budget_insert(&test.db, &budget(test, "desktops", BudgetReach::Everything)).await;
        assert!(same.unwrap_err().is_conflict("uq_budget_name"));
        let nobody = AccountId(test.env.new_id());
        let lost = budget_insert(&test.db, &budget(test, "Lost", BudgetReach::Account(nobody))).await;
        assert!(matches!(lost, Err(StoreError::Missing { .. })), "{lost:?}");
        one.thresholds = vec![90];
        one.reach = BudgetReach::Region("us-east-1".parse().unwrap());
        assert!(budget_update(&test.db, &one).await.unwrap());
        assert!(!budget_update(&test.db, &one).await.unwrap(), "it has version 2 by now");
        let kept = budget_fetch(&test.db, &Scope::Everything, one.id).await.unwrap().unwrap();
        assert_eq!((kept.version, kept.thresholds, kept.reach), (2, vec![90], one.reach));
        assert!(budget_delete(&test.db, one.id).await.unwrap());
        assert!(!budget_delete(&test.db, one.id).await.unwrap());
    }

    async fn a_crossing_is_noted_once_a_month(test) {
        let one = budget(test, "Desktops", BudgetReach::Everything);
        budget_insert(&test.db, &one).await.unwrap();
        let month = |text: &str| text.parse::<NaiveDate>().unwrap();
        let at = micros(test.now());
        let add = async |id, on, threshold| budget_crossing_add(&test.db, id, month(on), threshold, at).await.unwrap();
        assert!(add(one.id, "2026-04-01", 80).await);
        assert!(!add(one.id, "2026-04-01", 80).await, "once a month");
        assert!(add(one.id, "2026-04-01", 100).await && add(one.id, "2026-05-01", 80).await);
        assert!(!add(BudgetId(test.env.new_id()), "2026-04-01", 80).await, "nobody's");
        let seen = budget_crossings(&test.db, &[one.id], month("2026-04-01")).await.unwrap();
        assert_eq!(seen, [(one.id, 80, at), (one.id, 100, at)]);
        budget_delete(&test.db, one.id).await.unwrap();
        assert_eq!(budget_crossings(&test.db, &[one.id], month("2026-04-01")).await.unwrap(), []);
    }
}
