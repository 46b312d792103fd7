//! STS: `GetCallerIdentity` and `AssumeRole`, in the Query protocol (a form in, XML out).

use std::collections::HashMap;

use chrono::{SecondsFormat, TimeDelta};

use super::Call;
use crate::wire::{
    auth::{assume, role_id},
    error::{ApiError, escape},
};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

fn wrap(call: &Call<'_>, action: &str, inner: &str) -> Vec<u8> {
    format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{inner}</{action}Result><ResponseMetadata>\
         <RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
        call.request_id
    )
    .into_bytes()
}

pub(super) fn get_caller_identity(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let inner = format!(
        "<Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>",
        escape(&call.caller.arn),
        escape(&call.caller.user_id),
        escape(&call.caller.account)
    );
    Ok(wrap(call, "GetCallerIdentity", &inner))
}

pub(super) fn assume_role(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let form: HashMap<String, String> = serde_urlencoded::from_bytes(call.body).unwrap_or_default();
    let given = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let missing = |member: &str| ApiError::constraint(member, "null", "Member must not be null");
    let arn = given("RoleArn").ok_or_else(|| missing("roleArn"))?;
    let session = given("RoleSessionName").ok_or_else(|| missing("roleSessionName"))?;
    let session_fits = (2..=64).contains(&session.len())
        && session.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
    if !session_fits {
        let pattern = "Member must satisfy regular expression pattern: [\\w+=,.@-]*";
        return Err(ApiError::constraint("roleSessionName", session, pattern));
    }
    let seconds: i64 = match given("DurationSeconds").map(str::parse) {
        None => 3_600,
        Some(Ok(seconds @ 900..=43_200)) => seconds,
        Some(_) => {
            return Err(ApiError::constraint("durationSeconds", "", "Member must have value between 900 and 43200"));
        }
    };

    let (account, role) =
        parse_role(arn).ok_or_else(|| ApiError::new(400, "ValidationException", format!("{arn} is invalid")))?;
    // AWS tells neither whether the role exists nor whether the external id was wrong.
    let denied = || {
        ApiError::new(
            403,
            "AccessDenied",
            format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}", call.caller.arn),
        )
    };
    let options = &call.simulator.0.options;
    let known = options
        .accounts
        .iter()
        .find(|known| known.id == account)
        .and_then(|known| known.roles.iter().find(|known| known.name == role))
        .ok_or_else(denied)?;
    if known.external_id.is_some() && known.external_id.as_deref() != given("ExternalId") {
        return Err(denied());
    }

    let expires = call.simulator.now() + TimeDelta::seconds(seconds);
    let made = assume(options.seed, account, role, session, expires.timestamp(), call.serial);
    let inner = format!(
        "<AssumedRoleUser><AssumedRoleId>{}:{session}</AssumedRoleId>\
         <Arn>arn:aws:sts::{account}:assumed-role/{role}/{session}</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>",
        role_id(options.seed, account, role),
        made.access_key_id,
        made.secret_access_key,
        made.session_token,
        expires.to_rfc3339_opts(SecondsFormat::Secs, true),
    );
    Ok(wrap(call, "AssumeRole", &inner))
}

/// Account and role name of `arn:aws:iam::123456789012:role/path/name`.
fn parse_role(arn: &str) -> Option<(&str, &str)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let name = path.rsplit('/').next()?;
    (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty()).then_some((account, name))
}
