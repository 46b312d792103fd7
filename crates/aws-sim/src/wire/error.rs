//! Errors as AWS writes them: `__type` and a message in JSON and CBOR, XML in Query.
//!
//! It holds the codes and their HTTP status; what makes them happen is in `ops`. Add a constructor per code.

use std::borrow::Cow;

use serde_json::json;

use super::tree::Tree;

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) resource_id: Option<String>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), resource_id: None }
    }

    pub(crate) fn invalid_values(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "InvalidParameterValuesException", message)
    }

    pub(crate) fn invalid_state(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "InvalidResourceStateException", message)
    }

    /// A member breaks a constraint of the service model.
    pub(crate) fn constraint(member: &str, value: &str, constraint: &str) -> Self {
        Self::new(
            400,
            "ValidationException",
            format!(
                "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
            ),
        )
    }

    pub(crate) fn not_found(resource_id: &str) -> Self {
        Self {
            resource_id: Some(resource_id.to_owned()),
            ..Self::new(400, "ResourceNotFoundException", format!("The resource {resource_id} could not be found."))
        }
    }

    pub(crate) fn throttled() -> Self {
        Self::new(400, "ThrottlingException", "Rate exceeded")
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "InternalServerException", "An internal failure occurred. Try your request again.")
    }

    pub(crate) fn denied(principal: &str, action: &str, resource: &str) -> Self {
        Self::new(
            400,
            "AccessDeniedException",
            format!(
                "User: {principal} is not authorized to perform: {action} on resource: {resource} because no \
                 identity-based policy allows the {action} action"
            ),
        )
    }

    /// The body in JSON protocols.
    pub(crate) fn json(&self) -> Vec<u8> {
        let mut body = json!({ "__type": self.code, "message": self.message });
        if let Some(resource_id) = &self.resource_id {
            body["ResourceId"] = json!(resource_id);
        }
        body.to_string().into_bytes()
    }

    /// The body in CBOR.
    pub(crate) fn tree(&self) -> Tree<'_> {
        Tree::Map(vec![
            ("__type", Tree::text(format!("com.amazonaws.cloudwatch#{}", self.code))),
            ("message", Tree::text(self.message.as_ref())),
        ])
    }

    /// The code in the Query protocol and whose fault it is, for clients that moved on from it.
    pub(crate) fn query_code(&self) -> String {
        format!("{};{}", self.short_code(), self.fault())
    }

    fn short_code(&self) -> &'static str {
        self.code.strip_suffix("Exception").unwrap_or(self.code)
    }

    fn fault(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }

    /// The body in the Query protocol, where codes lack the ending.
    pub(crate) fn xml(&self, namespace: &str, request_id: &str) -> String {
        let code = self.short_code();
        format!(
            "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{}</Type><Code>{}</Code>\
             <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            self.fault(),
            escape(code),
            escape(&self.message),
        )
    }
}

/// Text for XML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
