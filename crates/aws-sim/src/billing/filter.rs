//! Cost Explorer's filter expressions: And, Or, Not, Dimensions, Tags, CostCategories.

use serde_json::Value;

use crate::wire::error::ApiError;

/// Dimensions that can be filtered and grouped by.
pub(crate) const DIMENSIONS: &[&str] = &[
    "AZ",
    "BILLING_ENTITY",
    "INSTANCE_TYPE",
    "LEGAL_ENTITY_NAME",
    "LINKED_ACCOUNT",
    "OPERATING_SYSTEM",
    "OPERATION",
    "PLATFORM",
    "PURCHASE_TYPE",
    "RECORD_TYPE",
    "REGION",
    "SERVICE",
    "TENANCY",
    "USAGE_TYPE",
    "USAGE_TYPE_GROUP",
];

/// A row of costs as filters see it.
pub(crate) trait Row {
    /// The value of a dimension; `None` when the row has none.
    fn dimension(&self, key: &str) -> Option<&str>;
    /// The value of a tag; `None` when untagged.
    fn tag(&self, key: &str) -> Option<&str>;
}

/// A filter, checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Dimension(String, Match),
    Tag(String, Match),
    /// Nothing has a cost category.
    Category(Match),
}

/// Which values are wanted, and how they are compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    values: Vec<String>,
    absent: bool,
    how: How,
    any_case: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Equals,
    StartsWith,
    EndsWith,
    Contains,
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationException", message.into())
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// None or several operators in one expression, one operand of And or Or, an unknown dimension or match option.
    pub(crate) fn read(value: &Value) -> Result<Self, ApiError> {
        let Some(object) = value.as_object().filter(|object| object.len() == 1) else {
            return Err(invalid(
                "Expression must have exactly one of: And, Or, Not, Dimensions, Tags, CostCategories as its root operator.",
            ));
        };
        let Some((operator, operand)) = object.iter().next() else { return Err(invalid("Expression is empty.")) };
        let many = || -> Result<Vec<Self>, ApiError> {
            let list = operand
                .as_array()
                .filter(|list| list.len() >= 2)
                .ok_or_else(|| invalid(format!("{operator} expression must have at least 2 operands")))?;
            list.iter().map(Self::read).collect()
        };
        match operator.as_str() {
            "And" => Ok(Self::All(many()?)),
            "Or" => Ok(Self::Any(many()?)),
            "Not" => Ok(Self::Not(Box::new(Self::read(operand)?))),
            "Dimensions" => {
                let key = operand["Key"].as_str().unwrap_or_default();
                if !DIMENSIONS.contains(&key) {
                    return Err(invalid(format!("Dimension {key} is not supported in a filter.")));
                }
                Ok(Self::Dimension(key.to_owned(), Match::read(operand)?))
            }
            "Tags" => {
                let key = operand["Key"].as_str().ok_or_else(|| invalid("A filter on tags needs a key."))?;
                Ok(Self::Tag(key.to_owned(), Match::read(operand)?))
            }
            "CostCategories" => Ok(Self::Category(Match::read(operand)?)),
            other => Err(invalid(format!("{other} is no operator of an expression."))),
        }
    }

    pub(crate) fn takes(&self, row: &impl Row) -> bool {
        match self {
            Self::All(list) => list.iter().all(|filter| filter.takes(row)),
            Self::Any(list) => list.iter().any(|filter| filter.takes(row)),
            Self::Not(filter) => !filter.takes(row),
            Self::Dimension(key, wanted) => wanted.takes(row.dimension(key)),
            Self::Tag(key, wanted) => wanted.takes(row.tag(key)),
            Self::Category(wanted) => wanted.takes(None),
        }
    }

    /// The tag keys it asks for.
    pub(crate) fn tag_keys(&self, keys: &mut Vec<String>) {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|filter| filter.tag_keys(keys)),
            Self::Not(filter) => filter.tag_keys(keys),
            Self::Tag(key, _) if !keys.contains(key) => keys.push(key.clone()),
            Self::Tag(..) | Self::Dimension(..) | Self::Category(_) => {}
        }
    }
}

