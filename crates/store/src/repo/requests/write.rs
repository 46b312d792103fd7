//! Making a request and taking it back, each with its step.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, DirectoryId, Region, RequestId, UserId, WorkspaceId};
use domain::requests::{RequestKind, RequestStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::{desktop_request, desktop_request_step};
use crate::error::StoreError;
use crate::sql::micros;

/// A request to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The id.
    pub id: RequestId,
    /// Who asks.
    pub user_id: UserId,
    /// What their desktops are called, in lower case.
    pub user_key: String,
    /// What for.
    pub kind: RequestKind,
    /// The desktop it is about.
    pub desktop: Option<RequestPlace>,
    /// The bundle asked for, in their words.
    pub bundle: Option<String>,
    /// What they say about it.
    pub note: String,
    /// Now.
    pub at: DateTime<Utc>,
}

/// Where the desktop of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPlace {
    /// The desktop.
    pub workspace_id: WorkspaceId,
    /// Its account.
    pub account_id: AccountId,
    /// Its region.
    pub region: Region,
    /// Its directory.
    pub directory_id: DirectoryId,
}

/// Adds an open request with its first step, whose id is `step`.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such person.
pub async fn request_insert(conn: &impl ConnectionTrait, new: &NewRequest, step: Uuid) -> Result<(), StoreError> {
    let place = new.desktop.as_ref();
    let row = desktop_request::ActiveModel {
        id: Set(new.id.0),
        user_id: Set(new.user_id.0),
        user_key: Set(new.user_key.clone()),
        kind: Set(new.kind.as_str().to_owned()),
        status: Set(RequestStatus::Open.as_str().to_owned()),
        workspace_id: Set(place.map(|place| place.workspace_id.0)),
        account_id: Set(place.map(|place| place.account_id.0)),
        region: Set(place.map(|place| place.region.as_str().to_owned())),
        directory_id: Set(place.map(|place| place.directory_id.0)),
        bundle: Set(new.bundle.clone()),
        note: Set(new.note.clone()),
        version: Set(1),
        created_at: Set(micros(new.at)),
        updated_at: Set(micros(new.at)),
    };
    desktop_request::Entity::insert(row).exec_without_returning(conn).await?;
    step_insert(conn, step, new.id, new.user_id, RequestStatus::Open, new.at).await
}

/// Takes an open request of that person back; `false` when they have none of that id that is open.
///
/// # Errors
/// [`StoreError`].
pub async fn request_withdraw(
    conn: &impl ConnectionTrait,
    user: UserId,
    id: RequestId,
    step: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = desktop_request::ActiveModel {
        status: Set(RequestStatus::Withdrawn.as_str().to_owned()),
        updated_at: Set(micros(at)),
        ..Default::default()
    };
    let done = desktop_request::Entity::update_many()
        .set(row)
        .col_expr(desktop_request::Column::Version, Expr::cust("version + 1"))
        .filter(desktop_request::Column::Id.eq(id.0))
        .filter(desktop_request::Column::UserId.eq(user.0))
        .filter(desktop_request::Column::Status.eq(RequestStatus::Open.as_str()))
        .exec(conn)
        .await?;
    if done.rows_affected == 0 {
        return Ok(false);
    }
    step_insert(conn, step, id, user, RequestStatus::Withdrawn, at).await?;
    Ok(true)
}

async fn step_insert(
    conn: &impl ConnectionTrait,
    step: Uuid,
    request: RequestId,
    user: UserId,
    status: RequestStatus,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = desktop_request_step::ActiveModel {
        id: Set(step),
        request_id: Set(request.0),
        at: Set(micros(at)),
        status: Set(status.as_str().to_owned()),
        user_id: Set(user.0),
    };
    desktop_request_step::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}
