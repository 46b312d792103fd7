//! `sync-prices`: what WorkSpaces cost in a region, out of AWS's Price List. A region has some thousand prices, so they are
//! read whole and written in one transaction; an attempt begins at the beginning. What a price means, and the break-even
//! hours that follow from three of them, is `domain::cost`.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::cloud::{CloudError, DataApi, ObservedPrice};
use domain::cost::price_list::{PRODUCT_FAMILY, PriceProduct, PriceTextError, PriceUnit};
use domain::money::{Currency, Money};
use store::repo::prices::{PriceRow, price_list, prices_replace};

use super::end::SyncDone;
use super::jobs::SyncPricesJob;
use super::pages::TokensSeen;
use super::run::{DataRun, SyncRun, data_api};
use crate::Context;
use crate::run::{JobError, RunHandle};

const OPERATION: &str = "pricing:GetProducts";
/// Reasons of one run that are told apart; the rest is counted with the last.
const MOST_REASONS: usize = 10;

/// Runs a `sync-prices` job: connects, then [`sync_prices`].
///
/// # Errors
/// As [`sync_prices`]; [`JobError::Fail`] when the account is no longer connected.
pub async fn run_prices_job(ctx: &Context, job: &SyncPricesJob, handle: &dyn RunHandle) -> Result<SyncDone, JobError> {
    sync_prices(ctx, data_api(ctx, job).await?, job, handle).await
}

/// Reads the prices of a region as this account sees them. A product that can't be understood is counted as skipped, the
/// others go in; prices that AWS no longer lists go, but none for an answer that could not be read.
///
/// # Errors
/// [`JobError::Retry`] for a passing reason, [`JobError::Fail`] when none could be read and trying again won't help,
/// [`JobError::Cancelled`]. In each case the run's row says what was found.
pub async fn sync_prices(
    ctx: &Context,
    api: Arc<dyn DataApi>,
    job: &SyncPricesJob,
    handle: &dyn RunHandle,
) -> Result<SyncDone, JobError> {
    let mut run = SyncRun::take_up(ctx, api, job, handle, ()).await?;
    let ended = phases(&mut run).await;
    run.end(ended).await
}

/// What the pages had.
#[derive(Default)]
struct Found {
    prices: Vec<ObservedPrice>,
    malformed: u64,
    pages: u64,
}

async fn phases(run: &mut DataRun<'_, ()>) -> Result<(), JobError> {
    let found = match read(run).await? {
        Ok(found) => found,
        Err(error) => return run.broke_off(&error).await,
    };
    let read_at = run.ctx.env.now();
    let (mut rows, mut reasons) = (Vec::new(), BTreeMap::<String, u64>::new());
    let mut kept = if found.malformed > 0 { Kept::All } else { Kept::Some(HashSet::new()) };
    let read = u64::try_from(found.prices.len()).unwrap_or(u64::MAX);
    for price in &found.prices {
        if price.product_family != PRODUCT_FAMILY {
            continue;
        }
        match row(price, read_at) {
            Ok(row) => rows.push(row),
            Err(reason) => {
                *reasons.entry(reason).or_default() += 1;
                if let Kept::Some(skus) = &mut kept {
                    skus.insert(price.sku.as_str());
                }
            }
        }
    }
    if read == 0 {
        kept = Kept::All;
    }
    let before = run.mark();
    run.anything_read = true;
    run.report.items_read = read;
    run.report.skipped = 0;
    let written = write(run, rows, &kept).await;
    let held = run.or_back(before, written)?;
    if read == 0 && held > 0 {
        // A region does not lose all its prices; an answer does.
        let reason = "there are no prices in it, though there were some before".to_owned();
        run.problem(&CloudError::Malformed { operation: OPERATION.to_owned(), reason }).await;
    }
    if found.malformed > 0 {
        run.skip(OPERATION, found.malformed, "products whose text could not be read").await;
    }
    for (at, (reason, count)) in reasons.into_iter().enumerate() {
        let reason = if at < MOST_REASONS { reason } else { "other reasons".to_owned() };
        run.skip(OPERATION, count, &reason).await;
    }
    Ok(())
}

/// Which known prices stay though this answer does not have them: what could not be understood this time is not gone.
enum Kept<'a> {
    /// Those of these products.
    Some(HashSet<&'a str>),
    /// All: nobody knows which products could not be read.
    All,
}

