//! Exports in the document: each takes the filters of its table's list, but no pages, and the names of the formats.

use contract::exports::FORMATS;
use contract::paths;
use utoipa::openapi::{OpenApi as Document, RefOr};

use super::choices::{restrict, sorts};

/// Finishes the parameters of every export.
pub(super) fn finish(document: &mut Document) {
    for (path, item) in &mut document.paths.paths {
        if !path.starts_with(paths::EXPORTS) {
            continue;
        }
        let Some(parameters) = item.get.as_mut().and_then(|operation| operation.parameters.as_mut()) else { continue };
        parameters.retain(|one| !matches!(one, RefOr::T(one) if one.name == "limit" || one.name == "cursor"));
        for parameter in parameters {
            let RefOr::T(parameter) = parameter else { continue };
            let names = match parameter.name.as_str() {
                "format" => FORMATS.iter().map(ToString::to_string).collect(),
                "outcome" if path == paths::EXPORT_TRAIL => contract::trail::OUTCOMES.map(str::to_owned).to_vec(),
                "sort" if path == paths::EXPORT_USERS => sorts(contract::users::USER_SORTS),
                "sort" => sorts(contract::workspaces::SORTS),
                _ => continue,
            };
            if let Some(schema) = parameter.schema.as_mut() {
                restrict(schema, &names);
            }
        }
    }
}

/// A row of a table: each column by its key. For the document; rows are written by `services::exports`.
#[derive(Debug, utoipa::ToSchema)]
pub(crate) struct ExportedRow {}