impl Match {
    fn read(value: &Value) -> Result<Self, ApiError> {
        let texts = |name: &str| -> Vec<String> {
            let list = value[name].as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let mut wanted = Self { values: texts("Values"), absent: false, how: How::Equals, any_case: false };
        for option in texts("MatchOptions") {
            match option.as_str() {
                "EQUALS" => wanted.how = How::Equals,
                "STARTS_WITH" => wanted.how = How::StartsWith,
                "ENDS_WITH" => wanted.how = How::EndsWith,
                "CONTAINS" => wanted.how = How::Contains,
                "ABSENT" => wanted.absent = true,
                "CASE_INSENSITIVE" => wanted.any_case = true,
                "CASE_SENSITIVE" => wanted.any_case = false,
                other => return Err(invalid(format!("Match option {other} is not supported."))),
            }
        }
        if wanted.values.is_empty() && !wanted.absent {
            return Err(invalid("A filter needs values."));
        }
        Ok(wanted)
    }

    fn takes(&self, value: Option<&str>) -> bool {
        let Some(value) = value else {
            // Untagged is the empty value, too.
            return self.absent || self.values.iter().any(String::is_empty);
        };
        let fold = |text: &str| if self.any_case { text.to_lowercase() } else { text.to_owned() };
        let value = fold(value);
        self.values.iter().map(|wanted| fold(wanted)).any(|wanted| match self.how {
            How::Equals => value == wanted,
            How::StartsWith => value.starts_with(&wanted),
            How::EndsWith => value.ends_with(&wanted),
            How::Contains => value.contains(&wanted),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct One;

    impl Row for One {
        fn dimension(&self, key: &str) -> Option<&str> {
            (key == "SERVICE").then_some("Amazon WorkSpaces")
        }

        fn tag(&self, key: &str) -> Option<&str> {
            (key == "Team").then_some("Finance")
        }
    }

    fn takes(expression: &Value) -> bool {
        Filter::read(expression).unwrap().takes(&One)
    }

    #[test]
    fn expressions_nest() {
        let service = |name: &str| json!({ "Dimensions": { "Key": "SERVICE", "Values": [name] } });
        let team = |name: &str| json!({ "Tags": { "Key": "Team", "Values": [name] } });
        let (yes, no) = (service("Amazon WorkSpaces"), service("AmazonCloudWatch"));
        assert!(takes(&yes) && !takes(&no));
        assert!(takes(&json!({ "And": [yes, team("Finance")] })));
        assert!(!takes(&json!({ "And": [yes, team("Design")] })));
        assert!(takes(&json!({ "Or": [no, team("Finance")] })));
        assert!(takes(&json!({ "Not": no })));
        let untagged = json!({ "Tags": { "Key": "Owner", "MatchOptions": ["ABSENT"] } });
        assert!(takes(&untagged) && takes(&json!({ "Tags": { "Key": "Owner", "Values": [""] } })));
        assert!(takes(&json!({ "Tags": { "Key": "Team", "Values": ["fin"],
            "MatchOptions": ["STARTS_WITH", "CASE_INSENSITIVE"] } })));
    }

    #[test]
    fn wrong_expressions_are_refused() {
        for wrong in [
            json!({}),
            json!({ "And": [{ "Tags": { "Key": "Team", "Values": ["x"] } }] }),
            json!({ "Dimensions": { "Key": "COLOUR", "Values": ["red"] } }),
            json!({ "Dimensions": { "Key": "SERVICE" } }),
            json!({ "Tags": { "Key": "a", "Values": ["b"] }, "Not": {} }),
            json!({ "Tags": { "Key": "a", "Values": ["b"], "MatchOptions": ["SOMEHOW"] } }),
            json!({ "Xor": [] }),
        ] {
            assert_eq!(Filter::read(&wrong).unwrap_err().code, "ValidationException", "{wrong}");
        }
    }
}
