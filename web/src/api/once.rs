//! Keys with which the server does what is asked for once (`Idempotency-Key`): each POST gets one of its own; one whose answer
//! never came keeps it for a while, so that whoever presses the button again does not do it twice. Pure but for [`random`].

use leptos::prelude::window;

/// After this time the same request is meant anew, milliseconds.
const WHILE: f64 = 120_000.0;

/// The POST whose answer never came.
#[derive(Debug)]
struct Lost {
    url: String,
    body: Option<String>,
    key: String,
    until: f64,
}

/// What is known of answers that never came: of the last one.
#[derive(Debug)]
pub struct Unheard(Option<Lost>);

impl Unheard {
    /// Every answer came.
    pub const fn new() -> Self {
        Self(None)
    }

    /// The key of this POST if it was sent before in vain; `now` in milliseconds.
    pub fn key(&self, url: &str, body: Option<&str>, now: f64) -> Option<String> {
        let lost = self.0.as_ref().filter(|lost| lost.until > now && lost.url == url && lost.body.as_deref() == body);
        lost.map(|lost| lost.key.clone())
    }

    /// Notes whether the answer of the POST with that key came.
    pub fn note(&mut self, url: String, body: Option<String>, key: String, heard: bool, now: f64) {
        if !heard {
            self.0 = Some(Lost { url, body, key, until: now + WHILE });
        } else if self.0.as_ref().is_some_and(|lost| lost.key == key) {
            self.0 = None;
        }
    }
}

/// A new key; none where the browser has no randomness, and the request goes without.
pub fn random() -> Option<String> {
    let mut bytes = [0; 16];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_request_whose_answer_never_came_has_the_same_key() {
        let mut unheard = Unheard::new();
        let note = |unheard: &mut Unheard, key: &str, heard| {
            unheard.note("/teams".into(), Some("a".into()), key.into(), heard, 0.0);
        };
        assert_eq!(unheard.key("/teams", Some("a"), 1.0), None);
        note(&mut unheard, "k", false);
        note(&mut unheard, "another", true);
        assert_eq!(unheard.key("/teams", Some("a"), 1.0).as_deref(), Some("k"));
        for (url, body, now) in [("/teams", Some("b"), 1.0), ("/teams", None, 1.0), ("/roles", Some("a"), 1.0)] {
            assert_eq!(unheard.key(url, body, now), None, "{url} {body:?}");
        }
        assert_eq!(unheard.key("/teams", Some("a"), WHILE), None, "by then it is meant anew");
        note(&mut unheard, "k", true);
        assert_eq!(unheard.key("/teams", Some("a"), 1.0), None);
    }
}
