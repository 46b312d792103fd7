//! Reading and checking input: the service model's constraints (lengths, ranges, patterns), with AWS's messages.
//!
//! Rules between members belong to the operation, not here.

use serde::de::DeserializeOwned;

use crate::wire::{
    error::ApiError,
    page::{Pager, Position},
};

/// Reads the JSON body; an empty body is an empty object.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        if let Some(member) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            let member = lower_first(member);
            return ApiError::new(
                400,
                "ValidationException",
                format!(
                    "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
                ),
            );
        }
        ApiError::new(400, "SerializationException", "The request body could not be read.")
    })
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// A list of `least` to `most` items.
pub(super) fn count(member: &str, length: usize, least: usize, most: usize) -> Result<(), ApiError> {
    let breaks = |constraint: String| Err(ApiError::constraint(member, &format!("[{length} items]"), &constraint));
    if length < least {
        breaks(format!("Member must have length greater than or equal to {least}"))
    } else if length > most {
        breaks(format!("Member must have length less than or equal to {most}"))
    } else {
        Ok(())
    }
}

/// `prefix` and then 8 to 63 lower-case letters and digits.
pub(super) fn id(member: &str, value: &str, prefix: &str) -> Result<(), ApiError> {
    let good = value.strip_prefix(prefix).is_some_and(|rest| {
        (8..=63).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    });
    if good {
        Ok(())
    } else {
        let pattern = format!("Member must satisfy regular expression pattern: ^{prefix}[0-9a-z]{{8,63}}$");
        Err(ApiError::constraint(member, value, &pattern))
    }
}

/// Up to 25 WorkSpace ids.
pub(super) fn workspace_ids(ids: &[String]) -> Result<(), ApiError> {
    count("workspaceIds", ids.len(), 1, 25)?;
    ids.iter().try_for_each(|value| id("workspaceIds", value, "ws-"))
}

/// `Limit`: 1 to 25, 25 when missing.
pub(super) fn limit(limit: Option<i64>) -> Result<usize, ApiError> {
    match limit {
        None => Ok(25),
        Some(limit @ 1..=25) => Ok(limit as usize),
        Some(limit) if limit < 1 => {
            Err(ApiError::constraint("limit", &limit.to_string(), "Member must have value greater than or equal to 1"))
        }
        Some(limit) => {
            Err(ApiError::constraint("limit", &limit.to_string(), "Member must have value less than or equal to 25"))
        }
    }
}

/// The position a token names; `None` for the first page.
pub(super) fn position(pager: Pager, token: Option<&str>) -> Result<Option<Position>, ApiError> {
    token
        .map(|token| {
            pager
                .position(token)
                .ok_or_else(|| ApiError::invalid_values("The NextToken value that you provided is invalid."))
        })
        .transpose()
}

/// One page out of rows with their ordinals, and the token of the next page, if there is one.
pub(super) fn take_page<T>(
    rows: impl Iterator<Item = (u32, T)>,
    pager: Pager,
    position: Option<Position>,
    size: usize,
) -> (Vec<T>, Option<String>) {
    let mut page = Vec::with_capacity(size);
    let mut last = 0;
    for (ordinal, row) in rows {
        if page.len() == size {
            let number = position.map_or(1, |position| position.page);
            return (page, Some(pager.token(Position { after: last, page: number + 1 })));
        }
        last = ordinal;
        page.push(row);
    }
    (page, None)
}
