//! What needs attention, worst first, each with the page that shows it. Pure.

use std::collections::BTreeMap;

use contract::budgets::BudgetView;
use contract::data_sets::DataSetView;
use contract::overview::OverviewView;
use contract::usage::UsageSummaryView;
use domain::workspace::QUOTA_NEARLY_PERCENT;

use crate::components::ui::Tone;
use crate::format::{counted, query_value};
use crate::pages::jobs::data_sets::verdict;
use crate::pages::overview::state::troubled_link;

/// Something that needs attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// How bad it is.
    pub tone: Tone,
    /// What it is.
    pub words: String,
    /// What more there is to know, if anything.
    pub note: Option<String>,
    /// Where it is shown.
    pub href: String,
}

/// What is to be said beside the matters that were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Some of what there is to judge by could not be read.
    Failed,
    /// Some of it could not be read again.
    Stale,
    /// Some of it is still being read.
    Reading,
    /// All is read, and nothing needs attention.
    Well,
    /// All is read, and the matters say it.
    Told,
}

/// What is to be said: whether no matter was found, whether some of what there is to judge by was never read, and whether
/// reading some of it failed.
pub fn standing(none: bool, blank: bool, failed: bool) -> Standing {
    match (blank, failed) {
        (true, true) => Standing::Failed,
        (false, true) => Standing::Stale,
        (true, false) => Standing::Reading,
        (false, false) if none => Standing::Well,
        (false, false) => Standing::Told,
    }
}

/// What there is to judge by; what the reader may not see, or what is not read, is empty.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The fleet in numbers.
    pub overview: Option<OverviewView>,
    /// The data sets.
    pub sets: Vec<DataSetView>,
    /// The budgets.
    pub budgets: Vec<BudgetView>,
    /// The usage of the last 30 days.
    pub usage: Option<UsageSummaryView>,
}

/// What needs attention at that moment (milliseconds since the epoch), worst first.
pub fn matters(known: &Known, now_ms: i64) -> Vec<Matter> {
    let mut matters = Vec::new();
    if let Some(overview) = &known.overview {
        if overview.troubled > 0 {
            let words = format!("{} in trouble", counted(overview.troubled, "WorkSpace is", "WorkSpaces are"));
            let note = Some("Impaired, unhealthy, in error or suspended".to_owned());
            matters.push(Matter { tone: Tone::Danger, words, note, href: troubled_link() });
        }
        if overview.jobs_dead > 0 {
            let words = format!("{} for a decision", counted(overview.jobs_dead, "dead job waits", "dead jobs wait"));
            matters.push(Matter { tone: Tone::Danger, words, note: None, href: "/jobs?state=dead".to_owned() });
        }
        if overview.quotas_nearly_used > 0 {
            let words = counted(overview.quotas_nearly_used, "quota is", "quotas are");
            let words = format!("{words} used to {QUOTA_NEARLY_PERCENT} % or more");
            let href = format!("/workspaces/quotas?used_from={QUOTA_NEARLY_PERCENT}&sort=-used");
            matters.push(Matter { tone: Tone::Warning, words, note: None, href });
        }
    }
    matters.extend(data(&known.sets, now_ms));
    matters.extend(known.budgets.iter().filter_map(budget));
    if let Some(usage) = known.usage.as_ref().filter(|usage| usage.unused > 0) {
        let words = format!("Nobody used {} in 30 days", counted(usage.unused, "WorkSpace", "WorkSpaces"));
        matters.push(Matter { tone: Tone::Info, words, note: None, href: "/usage#unused".to_owned() });
    }
    let rank = |tone: Tone| match tone {
        Tone::Danger => 0,
        Tone::Warning => 1,
        _ => 2,
    };
    matters.sort_by_key(|matter| rank(matter.tone));
    matters
}

/// Accounts with data that is late or could not be read, one matter each.
fn data(sets: &[DataSetView], now_ms: i64) -> Vec<Matter> {
    let mut accounts = BTreeMap::<&str, Vec<&DataSetView>>::new();
    for set in sets.iter().filter(|set| verdict(set, now_ms).wants_a_look()) {
        accounts.entry(&set.account).or_default().push(set);
    }
    let matter = |(account, sets): (&str, Vec<&DataSetView>)| {
        let mut missing: Vec<&str> = sets.iter().filter_map(|set| set.missing_permission.as_deref()).collect();
        missing.sort_unstable();
        missing.dedup();
        let failed = sets.iter().any(|set| set.status == "failed");
        let first = sets.first()?;
        Some(Matter {
            tone: if failed { Tone::Danger } else { Tone::Warning },
            words: format!(
                "{account}: {}",
                counted(sets.len() as u64, "data set wants a look", "data sets want a look")
            ),
            note: (!missing.is_empty()).then(|| format!("AWS refuses {}", missing.join(", "))),
            href: format!("/jobs/data-sets?account={}&show=problems", query_value(&first.account_id.to_string())),
        })
    };
    accounts.into_iter().filter_map(matter).collect()
}

/// A budget that is used up, will be, or has crossed one of its thresholds.
fn budget(budget: &BudgetView) -> Option<Matter> {
    let (amount, forecast) = (budget.amount.money()?, budget.forecast.as_ref().and_then(|money| money.money()));
    let over = budget.spent.money()?.amount > amount.amount;
    let will_be_over = forecast.is_some_and(|forecast| forecast.amount > amount.amount);
    let tone = match (over, will_be_over, budget.crossed.is_empty()) {
        (true, ..) => Tone::Danger,
        (_, true, _) | (.., false) => Tone::Warning,
        _ => return None,
    };
    let words = format!("Budget “{}” is {} % spent", budget.name, budget.percent);
    let note = (will_be_over && !over).then(|| "This month will come to more than it allows".to_owned());
    Some(Matter { tone, words, note, href: "/costs#budgets-title".to_owned() })
}

