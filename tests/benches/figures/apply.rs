//! The database's share of a sync: parsed pages brought in, new ones and then the same again.

use std::time::{Duration, Instant};

use anyhow::Result;
use domain::account::{Access, AccountAccess};
use domain::ids::SyncRunId;
use domain::workspace::ObservedWorkspace;
use store::repo::inventory::{SyncContext, inventory_apply};

use crate::fleet::{Simulated, Synced};
use crate::{Bench, Row, row};

/// Pages of 25 in one transaction.
const PAGES: usize = 20;

async fn apply(fleet: &Synced, pages: &[Vec<ObservedWorkspace>]) -> Result<Duration> {
    let began = Instant::now();
    let run = SyncRunId(fleet.context.env.new_id());
    for batch in pages.chunks(PAGES) {
        let at = fleet.context.env.now();
        let context = SyncContext { account_id: fleet.account, region: fleet.region.clone(), run: Some(run), at };
        let tx = fleet.context.db.begin().await?;
        inventory_apply(&tx, &context, &batch.concat()).await?;
        tx.commit().await?;
    }
    Ok(began.elapsed())
}

pub async fn run(bench: &mut Bench) -> Result<Vec<Row>> {
    let simulated = Simulated::start(bench.workspaces).await?;
    let fleet = Synced::connect(&simulated).await?;
    let access =
        AccountAccess { account: fleet.account, access: Access::Simulated, endpoint_url: Some(simulated.url.clone()) };
    let api = fleet.context.cloud.connect(&access, &fleet.region).await?;
    let (mut pages, mut token) = (Vec::new(), None);
    loop {
        let page = api.workspace_page(token).await?;
        pages.push(page.items);
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let (new, same) = (apply(&fleet, &pages).await?, apply(&fleet, &pages).await?);
    let speed = |took: Duration| format!("{:.0} WorkSpaces/s", f64::from(bench.workspaces) / took.as_secs_f64());
    Ok(vec![row("new", speed(new)), row("the same again", speed(same))])
}
