//! The form that connects an account: what is typed becomes the API's request, under the contract's rules and the few that
//! tie fields together. Pure.

use contract::accounts::CreateAccountRequest;
use domain::account::CredentialKind;
use domain::ids::Region;
use garde::Validate;

use crate::format::rule_words;

/// Regions where AWS offers WorkSpaces, as suggestions; any other code can be typed.
/// Source: AWS General Reference, "Amazon WorkSpaces endpoints and quotas".
pub const SUGGESTED: &[&str] = &[
    "us-east-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "af-south-1",
    "il-central-1",
    "me-central-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "us-gov-west-1",
    "us-gov-east-1",
];

/// What is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The name.
    pub name: String,
    /// The regions taken over so far.
    pub regions: Vec<String>,
    /// What stands in the region field, not taken over yet.
    pub typing: String,
    /// Where the credentials come from.
    pub credentials: CredentialKind,
    /// The role's ARN.
    pub role_arn: String,
    /// The external id.
    pub external_id: String,
    /// The endpoint.
    pub endpoint_url: String,
}

impl Draft {
    /// The request, with what is wrong by field. The request is whole only when nothing is wrong.
    pub fn check(&self) -> (CreateAccountRequest, Vec<(String, String)>) {
        let mut wrong = Vec::new();
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let mut regions: Vec<Region> = Vec::new();
        for text in self.regions.iter().map(String::as_str).chain(parts(&self.typing)) {
            match text.parse::<Region>() {
                Ok(region) if !regions.contains(&region) => regions.push(region),
                Ok(_) => {}
                Err(error) => note(&mut wrong, "regions", &format!("{error}.")),
            }
        }
        if regions.is_empty() && wrong.is_empty() {
            note(&mut wrong, "regions", "Choose at least one region.");
        }
        let role = self.credentials == CredentialKind::Role;
        let request = CreateAccountRequest {
            name: self.name.trim().to_owned(),
            regions,
            credentials: self.credentials,
            role_arn: filled(&self.role_arn).filter(|_| role),
            external_id: filled(&self.external_id).filter(|_| role),
            endpoint_url: filled(&self.endpoint_url),
        };
        if role {
            match request.role_arn.as_deref() {
                None => note(&mut wrong, "role_arn", "Fill this in: the role that Wheelhouse assumes."),
                Some(arn) if !arn.starts_with("arn:") || !arn.contains(":role/") => {
                    note(
                        &mut wrong,
                        "role_arn",
                        "Write the role's ARN, like arn:aws:iam::123456789012:role/wheelhouse.",
                    );
                }
                Some(_) => {}
            }
        }
        match request.endpoint_url.as_deref() {
            None if self.credentials == CredentialKind::Simulated => {
                note(&mut wrong, "endpoint_url", "Fill this in: where the simulated AWS listens.");
            }
            Some(url) if !(url.starts_with("http://") || url.starts_with("https://")) => {
                note(&mut wrong, "endpoint_url", "Write a URL that begins with http:// or https://.");
            }
            _ => {}
        }
        if let Err(report) = request.validate() {
            for (path, error) in report.iter() {
                let field = path.to_string();
                if !wrong.iter().any(|(f, _)| *f == field) {
                    wrong.push((field, rule_words(error.message())));
                }
            }
        }
        (request, wrong)
    }
}

fn note(wrong: &mut Vec<(String, String)>, field: &str, words: &str) {
    wrong.push((field.to_owned(), words.to_owned()));
}

/// The parts of a text that are separated by commas, semicolons or spaces.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', ' ', '\n', '\t']).map(str::trim).filter(|p| !p.is_empty())
}

/// Whether a text ends a region: it holds a separator.
pub fn ends_a_part(text: &str) -> bool {
    text.contains([',', ';', ' ', '\n', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            name: " Demo ".into(),
            regions: vec!["eu-west-1".into()],
            typing: String::new(),
            credentials: CredentialKind::Chain,
            role_arn: String::new(),
            external_id: String::new(),
            endpoint_url: String::new(),
        }
    }

    fn fields(draft: &Draft) -> Vec<String> {
        draft.check().1.into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_whole_draft_is_the_request() {
        let (request, wrong) = Draft { typing: "us-east-1, eu-west-1".into(), ..draft() }.check();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(request.name, "Demo");
        assert_eq!(request.regions.iter().map(Region::as_str).collect::<Vec<_>>(), ["eu-west-1", "us-east-1"]);
        assert_eq!(request.role_arn, None);
    }

    #[test]
    fn each_kind_of_credentials_asks_for_its_own() {
        assert_eq!(fields(&Draft { credentials: CredentialKind::Role, ..draft() }), ["role_arn"]);
        assert_eq!(fields(&Draft { credentials: CredentialKind::Simulated, ..draft() }), ["endpoint_url"]);
        let role =
            Draft { credentials: CredentialKind::Role, role_arn: "arn:aws:iam::123456789012:role/x".into(), ..draft() };
        assert!(fields(&role).is_empty());
        // What another kind was given is not sent along.
        assert_eq!(Draft { credentials: CredentialKind::Chain, ..role }.check().0.role_arn, None);
    }

    #[test]
    fn wrong_fields_are_named() {
        let wrong =
            Draft { name: String::new(), regions: vec!["frankfurt".into()], endpoint_url: "ftp://x".into(), ..draft() };
        assert_eq!(fields(&wrong), ["regions", "endpoint_url", "name"]);
        assert_eq!(fields(&Draft { regions: vec![], ..draft() }), ["regions"]);
    }
}
