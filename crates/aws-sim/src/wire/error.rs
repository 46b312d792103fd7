//! Errors as AWS writes them: JSON with `__type` for WorkSpaces and Directory Service, XML for STS.
//!
//! It holds the codes and their HTTP status; what makes them happen is in `ops`. Add a constructor per code.

use std::borrow::Cow;

use serde_json::json;

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

    /// The body in the Query protocol, where codes lack the ending.
    pub(crate) fn xml(&self, request_id: &str) -> String {
        let code = self.code.strip_suffix("Exception").unwrap_or(self.code);
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>{}</Type><Code>{}</Code>\
             <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            if self.status < 500 { "Sender" } else { "Receiver" },
            escape(code),
            escape(&self.message),
        )
    }
}

/// Text for XML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
