//! Opaque page tokens.
//!
//! A token names the last row that was given out, not a number of rows to skip: rows that disappear meanwhile make no
//! later row be missed. It also names the list it belongs to (operation, account, region, filters) and the page's
//! number, and is sealed, so that a made-up or misplaced token is refused as at AWS.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::rng::hash;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The last row of the page before.
    pub(crate) after: u32,
    /// Number of the page that begins here; the first page has no token and is 1.
    pub(crate) page: u32,
}

/// A list that is paged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pager {
    seed: u64,
    list: u64,
}

impl Pager {
    /// `filters` is any text that differs when the list differs.
    pub(crate) fn new(seed: u64, operation: &str, account: &str, region: &str, filters: &str) -> Self {
        Self { seed, list: hash(seed, &format!("{operation}|{account}|{region}|{filters}")) }
    }

    pub(crate) fn token(&self, position: Position) -> String {
        let plain = format!("{}.{}.{:016x}", position.page, position.after, self.list);
        STANDARD.encode(format!("{plain}.{:016x}", hash(self.seed, &plain)))
    }

    /// `None` when the token is not one of this list.
    pub(crate) fn position(&self, token: &str) -> Option<Position> {
        let (position, list) = unseal(self.seed, token)?;
        (list == self.list).then_some(position)
    }
}

/// The number of the page a token asks for; 1 when there is none.
pub(crate) fn page_number(seed: u64, token: Option<&str>) -> u32 {
    token.and_then(|token| unseal(seed, token)).map_or(1, |(position, _)| position.page)
}

fn unseal(seed: u64, token: &str) -> Option<(Position, u64)> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let (plain, proof) = text.rsplit_once('.')?;
    if proof != format!("{:016x}", hash(seed, plain)) {
        return None;
    }
    let mut parts = plain.split('.');
    let page = parts.next()?.parse().ok()?;
    let after = parts.next()?.parse().ok()?;
    let list = u64::from_str_radix(parts.next()?, 16).ok()?;
    Some((Position { after, page }, list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_by_their_own_list_alone() {
        let pager = Pager::new(1, "DescribeWorkspaces", "1", "us-east-1", "");
        let position = Position { after: 24, page: 2 };
        let token = pager.token(position);
        assert_eq!(pager.position(&token), Some(position));
        assert_eq!(page_number(1, Some(&token)), 2);
        assert_eq!(page_number(1, None), 1);
        for other in [
            Pager::new(2, "DescribeWorkspaces", "1", "us-east-1", ""),
            Pager::new(1, "DescribeWorkspaces", "2", "us-east-1", ""),
            Pager::new(1, "DescribeWorkspaces", "1", "us-east-1", "d-1"),
        ] {
            assert_eq!(other.position(&token), None);
        }
        for bad in ["", "x", "bm90IGEgdG9rZW4=", &token[1..]] {
            assert_eq!(pager.position(bad), None, "{bad}");
        }
    }
}
