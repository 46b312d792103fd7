//! From the SDK's shapes to observed types. Unknown enum values stay text. An item without its id can't be stored: it is
//! dropped and logged; any other missing field becomes an empty text or `None`.
//! To add a field: here, and in the observed type of `domain`. The other APIs have a file each in `map/`.

pub(crate) mod around;
pub(crate) mod costs;
pub(crate) mod metrics;
pub(crate) mod prices;
pub(crate) mod trail;

use aws_sdk_directory::types::DirectoryDescription;
use aws_sdk_workspaces::types::{
    FailedWorkspaceChangeRequest, Tag, Workspace, WorkspaceBundle, WorkspaceConnectionStatus, WorkspaceDirectory,
};
use chrono::{DateTime, Utc};
use domain::cloud::{CloudPage, FailedItem};
use domain::workspace::{
    ComputeType, ConnectionState, ObservedBundle, ObservedConnection, ObservedDirectory, ObservedWorkspace, Protocol,
    RunningMode, Tags, WorkspaceState,
};
use rust_decimal::Decimal;

/// A page from a listing whose list must be there: a body that lost it must not read as "there is nothing".
pub(crate) fn page<S, T>(
    list: Option<Vec<S>>,
    next_token: Option<String>,
    what: &str,
    one: impl Fn(S) -> Option<T>,
) -> Result<CloudPage<T>, String> {
    Ok(CloudPage { items: items(list, what, one)?, next_token: next_token.filter(|token| !token.is_empty()) })
}

/// The items of a list that must be there.
pub(crate) fn items<S, T>(list: Option<Vec<S>>, what: &str, one: impl Fn(S) -> Option<T>) -> Result<Vec<T>, String> {
    let list = list.ok_or_else(|| format!("it has no list of {what}"))?;
    let before = list.len();
    let items: Vec<T> = list.into_iter().filter_map(one).collect();
    if items.len() < before {
        tracing::warn!(what, dropped = before - items.len(), "AWS sent items without an id");
    }
    Ok(items)
}

fn id(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A number as AWS writes it in text, with or without an exponent.
fn number(text: &str, what: &str) -> Result<Decimal, String> {
    let text = text.trim();
    let parsed = match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(text),
        false => text.parse(),
    };
    parsed.map_err(|_| format!("{what} is not a number: {:?}", text.chars().take(40).collect::<String>()))
}

fn time(at: Option<aws_smithy_types::DateTime>) -> Option<DateTime<Utc>> {
    at.and_then(|at| DateTime::from_timestamp(at.secs(), at.subsec_nanos()))
}

pub(crate) fn workspace(w: Workspace) -> Option<ObservedWorkspace> {
    let p = w.workspace_properties;
    let p = p.as_ref();
    Some(ObservedWorkspace {
        aws_id: id(w.workspace_id)?,
        directory_id: w.directory_id.unwrap_or_default(),
        bundle_id: w.bundle_id.unwrap_or_default(),
        user_name: w.user_name.unwrap_or_default(),
        state: WorkspaceState::from(w.state.as_ref().map_or("", |s| s.as_str())),
        computer_name: w.computer_name,
        ip_address: w.ip_address,
        subnet_id: w.subnet_id,
        error_code: w.error_code,
        error_message: w.error_message,
        running_mode: p.and_then(|p| p.running_mode.as_ref()).map(|m| RunningMode::from(m.as_str())),
        auto_stop_timeout_minutes: p.and_then(|p| p.running_mode_auto_stop_timeout_in_minutes),
        compute_type: p.and_then(|p| p.compute_type_name.as_ref()).map(|c| ComputeType::from(c.as_str())),
        root_volume_gib: p.and_then(|p| p.root_volume_size_gib),
        user_volume_gib: p.and_then(|p| p.user_volume_size_gib),
        protocol: p.and_then(|p| p.protocols().first()).map(|x| Protocol::from(x.as_str())),
        operating_system: p.and_then(|p| p.operating_system_name.as_ref()).map(|o| o.as_str().to_owned()),
        root_volume_encrypted: w.root_volume_encryption_enabled.unwrap_or_default(),
        user_volume_encrypted: w.user_volume_encryption_enabled.unwrap_or_default(),
    })
}

pub(crate) fn connection(c: WorkspaceConnectionStatus) -> Option<ObservedConnection> {
    Some(ObservedConnection {
        aws_id: id(c.workspace_id)?,
        state: c.connection_state.as_ref().map_or(ConnectionState::Unknown, |s| ConnectionState::from(s.as_str())),
        checked_at: time(c.connection_state_check_timestamp),
        last_connected_at: time(c.last_known_user_connection_timestamp),
    })
}

