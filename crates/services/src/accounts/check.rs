//! The rules of a new account: which fields belong together and what they must look like. Pure.

use std::collections::BTreeSet;

use domain::account::{Access, CredentialKind};
use domain::ids::Region;
use platform::http::guard::GuardError;

use super::error::AccountError;
use super::service::NewAccount;
use crate::Context;

/// Most regions of one account.
const MAX_REGIONS: usize = 40;

fn invalid(field: &'static str, code: &'static str, message: impl Into<String>) -> AccountError {
    AccountError::Invalid { field, code, message: message.into() }
}

/// A name without blanks around it, 1 to 80 characters.
pub(super) fn name(name: &str) -> Result<String, AccountError> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(invalid("name", "required", "give the account a name")),
        1..=80 if !name.chars().any(char::is_control) => Ok(name.to_owned()),
        1..=80 => Err(invalid("name", "invalid", "a name has no control characters")),
        _ => Err(invalid("name", "invalid", "a name has at most 80 characters")),
    }
}

/// At least one region, each once, in the order given.
pub(super) fn regions(regions: &[Region]) -> Result<(), AccountError> {
    if regions.is_empty() {
        return Err(invalid("regions", "required", "name at least one region, such as eu-central-1"));
    }
    if regions.len() > MAX_REGIONS {
        return Err(invalid("regions", "invalid", format!("name at most {MAX_REGIONS} regions")));
    }
    let mut seen = BTreeSet::new();
    match regions.iter().find(|region| !seen.insert(*region)) {
        Some(twice) => Err(invalid("regions", "duplicate", format!("{twice} is named twice"))),
        None => Ok(()),
    }
}

/// The credentials with exactly the fields their kind needs.
pub(super) fn access(new: &NewAccount) -> Result<Access, AccountError> {
    let role_arn = given(new.role_arn.as_deref());
    let external_id = given(new.external_id.as_deref());
    if new.credentials != CredentialKind::Role {
        for (field, value) in [("role_arn", role_arn), ("external_id", external_id)] {
            if value.is_some() {
                return Err(invalid(field, "not_allowed", "this belongs to credentials of the kind `role` only"));
            }
        }
    }
    match new.credentials {
        CredentialKind::Chain => Ok(Access::Chain),
        CredentialKind::Simulated if given(new.endpoint_url.as_deref()).is_none() => {
            Err(invalid("endpoint_url", "required", "simulated credentials need the endpoint_url of a simulated AWS"))
        }
        CredentialKind::Simulated => Ok(Access::Simulated),
        CredentialKind::Role => {
            let Some(role_arn) = role_arn else {
                return Err(invalid("role_arn", "required", "credentials of the kind `role` need the role's ARN"));
            };
            if !is_role_arn(role_arn) {
                let message = "write the ARN of a role, such as arn:aws:iam::123456789012:role/Wheelhouse";
                return Err(invalid("role_arn", "invalid", message));
            }
            Ok(Access::Role { role_arn: role_arn.to_owned(), external_id: external_id.map(str::to_owned) })
        }
    }
}

/// `arn:<partition>:iam::<12 digits>:role/<name>`.
fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else { return false };
    *arn == "arn"
        && partition.starts_with("aws")
        && *service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        && text.bytes().all(|b| b.is_ascii_graphic())
}

/// An `http(s)://host[:port][/path]` URL without user, password, query or fragment; no trailing slash.
pub(super) fn endpoint(url: Option<&str>) -> Result<Option<String>, AccountError> {
    let Some(url) = given(url) else { return Ok(None) };
    let bad = |message: &str| Err(invalid("endpoint_url", "invalid", message));
    let lower = url.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://")) else {
        return bad("an endpoint starts with http:// or https://");
    };
    if !url.bytes().all(|b| b.is_ascii_graphic()) || url.contains(['\\', '<', '>', '"']) {
        return bad("an endpoint has no blanks or special characters");
    }
    if url.contains(['?', '#']) {
        return bad("an endpoint has no query and no fragment");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return bad("an endpoint has no user name or password in it");
    }
    // In brackets stands an IPv6 address, whose colons are not the port's.
    let (host, port) = match authority.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((host, port)) => {
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return bad("the address in brackets is not an IPv6 address");
            }
            (host, port.strip_prefix(':').or_else(|| port.is_empty().then_some("443")).unwrap_or("wrong"))
        }
        None => authority.split_once(':').unwrap_or((authority, "443")),
    };
    if host.is_empty() || port.parse::<u16>().is_ok_and(|port| port == 0) || port.parse::<u16>().is_err() {
        return bad("an endpoint names a host and, if it is not the usual one, a port");
    }
    Ok(Some(url.trim_end_matches('/').to_owned()))
}