impl Kept<'_> {
    fn has(&self, sku: &str) -> bool {
        match self {
            Self::Some(skus) => skus.contains(sku),
            Self::All => true,
        }
    }
}

/// Every page, or why they broke off.
async fn read(run: &mut DataRun<'_, ()>) -> Result<Result<Found, CloudError>, JobError> {
    let mut found = Found::default();
    let mut token: Option<String> = None;
    let mut seen = TokensSeen::default();
    loop {
        run.handle.check()?;
        let page = match run.api.price_page(run.region, token.clone()).await {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        found.pages += 1;
        found.malformed += page.malformed;
        found.prices.extend(page.page.items);
        run.handle.progress(u64::try_from(found.prices.len()).unwrap_or(u64::MAX), None, "prices read").await;
        let Some(next) = page.page.next_token else { return Ok(Ok(found)) };
        if let Err(error) = seen.leads_on(OPERATION, &next) {
            return Ok(Err(error));
        }
        token = Some(next);
    }
}

/// The price as it is kept, or why it can't be understood.
fn row(observed: &ObservedPrice, read_at: DateTime<Utc>) -> Result<PriceRow, String> {
    let product = match PriceProduct::from_observed(observed) {
        Err(PriceTextError::Missing("bundle")) if is_volume(observed) => return volume_row(observed, read_at),
        product => product.map_err(|error| error.to_string())?,
    };
    let gigabytes = |gb: Option<u32>| gb.and_then(|gb| i32::try_from(gb).ok());
    Ok(PriceRow {
        price_e10: product.price.amount_e10().map_err(|error| error.to_string())?,
        currency: product.price.currency.to_string(),
        sku: product.sku,
        bundle: Some(product.bundle),
        compute_type: Some(product.compute_type.to_string()),
        license: Some(product.license.to_string()),
        operating_system: Some(product.operating_system.to_string()),
        root_gb: gigabytes(product.root_gb),
        user_gb: gigabytes(product.user_gb),
        running_mode: product.running_mode.map(|mode| mode.to_string()),
        unit: product.unit.to_string(),
        usage_type: Some(product.usage_type.to_string()),
        effective_at: product.effective_at,
        read_at,
    })
}

/// Whether it is the price of volumes beyond those of a bundle, by the gigabyte and month.
fn is_volume(observed: &ObservedPrice) -> bool {
    observed.unit.to_ascii_lowercase().starts_with("gb") && observed.attributes.contains_key("usagetype")
}

fn volume_row(observed: &ObservedPrice, read_at: DateTime<Utc>) -> Result<PriceRow, String> {
    let currency: Currency =
        observed.currency.parse().map_err(|_| format!("the currency is {:?}", observed.currency))?;
    let attribute = |name: &str| observed.attributes.get(name).cloned();
    Ok(PriceRow {
        price_e10: Money::new(observed.amount, currency).amount_e10().map_err(|error| error.to_string())?,
        currency: currency.to_string(),
        sku: observed.sku.clone(),
        bundle: None,
        compute_type: None,
        license: attribute("license"),
        operating_system: None,
        root_gb: None,
        user_gb: None,
        running_mode: None,
        unit: PriceUnit::read(&observed.unit).to_string(),
        usage_type: attribute("usagetype"),
        effective_at: observed.effective_at,
        read_at,
    })
}

/// Writes the prices, and gives how many were left as they are since this answer says nothing of them.
async fn write(run: &mut DataRun<'_, ()>, mut rows: Vec<PriceRow>, kept: &Kept<'_>) -> Result<u64, JobError> {
    let tx = run.begin().await?;
    let read: HashSet<String> = rows.iter().map(|row| row.sku.clone()).collect();
    let known = price_list(&tx, run.account, run.region).await?;
    rows.extend(known.into_iter().filter(|row| !read.contains(&row.sku) && kept.has(&row.sku)));
    let outcome = prices_replace(&tx, run.account, run.region, &rows).await?;
    run.report.items_written = outcome.written();
    run.report.gone = outcome.removed;
    run.save(&tx).await?;
    run.commit(tx, &[]).await?;
    Ok(u64::try_from(rows.len() - read.len()).unwrap_or(u64::MAX))
}
