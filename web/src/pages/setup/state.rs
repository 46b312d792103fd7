//! The form of the first run: its rules are the contract's, in words.

use contract::session::CreateOwnerRequest;
use garde::Validate;

use crate::format::{query_pairs, rule_words};

/// What the rules say about a request, by field.
pub fn problems(request: &CreateOwnerRequest) -> Vec<(String, String)> {
    match request.validate() {
        Ok(()) => Vec::new(),
        Err(report) => report.iter().map(|(path, error)| (path.to_string(), rule_words(error.message()))).collect(),
    }
}

/// What the rules say about one field.
pub fn problem_of(problems: &[(String, String)], field: &str) -> Option<String> {
    problems.iter().find(|(f, _)| f == field).map(|(_, words)| words.clone())
}

/// The token of the link, from `?token=` or `#token=`.
pub fn token(search: &str, hash: &str) -> Option<String> {
    let find = |text: &str| query_pairs(text).into_iter().find(|(key, _)| key == "token").map(|(_, value)| value);
    find(search).or_else(|| find(hash)).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(email: &str, password: &str) -> CreateOwnerRequest {
        CreateOwnerRequest { token: "t".into(), email: email.into(), password: password.into() }
    }

    #[test]
    fn the_contract_rules_reach_the_form() {
        assert!(problems(&request("ana@example.com", "correct horse")).is_empty());
        let wrong = problems(&request("ana", "short"));
        assert_eq!(problem_of(&wrong, "password").as_deref(), Some("At least 8 characters."));
        assert!(problem_of(&wrong, "email").is_some());
        assert!(problem_of(&wrong, "token").is_none());
    }

    #[test]
    fn the_token_comes_from_query_or_fragment() {
        assert_eq!(token("?token=abc", ""), Some("abc".into()));
        assert_eq!(token("token=abc&x=1", "#token=no"), Some("abc".into()));
        assert_eq!(token("", "#token=abc"), Some("abc".into()));
        assert_eq!(token("?token=", ""), None);
    }
}