/// An endpoint that may be reached, as it is meant. A name that does not resolve now may do so later: what it resolves to then
/// is checked by whoever connects.
pub(super) async fn reachable(ctx: &Context, endpoint: Option<String>) -> Result<Option<String>, AccountError> {
    let Some(url) = endpoint else { return Ok(None) };
    let parsed = match ctx.outgoing.check(&url).await {
        Err(GuardError::Unresolved(_)) => ctx.outgoing.check_url(&url),
        checked => checked,
    };
    let parsed = parsed.map_err(|error| invalid("endpoint_url", "not_allowed", error.to_string()))?;
    Ok(Some(parsed.as_str().trim_end_matches('/').to_owned()))
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(credentials: CredentialKind) -> NewAccount {
        NewAccount {
            name: "Demo".to_owned(),
            regions: vec!["eu-central-1".parse().unwrap()],
            credentials,
            role_arn: None,
            external_id: None,
            endpoint_url: None,
        }
    }

    fn field(result: Result<impl std::fmt::Debug, AccountError>) -> (&'static str, &'static str) {
        match result {
            Err(AccountError::Invalid { field, code, .. }) => (field, code),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_kind_of_credentials_has_its_own_fields() {
        assert_eq!(access(&new(CredentialKind::Chain)).unwrap(), Access::Chain);
        assert_eq!(field(access(&new(CredentialKind::Simulated))), ("endpoint_url", "required"));
        assert_eq!(field(access(&new(CredentialKind::Role))), ("role_arn", "required"));
        let arn = Some("arn:aws:iam::123456789012:role/Wheelhouse".to_owned());
        let chain = NewAccount { role_arn: arn.clone(), ..new(CredentialKind::Chain) };
        assert_eq!(field(access(&chain)), ("role_arn", "not_allowed"));
        let role = NewAccount { role_arn: arn, external_id: Some("x1".into()), ..new(CredentialKind::Role) };
        assert!(matches!(access(&role).unwrap(), Access::Role { external_id: Some(id), .. } if id == "x1"));
        for bad in [
            "arn:aws:iam::12345:role/W",
            "arn:aws:iam::123456789012:user/W",
            "role/W",
            "arn:aws:iam::123456789012:role/",
        ] {
            let role = NewAccount { role_arn: Some(bad.into()), ..new(CredentialKind::Role) };
            assert_eq!(field(access(&role)), ("role_arn", "invalid"), "{bad}");
        }
    }

    #[test]
    fn endpoints_are_plain_http_urls() {
        for good in [
            "http://127.0.0.1:5066",
            "https://vpce-1.workspaces.eu-central-1.vpce.amazonaws.com/",
            "http://[::1]:5066",
            "HTTP://aws-sim:5066/base",
        ] {
            assert!(endpoint(Some(good)).unwrap().is_some(), "{good}");
        }
        assert_eq!(endpoint(Some("http://sim:1/")).unwrap().as_deref(), Some("http://sim:1"));
        assert_eq!(endpoint(Some("  ")).unwrap(), None);
        for bad in [
            "ftp://x",
            "file:///etc/passwd",
            "http://",
            "http://user:pw@host",
            "http://host:99999",
            "http://host:0",
            "http://ho st",
            "http://host/?a=b",
            "http://host#x",
            "http://[::1",
            "http://[zz]:1",
            "//host",
            "http:host",
        ] {
            assert_eq!(field(endpoint(Some(bad))), ("endpoint_url", "invalid"), "{bad}");
        }
    }

    #[test]
    fn regions_are_there_and_unique() {
        let region: Region = "eu-central-1".parse().unwrap();
        assert_eq!(field(regions(&[])), ("regions", "required"));
        assert_eq!(field(regions(&[region.clone(), region.clone()])), ("regions", "duplicate"));
        assert!(regions(&[region]).is_ok());
    }
}
