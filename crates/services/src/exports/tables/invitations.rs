//! The invitations, the latest first, with what they give. Never a link.

use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::audit::Entry;
use serde_json::json;

use super::super::cell::{Cell, Column};
use super::super::error::ExportError;
use super::super::table::{List, Row};
use super::users::{grants, looked_for};
use crate::access::invitations::{InvitationDetail, State, list_invitations};
use crate::{Context, Page, PageRequest};

/// The invitations that a filter leaves.
#[derive(Debug, Clone, Default)]
pub struct InvitationTable {
    /// How they stand; empty for all.
    pub states: Vec<State>,
    /// Part of the e-mail address.
    pub q: Option<String>,
}

#[async_trait]
impl List for InvitationTable {
    type Item = InvitationDetail;
    const NAME: &'static str = "invitations";
    const PERMISSION: Permission = Permission::UserRead;
    const EVERYWHERE: bool = true;

    columns! { InvitationDetail as InvitationDetail { invitation, state, grants: given } =>
        Column::text("id") => Cell::text(invitation.id),
        Column::text("email") => Cell::Text(invitation.email),
        Column::text("state") => Cell::text(state),
        Column::text("grants") => Cell::Text(grants(given)),
        Column::text("invited_by") => Cell::maybe(invitation.invited_by),
        Column::text("invited_by_email") => Cell::maybe(invitation.invited_by_email),
        Column::time("created_at") => Cell::Time(invitation.created_at),
        Column::time("sent_at") => Cell::Time(invitation.sent_at),
        Column::time("expires_at") => Cell::Time(invitation.expires_at),
        Column::time("accepted_at") => Cell::maybe_time(invitation.accepted_at),
        Column::time("revoked_at") => Cell::maybe_time(invitation.revoked_at),
    }

    fn said(&self) -> Entry {
        let states: Vec<_> = self.states.iter().map(ToString::to_string).collect();
        let entry = Entry::new("invitation.export", Permission::UserRead).after(json!({ "states": states }));
        looked_for(entry, self.q.as_deref())
    }

    async fn items(
        &self,
        ctx: &Context,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<InvitationDetail>, ExportError> {
        Ok(list_invitations(ctx, actor, self.states.clone(), self.q.clone(), page).await?)
    }
}
