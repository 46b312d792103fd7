//! Exports in the document: each takes the filters of its table's list, but no pages, and the names of the formats.

use std::collections::BTreeMap;

use contract::exports::FORMATS;
use contract::paths;
use domain::usage::Comparison;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema as _};

use super::choices::{all, restrict, sorts};

/// Files of lists that are sorted as that of directories is.
const PLACES: [&str; 3] = [paths::EXPORT_DIRECTORIES, paths::EXPORT_BUNDLES, paths::EXPORT_IMAGES];

/// Finishes the parameters of every export.
pub(super) fn finish(document: &mut Document) {
    for (path, item) in &mut document.paths.paths {
        if !path.starts_with(paths::EXPORTS) {
            continue;
        }
        let Some(parameters) = item.get.as_mut().and_then(|operation| operation.parameters.as_mut()) else { continue };
        let of_pages = |name: &str| ["limit", "cursor", "count"].contains(&name);
        parameters.retain(|one| !matches!(one, RefOr::T(one) if of_pages(&one.name)));
        for parameter in parameters {
            let RefOr::T(parameter) = parameter else { continue };
            let names = match parameter.name.as_str() {
                "format" => FORMATS.iter().map(ToString::to_string).collect(),
                "compare" => all(Comparison::ALL),
                "order" => contract::usage::ORDERS.iter().map(ToString::to_string).collect(),
                "by" if path == paths::EXPORT_COST_ESTIMATES => all(contract::costs::ESTIMATE_GROUPS),
                "reckoned" => all(contract::costs::RECKONED),
                "sort" if path == paths::EXPORT_USERS => sorts(contract::users::USER_SORTS),
                "sort" if path == paths::EXPORT_API_KEYS => sorts(&contract::api_keys::KEY_SORTS),
                "sort" if PLACES.contains(&path.as_str()) => sorts(&contract::places::PLACE_SORTS),
                "sort" if path == paths::EXPORT_QUOTAS => sorts(&contract::places::QUOTA_SORTS),
                "sort" => sorts(contract::workspaces::SORTS),
                _ => continue,
            };
            if let Some(schema) = parameter.schema.as_mut() {
                restrict(schema, &names);
            }
        }
    }
}

/// The file of an export or of a report, in each of its formats.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExportedFile {}

impl IntoResponses for ExportedFile {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let text = || RefOr::T(Schema::from(ObjectBuilder::new().schema_type(Type::String)));
        let rows = ArrayBuilder::new().items(Ref::from_schema_name(ExportedRow::name()));
        let kinds = [
            ("text/csv; charset=utf-8", text()),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", text()),
            ("application/json", RefOr::T(Schema::from(rows))),
            ("application/jsonl", text()),
        ];
        let file = kinds.into_iter().fold(ResponseBuilder::new().description("The file."), |file, (kind, schema)| {
            file.content(kind, ContentBuilder::new().schema(Some(schema)).build())
        });
        BTreeMap::from([("200".to_owned(), RefOr::T(file.build()))])
    }
}

/// A row of a table: each column by its key. For the document; rows are written by `services::exports`.
#[derive(Debug, utoipa::ToSchema)]
pub(crate) struct ExportedRow {}