pub(crate) fn directory(d: WorkspaceDirectory) -> Option<ObservedDirectory> {
    Some(ObservedDirectory {
        aws_id: id(d.directory_id)?,
        // Pools' directories have no domain, only a name of their own.
        name: id(d.directory_name).or(d.workspace_directory_name).unwrap_or_default(),
        alias: id(d.alias),
        kind: d.directory_type.map(|t| t.as_str().to_owned()).unwrap_or_default(),
        state: d.state.map(|s| s.as_str().to_owned()).unwrap_or_default(),
        registration_code: id(d.registration_code),
        stage: None,
    })
}

pub(crate) fn directory_stage(d: DirectoryDescription) -> Option<(String, String)> {
    Some((id(d.directory_id)?, d.stage.map(|s| s.as_str().to_owned()).unwrap_or_default()))
}

pub(crate) fn bundle(b: WorkspaceBundle) -> Option<ObservedBundle> {
    let gib = |capacity: &str| capacity.trim().parse().ok();
    Some(ObservedBundle {
        aws_id: id(b.bundle_id)?,
        name: b.name.unwrap_or_default(),
        owner: b.owner.unwrap_or_default(),
        description: id(b.description),
        compute_type: b.compute_type.and_then(|c| c.name).map(|c| ComputeType::from(c.as_str())),
        root_volume_gib: b.root_storage.as_ref().and_then(|s| gib(s.capacity())),
        user_volume_gib: b.user_storage.as_ref().and_then(|s| gib(s.capacity())),
        image_id: id(b.image_id),
    })
}

pub(crate) fn tags(list: Option<Vec<Tag>>) -> Tags {
    list.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}

/// What a batch did not do. A failure that names nobody can only be told apart in a batch of one.
pub(crate) fn failed_items(
    list: Option<Vec<FailedWorkspaceChangeRequest>>,
    asked: &[String],
) -> Result<Vec<FailedItem>, String> {
    let one = |item: FailedWorkspaceChangeRequest| {
        let aws_id = match (id(item.workspace_id), asked) {
            (Some(aws_id), _) => aws_id,
            (None, [only]) => only.clone(),
            (None, _) => return Err("a failed item without its WorkSpace".to_owned()),
        };
        Ok(FailedItem {
            aws_id,
            code: item.error_code.unwrap_or_default(),
            message: item.error_message.unwrap_or_default(),
        })
    };
    list.unwrap_or_default().into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_workspaces::types as sdk;

    use super::*;

    #[test]
    fn a_workspace_with_unknown_values_keeps_them_as_text() {
        let properties = sdk::WorkspaceProperties::builder()
            .running_mode("NAPPING".into())
            .compute_type_name("GRAPHICS_G99".into())
            .protocols("TELEPATHY".into())
            .operating_system_name("TEMPLE_OS".into())
            .build();
        let seen = workspace(
            Workspace::builder()
                .workspace_id("ws-1")
                .state("HIBERNATING".into())
                .workspace_properties(properties)
                .build(),
        )
        .unwrap();
        assert_eq!(seen.state, WorkspaceState::Other("HIBERNATING".to_owned()));
        assert_eq!(seen.running_mode, Some(RunningMode::Other("NAPPING".to_owned())));
        assert_eq!(seen.compute_type, Some(ComputeType::Other("GRAPHICS_G99".to_owned())));
        assert_eq!(seen.protocol, Some(Protocol::Other("TELEPATHY".to_owned())));
        assert_eq!(seen.operating_system.as_deref(), Some("TEMPLE_OS"));
        assert_eq!((seen.user_name.as_str(), seen.root_volume_gib), ("", None));
    }

    #[test]
    fn items_without_an_id_are_dropped_and_a_missing_list_is_an_error() {
        let list = vec![Workspace::builder().build(), Workspace::builder().workspace_id("ws-1").build()];
        let page_of = page(Some(list), Some(String::new()), "WorkSpaces", workspace).unwrap();
        assert_eq!(page_of.items.len(), 1);
        assert_eq!(page_of.next_token, None);
        assert!(page(None, None, "WorkSpaces", workspace).is_err());
    }

    #[test]
    fn failures_are_attributed_or_refused() {
        let nameless = || Some(vec![FailedWorkspaceChangeRequest::builder().error_code("X").build()]);
        let ids = ["ws-1".to_owned(), "ws-2".to_owned()];
        assert_eq!(failed_items(nameless(), &ids[..1]).unwrap()[0].aws_id, "ws-1");
        assert!(failed_items(nameless(), &ids).is_err());
        assert_eq!(failed_items(None, &ids), Ok(Vec::new()));
    }
}
