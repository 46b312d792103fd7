//! Images and quotas: what stands around the WorkSpaces.

use aws_sdk_servicequotas::types::ServiceQuota;
use aws_sdk_workspaces::types::WorkspaceImage;
use domain::workspace::{ObservedImage, ObservedQuota};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{id, time};

pub(crate) fn image(i: WorkspaceImage) -> Option<ObservedImage> {
    Some(ObservedImage {
        aws_id: id(i.image_id)?,
        name: i.name.unwrap_or_default(),
        description: id(i.description),
        operating_system: i.operating_system.and_then(|system| system.r#type).map(|kind| kind.as_str().to_owned()),
        state: i.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        required_tenancy: i.required_tenancy.map(|tenancy| tenancy.as_str().to_owned()),
        owner_account_id: id(i.owner_account_id),
        created_at: time(i.created),
        update_available: i.updates.and_then(|updates| updates.update_available),
        error_code: id(i.error_code),
        error_message: id(i.error_message),
    })
}

pub(crate) fn quota(q: ServiceQuota) -> Option<ObservedQuota> {
    Some(ObservedQuota {
        code: id(q.quota_code)?,
        name: q.quota_name.unwrap_or_default(),
        value: q.value.and_then(whole),
        adjustable: q.adjustable,
        global: q.global_quota,
    })
}

/// Quotas on things are whole numbers, which Service Quotas writes as all others.
fn whole(value: f64) -> Option<i64> {
    Decimal::try_from(value).ok().and_then(|value| value.trunc().to_i64())
}

#[cfg(test)]
mod tests {
    use aws_sdk_workspaces::types::{OperatingSystem, UpdateResult};

    use super::*;

    #[test]
    fn an_image_with_unknown_values_keeps_them_as_text() {
        let system = OperatingSystem::builder().r#type("TEMPLE".into()).build();
        let updates = UpdateResult::builder().update_available(true).build();
        let all = WorkspaceImage::builder().image_id("wsi-1").state("MELTING".into()).operating_system(system);
        let seen = image(all.updates(updates).error_message("").build()).unwrap();
        assert_eq!((seen.state.as_str(), seen.operating_system.as_deref()), ("MELTING", Some("TEMPLE")));
        assert_eq!((seen.update_available, seen.error_message, seen.created_at), (Some(true), None, None));
        assert_eq!(image(WorkspaceImage::builder().name("nameless").build()), None);
    }

    #[test]
    fn a_quota_is_a_whole_number_or_not_known() {
        let value = |value: Option<f64>| {
            quota(ServiceQuota::builder().quota_code("L-1").set_value(value).build()).unwrap().value
        };
        assert_eq!([Some(60_000.0), Some(0.0), Some(2.9), None].map(value), [Some(60_000), Some(0), Some(2), None]);
        assert_eq!([f64::NAN, f64::INFINITY, 1e300].map(|odd| value(Some(odd))), [None, None, None]);
    }
}
