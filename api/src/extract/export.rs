//! `Export<T>`: the query string of an export: `format`, and beside it the filters of the table's list as `T`, without its pages.

use axum::extract::FromRequestParts;
use contract::exports::FORMATS;
use domain::export::ExportFormat;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::query::parse;
use crate::error::ApiError;

/// What of a list's query an export has no use for.
const PAGES: [&str; 3] = ["limit", "cursor", "count"];

/// The format, and the list's filters. `T` should `deny_unknown_fields`.
#[derive(Debug, Clone)]
pub struct Export<T> {
    /// In which format.
    pub format: ExportFormat,
    /// Which rows.
    pub query: T,
}

impl<S, T> FromRequestParts<S> for Export<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        split(parts.uri.query().unwrap_or_default())
    }
}

fn split<T: DeserializeOwned>(query: &str) -> Result<Export<T>, ApiError> {
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let (format, filters): (Vec<&str>, Vec<&str>) =
        query.split('&').filter(|pair| !pair.is_empty()).partition(|pair| name(pair) == "format");
    if let Some(page) = PAGES.into_iter().find(|page| filters.iter().any(|pair| name(pair) == *page)) {
        return Err(ApiError::query(page, "unknown", "an export has everything and no pages: leave it out"));
    }
    let asked: contract::exports::ExportQuery = parse(&format.join("&"))?;
    let format = match asked.format.as_deref() {
        None => ExportFormat::Csv,
        Some(text) => text.parse().map_err(|_| {
            let choices = FORMATS.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            ApiError::query("format", "unknown_value", format!("{text:?} is not one of: {choices}"))
        })?,
    };
    Ok(Export { format, query: parse(&filters.join("&"))? })
}

#[cfg(test)]
mod tests {
    use contract::workspaces::WorkspaceQuery;

    use super::*;

    #[test]
    fn the_format_stands_beside_the_filters() {
        let export: Export<WorkspaceQuery> = split("state=STOPPED&format=xlsx&q=a%20b").unwrap();
        assert_eq!(export.format, ExportFormat::Xlsx);
        assert_eq!((export.query.state.as_deref(), export.query.q.as_deref()), (Some("STOPPED"), Some("a b")));
        assert_eq!(split::<WorkspaceQuery>("").unwrap().format, ExportFormat::Csv);
    }

    #[test]
    fn what_can_t_be_is_refused_by_name() {
        let refused = |query: &str| {
            let error = split::<WorkspaceQuery>(query).unwrap_err();
            (error.errors()[0].field.clone(), error.errors()[0].code.clone())
        };
        let pair = |f: &str, c: &str| (f.to_owned(), c.to_owned());
        assert_eq!(refused("format=pdf"), pair("format", "unknown_value"));
        assert_eq!(refused("format=csv&format=json"), pair("format", "duplicate"));
        assert_eq!(refused("limit=5"), pair("limit", "unknown"));
        assert_eq!(refused("state=x&cursor=y"), pair("cursor", "unknown"));
        assert_eq!(refused("count=false"), pair("count", "unknown"));
        assert_eq!(refused("stat=x"), pair("stat", "unknown"));
    }
}
