//! What forms say about what is typed, before the API does: the same bounds, which are the contract's, in words that tell how to
//! mend it. Not when it is said: that is the field's. To add a rule: a function here that says what is wrong with a text, and
//! [`judged`] in the form; what one form alone needs stands beside that form.

use std::ops::RangeInclusive;

use domain::access::is_email;
use domain::ids::Region;
use leptos::prelude::*;

use super::field::FieldState;

/// What is wrong with a field, in words; nothing when it is right.
pub type Rule = Signal<Option<String>>;

/// The rule that `wrong` says of what is typed, without the spaces around it.
pub fn judged(state: FieldState, wrong: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Rule {
    Signal::derive(move || state.value.with(|typed| wrong(typed.trim())))
}

/// A text of so many characters.
pub fn text(state: FieldState, bounds: RangeInclusive<usize>) -> Rule {
    judged(state, move |typed| length(typed, &bounds))
}

/// What is typed where its rule has nothing against it; otherwise the field says what it has.
pub fn take(state: FieldState, rule: Rule) -> Option<String> {
    state.touched.set(true);
    untrack(|| rule.get().is_none().then(|| state.trimmed()))
}

/// A text of so many characters.
pub fn length(typed: &str, bounds: &RangeInclusive<usize>) -> Option<String> {
    let (least, most, count) = (*bounds.start(), *bounds.end(), typed.chars().count());
    if count > most {
        return Some(format!("At most {most} characters; these are {count}."));
    }
    (count < least)
        .then(|| if count == 0 { "Fill this in.".to_owned() } else { format!("At least {least} characters.") })
}

/// An e-mail address.
pub fn email(typed: &str) -> Option<String> {
    (!is_email(typed)).then(|| "Write an e-mail address, like ana@example.com.".to_owned())
}

/// A region's code.
pub fn region(typed: &str) -> Option<String> {
    typed.parse::<Region>().err().map(|error| format!("{error}."))
}

/// Parts between commas, at most so many, each of which is right; none at all is right, too.
pub fn each(typed: &str, most: usize, wrong: fn(&str) -> Option<String>) -> Option<String> {
    let all = listed(typed);
    let many = || (all.len() > most).then(|| format!("At most {most}; these are {}.", all.len()));
    all.iter().find_map(|one| wrong(one)).or_else(many)
}

/// The parts between commas.
pub fn listed(typed: &str) -> Vec<String> {
    typed.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_counted_in_characters() {
        assert_eq!(length("", &(1..=3)).as_deref(), Some("Fill this in."));
        assert_eq!(length("a", &(2..=3)).as_deref(), Some("At least 2 characters."));
        assert_eq!(length("äöü", &(1..=3)), None);
        assert_eq!(length("äöüß", &(1..=3)).as_deref(), Some("At most 3 characters; these are 4."));
        assert_eq!(length("", &(0..=3)), None);
    }

    #[test]
    fn each_part_of_a_list_is_judged() {
        assert_eq!(each("", 2, region), None);
        assert_eq!(each(" eu-west-1 , us-east-1,", 2, region), None);
        assert!(each("eu-west-1, frankfurt", 2, region).is_some_and(|words| words.contains("frankfurt")));
        assert_eq!(each("a@b, c@d, e@f", 2, email).as_deref(), Some("At most 2; these are 3."));
        assert!(email("ana@").is_some());
    }
}