#[cfg(test)]
mod tests {
    use contract::costs::MoneyView;
    use contract::places::QuotaQuery;
    use domain::ids::{AccountId, BudgetId};
    use domain::sync::SyncKind;
    use domain::usage::Month;
    use uuid::Uuid;

    use super::*;
    use crate::state::url_list::read_query;

    fn overview(troubled: u64, jobs_dead: u64) -> OverviewView {
        OverviewView {
            workspaces: 9,
            connected: 1,
            in_transition: 0,
            troubled,
            by_state: Vec::new(),
            by_running_mode: Vec::new(),
            by_region: Vec::new(),
            accounts: 1,
            last_syncs: Vec::new(),
            fresh_since: None,
            jobs_active: 0,
            jobs_dead,
            quotas_nearly_used: 0,
        }
    }

    fn set(account: &str, status: &str, missing: Option<&str>) -> DataSetView {
        DataSetView {
            account_id: AccountId(Uuid::from_u128(7)),
            account: account.into(),
            region: "eu-central-1".parse().unwrap(),
            kind: SyncKind::Usage,
            status: status.into(),
            fresh_at: chrono::DateTime::from_timestamp(1_000_000, 0),
            age_secs: None,
            period_secs: 300,
            paused: false,
            next_due_at: None,
            covered_from: None,
            covered_to: None,
            gaps: Vec::new(),
            last_run_id: None,
            error: None,
            missing_permission: missing.map(str::to_owned),
        }
    }

    fn money(amount: &str) -> MoneyView {
        MoneyView { amount: amount.into(), currency: "USD".into() }
    }

    fn spent(percent: &str, amount: &str, forecast: Option<&str>) -> BudgetView {
        let at = chrono::DateTime::from_timestamp(1_000_000, 0).unwrap();
        BudgetView {
            id: BudgetId(Uuid::from_u128(1)),
            name: "All".into(),
            reach: "everything".into(),
            account_id: None,
            account: None,
            region: None,
            tag_key: None,
            tag_value: None,
            amount: money("100"),
            thresholds: vec![80],
            month: Month::new(2026, 11).unwrap(),
            spent: money(amount),
            estimated: false,
            percent: percent.into(),
            forecast: forecast.map(money),
            crossed: Vec::new(),
            created_at: at,
            updated_at: at,
            version: 1,
        }
    }

    #[test]
    fn nothing_needs_attention_where_all_is_well() {
        let known = Known {
            overview: Some(overview(0, 0)),
            sets: vec![set("A", "ok", None)],
            budgets: vec![spent("40", "40", Some("90"))],
            usage: None,
        };
        assert_eq!(matters(&known, 1_000_000_000), []);
    }

    #[test]
    fn a_quota_of_which_little_is_left_is_told() {
        let numbers = OverviewView { quotas_nearly_used: 2, ..overview(0, 0) };
        let found = matters(&Known { overview: Some(numbers), ..Known::default() }, 1_000_000_000);
        let told: Vec<_> = found.iter().map(|matter| (matter.tone, matter.words.as_str())).collect();
        assert_eq!(told, [(Tone::Warning, "2 quotas are used to 80 % or more")]);
        let (query, left_out): (QuotaQuery, _) = read_query(found[0].href.strip_prefix("/workspaces/quotas").unwrap());
        assert_eq!((query.used_from, query.sort.as_deref(), left_out.len()), (Some(80), Some("-used"), 0));
    }

    #[test]
    fn that_nothing_needs_attention_is_said_only_when_it_is_known() {
        for (none, blank, failed, said) in [
            (true, true, false, Standing::Reading),
            (true, true, true, Standing::Failed),
            (true, false, true, Standing::Stale),
            (true, false, false, Standing::Well),
            (false, true, false, Standing::Reading),
            (false, true, true, Standing::Failed),
            (false, false, false, Standing::Told),
        ] {
            assert_eq!(standing(none, blank, failed), said, "{none} {blank} {failed}");
        }
    }

    #[test]
    fn the_worst_comes_first_and_each_leads_to_what_it_says() {
        let known = Known {
            overview: Some(overview(3, 1)),
            sets: vec![set("A", "partial", None), set("B", "failed", Some("ce:GetCostAndUsage")), set("B", "ok", None)],
            budgets: vec![spent("70", "70", Some("130")), spent("104", "104", None)],
            usage: None,
        };
        let found = matters(&known, 1_000_000_000);
        let told: Vec<_> = found.iter().map(|matter| (matter.tone, matter.words.as_str())).collect();
        assert_eq!(
            told,
            [
                (Tone::Danger, "3 WorkSpaces are in trouble"),
                (Tone::Danger, "1 dead job waits for a decision"),
                (Tone::Danger, "B: 1 data set wants a look"),
                (Tone::Danger, "Budget “All” is 104 % spent"),
                (Tone::Warning, "A: 1 data set wants a look"),
                (Tone::Warning, "Budget “All” is 70 % spent"),
            ]
        );
        assert_eq!(found[2].note.as_deref(), Some("AWS refuses ce:GetCostAndUsage"));
        assert_eq!(found[5].note.as_deref(), Some("This month will come to more than it allows"));
        let leads: Vec<_> = found.iter().map(|matter| matter.href.split('?').next().unwrap()).collect();
        let (data, costs) = ("/jobs/data-sets", "/costs#budgets-title");
        assert_eq!(leads, ["/workspaces", "/jobs", data, costs, data, costs]);
    }
}
