//! Where the browser fetches tables as files.

use serde::Serialize;

use crate::format::query_pairs;

/// The address of a table's export with the filters of its list, without the pages; the format comes after it.
pub fn href(path: &str, query: &impl Serialize) -> String {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let kept: Vec<_> = query_pairs(&query).into_iter().filter(|(key, _)| key != "limit" && key != "cursor").collect();
    let mut query = serde_urlencoded::to_string(kept).unwrap_or_default();
    if !query.is_empty() {
        query.push('&');
    }
    format!("{path}?{query}format=")
}

#[cfg(test)]
mod tests {
    use contract::workspaces::WorkspaceQuery;

    use super::href;

    #[test]
    fn filters_go_along_and_pages_do_not() {
        let query = WorkspaceQuery {
            q: Some("ada & co".to_owned()),
            limit: Some(100),
            cursor: Some("abc".to_owned()),
            ..WorkspaceQuery::default()
        };
        assert_eq!(href("/x", &query), "/x?q=ada+%26+co&format=");
        assert_eq!(href("/x", &WorkspaceQuery::default()), "/x?format=");
        assert_eq!(href("/x", &()), "/x?format=", "a list without filters");
    }
}
