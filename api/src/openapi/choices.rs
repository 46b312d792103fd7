//! Texts of which only some are taken: their names go into the document as `enum`, out of the very lists that requests are checked
//! against. Not lists separated by commas: those are texts with a grammar of their own.
//! To add one: a line in [`FIELDS`] or [`PARAMETERS`].

use contract::paths;
use domain::access::{Permission, Role};
use domain::account::CredentialKind;
use domain::activity::ActivitySource;
use domain::audit::Outcome;
use domain::reports::{ReportFormat, ReportFrequency, ReportSpan, ReportTemplate};
use domain::requests::RequestKind;
use domain::usage::Comparison;
use domain::views::ViewPage;
use domain::workspace::{ComputeType, RunningMode, Volume};
use serde_json::Value;
use utoipa::openapi::schema::{ArrayItems, Object, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi as Document, RefOr};

/// The names that are taken.
type Names = fn() -> Vec<String>;

/// A request's schema, its field, the names that the field, or each of its items, may be.
const FIELDS: [(&str, &str, Names); 18] = [
    ("CreateBudgetRequest", "reach", || all(&contract::budgets::REACHES)),
    ("CreateAccountRequest", "credentials", || all(CredentialKind::ALL)),
    ("GrantBody", "role", || all(Role::ALL)),
    ("GrantBody", "reach", || all(&contract::users::REACHES)),
    ("CreateApiKeyRequest", "permissions", || all(Permission::ALL)),
    ("CreateRoleRequest", "permissions", || all(Permission::ALL)),
    ("CreateRequestRequest", "kind", || all(RequestKind::ALL)),
    ("UpdateRoleRequest", "permissions", || all(Permission::ALL)),
    ("CreateViewRequest", "page", || all(ViewPage::ALL)),
    ("CreateReportRequest", "template", || all(ReportTemplate::ALL)),
    ("CreateReportRequest", "span", || all(ReportSpan::ALL)),
    ("CreateReportRequest", "format", || all(ReportFormat::ALL)),
    ("CreateReportRequest", "frequency", || all(ReportFrequency::ALL)),
    ("PreviewReportRequest", "template", || all(ReportTemplate::ALL)),
    ("PreviewReportRequest", "span", || all(ReportSpan::ALL)),
    ("SetRunningModeRequest", "running_mode", || all(RunningMode::KNOWN)),
    ("SetComputeTypeRequest", "compute_type", || all(ComputeType::KNOWN)),
    ("GrowVolumeRequest", "volume", || all(Volume::ALL)),
];

/// The path of a GET, its parameter, the names that it may be.
const PARAMETERS: [(&str, &str, Names); 17] = [
    (paths::ACTIVITY, "source", || all(ActivitySource::ALL)),
    (paths::ACTIVITY, "outcome", || all(Outcome::ALL)),
    (paths::COSTS_ESTIMATES, "by", || all(contract::costs::ESTIMATE_GROUPS)),
    (paths::COSTS_WORKSPACES, "reckoned", || all(contract::costs::RECKONED)),
    (paths::COSTS_WORKSPACES, "sort", || sorts(contract::workspaces::SORTS)),
    (paths::USERS, "sort", || sorts(contract::users::USER_SORTS)),
    (paths::API_KEYS, "sort", || sorts(&contract::api_keys::KEY_SORTS)),
    (paths::DIRECTORIES, "sort", || sorts(&contract::places::PLACE_SORTS)),
    (paths::BUNDLES, "sort", || sorts(&contract::places::PLACE_SORTS)),
    (paths::IMAGES, "sort", || sorts(&contract::places::PLACE_SORTS)),
    (paths::QUOTAS, "sort", || sorts(&contract::places::QUOTA_SORTS)),
    (paths::USAGE_GROUPS, "compare", || all(Comparison::ALL)),
    (paths::USAGE_SUMMARY, "compare", || all(Comparison::ALL)),
    (paths::USAGE_TREND, "compare", || all(Comparison::ALL)),
    (paths::USAGE_RANKING, "order", || all(contract::usage::ORDERS)),
    (paths::WORKSPACES, "sort", || sorts(contract::workspaces::SORTS)),
    (paths::WORKSPACE_FACETS, "sort", || sorts(contract::workspaces::SORTS)),
];

pub(super) fn all<T: ToString>(choices: &[T]) -> Vec<String> {
    choices.iter().map(ToString::to_string).collect()
}

/// Each column, ascending and descending.
pub(super) fn sorts(columns: &[&str]) -> Vec<String> {
    columns.iter().flat_map(|column| [(*column).to_owned(), format!("-{column}")]).collect()
}

/// Writes the names into the document. A line of a table that fits nothing there is ignored here and found by a test.
pub(super) fn name(document: &mut Document) -> Vec<String> {
    let mut unknown = Vec::new();
    for (schema, field, names) in FIELDS {
        let schemas = document.components.as_mut().map(|components| &mut components.schemas);
        let found = schemas.and_then(|schemas| schemas.get_mut(schema)).and_then(|schema| match schema {
            RefOr::T(Schema::Object(object)) => object.properties.get_mut(field),
            _ => None,
        });
        if !found.is_some_and(|schema| restrict(schema, &names())) {
            unknown.push(format!("{schema}.{field}"));
        }
    }
    for (path, parameter, names) in PARAMETERS {
        let operation = document.paths.paths.get_mut(path).and_then(|item| item.get.as_mut());
        let parameters = operation.and_then(|operation| operation.parameters.as_mut());
        let found = parameters.into_iter().flatten().find_map(|one| match one {
            RefOr::T(one) if one.name == parameter => one.schema.as_mut(),
            _ => None,
        });
        if !found.is_some_and(|schema| restrict(schema, &names())) {
            unknown.push(format!("{path}?{parameter}"));
        }
    }
    unknown
}

/// Whether there was a text to restrict, or a list of texts.
pub(super) fn restrict(schema: &mut RefOr<Schema>, names: &[String]) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            let values =
                names.iter().map(|name| Value::from(name.clone())).chain(may_be_null(object).then_some(Value::Null));
            object.enum_values = Some(values.collect());
            true
        }
        RefOr::T(Schema::Array(array)) => match &mut array.items {
            ArrayItems::RefOrSchema(items) => restrict(items, names),
            ArrayItems::False => false,
        },
        _ => false,
    }
}

fn may_be_null(object: &Object) -> bool {
    matches!(&object.schema_type, SchemaType::Array(types) if types.contains(&Type::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_about_something() {
        let mut document = crate::router::document();
        assert_eq!(name(&mut document), Vec::<String>::new());
        let text = document.to_json().unwrap();
        for named in
            [r#""-last_connected_at""#, r#""jsonl""#, r#""audit:export""#, r#""simulated""#, r#""member",null]"#]
        {
            assert!(text.contains(named), "{named}");
        }
    }
}
