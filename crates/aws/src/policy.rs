//! The least-privilege IAM policy, made from the operations that this crate really calls. Not a policy for the role's
//! trust: who may assume it is the account owner's decision.
//! To add an operation: its constant beside its method in `client/`, and its line in [`OPERATIONS`].

use crate::client::{actions, costs, directory, metrics, prices, quotas, sts, trail, workspaces};

/// Where Cost Explorer and the Price List are called, for all regions.
pub(crate) const GLOBAL_REGION: &str = "us-east-1";

/// Whether a call changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Read,
    /// It changes something, so that it is never repeated while its outcome is unknown.
    Act,
}

/// An operation that this crate calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Its name as IAM writes it, such as `workspaces:DescribeTags`; also the permission it needs.
    pub action: &'static str,
    /// Whether it changes something.
    pub effect: Effect,
    /// The one region whose endpoint offers it, for all regions; `None`: each region has its own.
    pub home: Option<&'static str>,
}

impl Operation {
    pub(crate) const fn read(action: &'static str) -> Self {
        Self { action, effect: Effect::Read, home: None }
    }

    /// A reading operation that is called in [`GLOBAL_REGION`] whatever the region.
    pub(crate) const fn read_global(action: &'static str) -> Self {
        Self { action, effect: Effect::Read, home: Some(GLOBAL_REGION) }
    }

    pub(crate) const fn act(action: &'static str) -> Self {
        Self { action, effect: Effect::Act, home: None }
    }
}

/// Every operation that this crate calls with an account's credentials. (`sts:AssumeRole` is called with the base
/// credentials, and granted by the role's trust policy and the base identity's own policy.)
pub const OPERATIONS: &[Operation] = &[
    sts::GET_CALLER_IDENTITY,
    workspaces::DESCRIBE_WORKSPACES,
    workspaces::DESCRIBE_CONNECTION_STATUS,
    workspaces::DESCRIBE_DIRECTORIES,
    workspaces::DESCRIBE_BUNDLES,
    workspaces::DESCRIBE_IMAGES,
    workspaces::DESCRIBE_TAGS,
    directory::DESCRIBE_DIRECTORIES,
    metrics::GET_METRIC_DATA,
    trail::LOOKUP_EVENTS,
    costs::GET_COST_AND_USAGE,
    prices::GET_PRODUCTS,
    quotas::LIST_SERVICE_QUOTAS,
    actions::START,
    actions::STOP,
    actions::REBOOT,
    actions::REBUILD,
    actions::RESTORE,
    actions::TERMINATE,
    actions::MODIFY,
    actions::CREATE_TAGS,
    actions::DELETE_TAGS,
];

/// The IAM policy document, JSON with two spaces of indentation, that a role needs: everything, or only what looks.
#[must_use]
pub fn iam_policy(read_only: bool) -> String {
    let actions = |effect: Effect| -> Vec<&str> {
        OPERATIONS.iter().filter(|operation| operation.effect == effect).map(|operation| operation.action).collect()
    };
    let statement = |sid: &str, actions: &[&str]| serde_json::json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" });
    let mut statements = vec![statement("WheelhouseRead", &actions(Effect::Read))];
    if !read_only {
        statements.push(statement("WheelhouseAct", &actions(Effect::Act)));
    }
    let document = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
    format!("{document:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_allows_nothing_that_acts() {
        let policy = iam_policy(true);
        assert!(policy.contains("workspaces:DescribeWorkspaces\"") && policy.contains("ds:DescribeDirectories"));
        for verb in ["Start", "Stop", "Reboot", "Rebuild", "Terminate"] {
            assert!(!policy.contains(&format!("workspaces:{verb}")), "{policy}");
            assert!(iam_policy(false).contains(&format!("workspaces:{verb}Workspaces")));
        }
        for action in ["RestoreWorkspace", "ModifyWorkspaceProperties", "CreateTags", "DeleteTags"] {
            let action = format!("\"workspaces:{action}\"");
            assert!(!policy.contains(&action) && iam_policy(false).contains(&action), "{action}");
        }
    }

    #[test]
    fn the_document_is_json_without_wildcard_actions() {
        let document: serde_json::Value = serde_json::from_str(&iam_policy(false)).unwrap();
        assert_eq!(document["Version"], "2012-10-17");
        let actions: Vec<_> = document["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|s| s["Action"].as_array().unwrap().clone())
            .collect();
        assert_eq!(actions.len(), OPERATIONS.len());
        assert!(actions.iter().all(|a| a.as_str().is_some_and(|a| a.contains(':') && !a.contains('*'))));
    }
}
