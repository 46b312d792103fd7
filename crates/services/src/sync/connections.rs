//! The phase of connection states: who is connected, and who was last.

use domain::event::Event;
use domain::jobs::LogLevel;
use domain::workspace::ObservedConnection;
use store::repo::{events, inventory};

use super::pages::PagesAhead;
use super::reconcile::Run;
use crate::run::JobError;

const OPERATION: &str = "workspaces:DescribeWorkspacesConnectionStatus";

impl Run<'_> {
    /// Reads and writes the connection states, from where the last attempt stopped.
    pub(super) async fn connections(&mut self) -> Result<(), JobError> {
        if !self.at.inventory_read && self.report.seen == 0 {
            return Ok(());
        }
        let token = self.at.next_token.clone();
        let mut pages = PagesAhead::start(self.api.clone(), OPERATION, token, |api, token| api.connection_page(token));
        while let Some(batch) = pages.next().await {
            for row in &batch.rows {
                if let Some(message) = self.unknown.connection(&mut self.report, row) {
                    self.handle.log(LogLevel::Warn, &message).await;
                }
            }
            if batch.read {
                let before = self.mark();
                self.report.connections += u64::try_from(batch.rows.len()).unwrap_or(u64::MAX);
                self.at.next_token = batch.next_token;
                let written = self.write_connections(&batch.rows).await;
                self.or_back(before, written)?;
                let note = "connection states read";
                self.handle.progress(self.report.connections, Some(self.report.seen), note).await;
            }
            self.handle.check()?;
            if let Some(error) = batch.error {
                // An attempt of its own is not worth it: the next run reads them again.
                self.problem(&error).await;
            }
        }
        Ok(())
    }

    /// Writes a batch with its event and the checkpoint in one transaction.
    async fn write_connections(&mut self, rows: &[ObservedConnection]) -> Result<(), JobError> {
        let context = self.context();
        let tx = self.ctx.db.begin().await?;
        let changed = inventory::connections_apply(&tx, &context, rows).await?;
        self.save(&tx).await?;
        if changed > 0 {
            let told = [Event::FleetChanged { account_id: self.account, rows: changed }];
            events::events_append(&tx, context.at, &told).await?;
        }
        tx.commit().await?;
        if changed > 0 {
            self.ctx.announce();
        }
        Ok(())
    }
}
