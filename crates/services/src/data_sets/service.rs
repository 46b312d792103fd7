//! The use case of data sets: look at them.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::access::{Actor, Permission};
use domain::ids::AccountId;
use store::repo::accounts::{account_fetch, account_list};
use store::repo::api_spend::api_spend_list;
use store::repo::data_sets::{DataSetRecord, data_set_list};
use store::repo::schedules::schedule_list;

use super::error::DataSetError;
use crate::Context;
use crate::schedules::{Schedule, Setting};

/// Every data set, and what asking for them cost.
#[derive(Debug, Clone)]
pub struct DataSets {
    /// The data sets, by the account's name, region and kind.
    pub items: Vec<DataSet>,
    /// What paid requests cost in this calendar month (UTC).
    pub spend: Vec<RequestCost>,
}

/// A data set.
#[derive(Debug, Clone)]
pub struct DataSet {
    /// How it stands.
    pub record: DataSetRecord,
    /// The account's name.
    pub account: String,
    /// How long ago its newest whole run began, seconds.
    pub age_secs: Option<u64>,
    /// How often it is read.
    pub period: Duration,
    /// Whether its schedule is paused.
    pub paused: bool,
    /// When it is read next; `None` while it is not.
    pub next_due: Option<DateTime<Utc>>,
}

/// What the paid requests to one service of one account cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestCost {
    /// The account.
    pub account_id: AccountId,
    /// The account's name.
    pub account: String,
    /// The service, as AWS names it.
    pub service: String,
    /// Requests.
    pub requests: u64,
    /// What they cost, 1e-10 USD.
    pub amount_e10: i64,
}

/// The data sets that the actor may see, of all accounts or of one; an account that is not there has none.
///
/// # Errors
/// [`DataSetError::Forbidden`], [`DataSetError::Store`].
pub async fn list_data_sets(
    ctx: &Context,
    actor: &Actor,
    account: Option<AccountId>,
) -> Result<DataSets, DataSetError> {
    actor.require(Permission::AccountRead)?;
    let (at, scope) = (ctx.env.now(), actor.scope(Permission::AccountRead));
    let accounts = match account {
        Some(id) => account_fetch(&ctx.db, &scope, id).await?.into_iter().collect(),
        None => account_list(&ctx.db, &scope).await?,
    };
    let enabled: HashMap<_, _> = accounts.iter().map(|account| (account.id, account.enabled)).collect();
    let names: HashMap<_, _> = accounts.into_iter().map(|account| (account.id, account.name)).collect();
    let changes = schedule_list(&ctx.db).await?;
    let settings = Setting::all(&ctx.policy.now(), &changes);
    let mut items = Vec::new();
    for record in data_set_list(&ctx.db, &scope, account).await? {
        let Some(name) = names.get(&record.account_id) else { continue };
        let Some(setting) = settings.iter().find(|s| s.schedule == Schedule::Sync(record.kind)) else { continue };
        let asked = enabled.get(&record.account_id).copied().unwrap_or_default();
        items.push(DataSet {
            account: name.clone(),
            age_secs: record.fresh_at.map(|fresh| u64::try_from((at - fresh).num_seconds()).unwrap_or(0)),
            period: setting.period,
            paused: setting.paused,
            next_due: setting.next_tick(at).filter(|_| asked),
            record,
        });
    }
    items.sort_by(|a, b| {
        let key = |set: &'_ DataSet| (set.account.to_lowercase(), set.record.region.clone(), set.record.kind);
        key(a).cmp(&key(b))
    });
    let mut spend: Vec<RequestCost> = Vec::new();
    let (from, to) = this_month(at);
    for row in api_spend_list(&ctx.db, &scope, account, from, to).await? {
        let Some(name) = names.get(&row.account_id) else { continue };
        let requests = u64::try_from(row.requests).unwrap_or(0);
        match spend.iter_mut().find(|cost| cost.account_id == row.account_id && cost.service == row.service) {
            Some(cost) => {
                cost.requests = cost.requests.saturating_add(requests);
                cost.amount_e10 = cost.amount_e10.saturating_add(row.amount_e10);
            }
            None => spend.push(RequestCost {
                account_id: row.account_id,
                account: name.clone(),
                service: row.service,
                requests,
                amount_e10: row.amount_e10,
            }),
        }
    }
    spend.sort_by(|a, b| (a.account.to_lowercase(), &a.service).cmp(&(b.account.to_lowercase(), &b.service)));
    Ok(DataSets { items, spend })
}

/// From the first day of the month until now; the end is not in it.
fn this_month(at: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = at.date_naive();
    (today.with_day(1).unwrap_or(today), today.succ_opt().unwrap_or(today))
}
