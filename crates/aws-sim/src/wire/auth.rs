//! Who asks, and for which region: read from the SigV4 `Authorization` header. The signature itself is not checked.
//!
//! Any access key id belongs to the default account, unless an account names it. Keys from `AssumeRole` say what they
//! stand for in their session token, so that they outlive a restart of the simulator.

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::error::ApiError;
use crate::{
    options::SimAccount,
    rng::{CAPITALS, Rng, hash},
};

/// The one who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
}

/// Credentials of an assumed role.
#[derive(Debug)]
pub(crate) struct Assumed {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

const TOKEN_MARK: &str = "wheelhouse-sim-session";

/// Makes the credentials for a role session that ends at `expires` (Unix seconds).
pub(crate) fn assume(seed: u64, account: &str, role: &str, session: &str, expires: i64, serial: u64) -> Assumed {
    let mut rng = Rng::from_parts(seed ^ serial, &format!("assume {account} {role} {session}"));
    let access_key_id = format!("ASIA{}", rng.text(CAPITALS, 16));
    let plain = format!("{TOKEN_MARK}|{access_key_id}|{account}|{role}|{session}|{expires}");
    let token = format!("{plain}|{:016x}", hash(seed, &plain));
    Assumed { access_key_id, secret_access_key: rng.text(CAPITALS, 40), session_token: URL_SAFE_NO_PAD.encode(token) }
}

/// Reads the headers.
///
/// # Errors
/// No or an unreadable `Authorization`, temporary keys without a token that fits, an expired token.
pub(crate) fn caller(headers: &HeaderMap, accounts: &[SimAccount], seed: u64, now: i64) -> Result<Caller, ApiError> {
    let header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| ApiError::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token"))?;
    let scope = header
        .strip_prefix("AWS4-HMAC-SHA256")
        .and_then(|rest| rest.split_once("Credential="))
        .and_then(|(_, rest)| rest.split([',', ' ']).next())
        .ok_or_else(|| incomplete("Authorization header requires 'Credential' parameter."))?;
    // The key id may hold slashes in theory; the scope is always the last four parts.
    let parts: Vec<&str> = scope.rsplitn(5, '/').collect();
    let [_terminator, _service, region, _date, key] = parts[..] else {
        return Err(incomplete("Credential must have exactly 5 slash-delimited elements."));
    };
    if key.starts_with("ASIA") {
        let token = headers.get("x-amz-security-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
        return assumed_caller(key, token, region, seed, now);
    }
    let account = accounts
        .iter()
        .find(|account| account.access_key_ids.iter().any(|id| id == key))
        .or_else(|| accounts.first())
        .map_or(crate::options::DEFAULT_ACCOUNT, |account| &account.id);
    Ok(Caller {
        account: account.to_owned(),
        region: region.to_owned(),
        arn: format!("arn:aws:iam::{account}:user/wheelhouse"),
        user_id: format!("AIDA{}", Rng::from_parts(seed, &format!("user {account}")).text(CAPITALS, 17)),
    })
}

fn assumed_caller(key: &str, token: &str, region: &str, seed: u64, now: i64) -> Result<Caller, ApiError> {
    let invalid =
        || ApiError::new(403, "UnrecognizedClientException", "The security token included in the request is invalid.");
    let decoded =
        URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)?;
    let (plain, proof) = decoded.rsplit_once('|').ok_or_else(invalid)?;
    if proof != format!("{:016x}", hash(seed, plain)) {
        return Err(invalid());
    }
    let fields: Vec<&str> = plain.split('|').collect();
    let [TOKEN_MARK, token_key, account, role, session, expires] = fields[..] else { return Err(invalid()) };
    if token_key != key {
        return Err(invalid());
    }
    if expires.parse::<i64>().map_err(|_| invalid())? <= now {
        return Err(ApiError::new(
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ));
    }
    Ok(Caller {
        account: account.to_owned(),
        region: region.to_owned(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
        user_id: format!("{}:{session}", role_id(seed, account, role)),
    })
}

/// The unique id of a role, `AROA…`.
pub(crate) fn role_id(seed: u64, account: &str, role: &str) -> String {
    format!("AROA{}", Rng::from_parts(seed, &format!("role {account} {role}")).text(CAPITALS, 17))
}

fn incomplete(message: &'static str) -> ApiError {
    ApiError::new(400, "IncompleteSignatureException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(key: &str, token: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260114/eu-central-1/workspaces/aws4_request, SignedHeaders=host, Signature=0"
        );
        headers.insert("authorization", value.parse().unwrap());
        if let Some(token) = token {
            headers.insert("x-amz-security-token", token.parse().unwrap());
        }
        headers
    }

    #[test]
    fn keys_belong_to_accounts() {
        let mut second = SimAccount::new("222222222222");
        second.access_key_ids.push("AKIASECOND".to_owned());
        let accounts = [SimAccount::new("111111111111"), second];
        let account = |key| caller(&headers(key, None), &accounts, 1, 0).map(|c| (c.account, c.region));
        assert_eq!(account("AKIAANY"), Ok(("111111111111".to_owned(), "eu-central-1".to_owned())));
        assert_eq!(account("AKIASECOND"), Ok(("222222222222".to_owned(), "eu-central-1".to_owned())));
        assert_eq!(caller(&HeaderMap::new(), &accounts, 1, 0).unwrap_err().status, 403);
    }

    #[test]
    fn assumed_keys_carry_their_role_until_they_expire() {
        let made = assume(1, "333333333333", "Reader", "sync", 1_000, 1);
        let ask = |token: Option<&str>, now| caller(&headers(&made.access_key_id, token), &[], 1, now);
        let good = ask(Some(&made.session_token), 999).unwrap();
        assert_eq!(good.arn, "arn:aws:sts::333333333333:assumed-role/Reader/sync");
        assert_eq!(ask(Some(&made.session_token), 1_000).unwrap_err().code, "ExpiredTokenException");
        assert_eq!(ask(None, 0).unwrap_err().code, "UnrecognizedClientException");
        let other = assume(1, "333333333333", "Reader", "sync", 1_000, 2);
        assert_ne!(other.session_token, made.session_token);
        assert_eq!(ask(Some(&other.session_token), 0).unwrap_err().code, "UnrecognizedClientException");
        assert!(caller(&headers(&made.access_key_id, Some(&made.session_token)), &[], 2, 0).is_err(), "another seed");
    }
}
