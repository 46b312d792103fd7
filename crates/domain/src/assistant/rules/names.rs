//! The names of this installation, to be found in a question: accounts, bundles, directories, tags; and what is recognised by
//! its shape: ids, people, computers, regions.
//!
//! A name of one word that is also a word of the trade, or that is the name of two things, is meant only beside its noun
//! ("the power account"). A bundle goes by the first words of its name too, a directory by its first label.

use std::collections::{HashMap, HashSet};

use super::text::{Word, plain_words};
use super::{Lexicon, regions, vocabulary};
use crate::assistant::{Dimension, Filters};
use crate::ids::Region;
use crate::workspace::{ComputeType, RunningMode, WorkspaceState};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Region(String),
    Account(String),
    Bundle(String),
    Directory(String),
    Tag(String, String),
    State(String),
    Mode(String),
    Compute(String),
    /// A WorkSpace's id, its computer, its person.
    Workspace(String),
}

impl Named {
    /// The noun that may stand beside it.
    pub(super) fn noun(&self) -> Option<Dimension> {
        Some(match self {
            Self::Region(_) => Dimension::Region,
            Self::Account(_) => Dimension::Account,
            Self::Bundle(_) => Dimension::Bundle,
            Self::Directory(_) => Dimension::Directory,
            Self::Tag(key, _) if is_team(key) => Dimension::Team,
            Self::State(_) => Dimension::State,
            Self::Mode(_) => Dimension::RunningMode,
            Self::Compute(_) => Dimension::ComputeType,
            Self::Tag(..) | Self::Workspace(_) => return None,
        })
    }

    /// Narrows to it. `false` for a second tag, which can't be asked for.
    pub(super) fn narrow(self, filters: &mut Filters) -> bool {
        match self {
            Self::Region(code) => add(&mut filters.regions, code),
            Self::Account(name) => add(&mut filters.accounts, name),
            Self::Bundle(id) => add(&mut filters.bundles, id),
            Self::Directory(id) => add(&mut filters.directories, id),
            Self::State(name) => add(&mut filters.states, WorkspaceState::from(name)),
            Self::Mode(name) => add(&mut filters.running_modes, RunningMode::from(name)),
            Self::Compute(name) => add(&mut filters.compute_types, ComputeType::from(name)),
            Self::Tag(key, value) => {
                let tag = Some((key, Some(value)));
                let free = filters.tag.is_none() || filters.tag == tag;
                filters.tag = tag;
                return free;
            }
            Self::Workspace(_) => {}
        }
        true
    }
}

/// Adds what is not there yet.
pub(super) fn add<T: PartialEq>(values: &mut Vec<T>, value: T) {
    if !values.contains(&value) {
        values.push(value);
    }
}

pub(super) fn is_team(key: &str) -> bool {
    key.eq_ignore_ascii_case("team")
}

/// A name as words, with all that it stands for.
#[derive(Debug)]
struct Entry {
    words: Vec<String>,
    named: Vec<Named>,
    /// The beginning of a longer name.
    part: bool,
}

/// The names, by their first word.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_first: HashMap<String, Vec<Entry>>,
    spelt: HashSet<String>,
}

impl Names {
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        let mut names = Self::default();
        for (name, code) in regions::names() {
            names.put(name, Named::Region(code.to_owned()));
        }
        for name in &lexicon.accounts {
            names.put(name, Named::Account(name.clone()));
        }
        for (id, name) in &lexicon.bundles {
            names.put(id, Named::Bundle(id.clone()));
            names.put(name, Named::Bundle(id.clone()));
            let whole = plain_words(name);
            for count in 2..whole.len() {
                names.put_words(whole[..count].to_vec(), Named::Bundle(id.clone()), true);
            }
        }
        for (id, name) in &lexicon.directories {
            names.put(id, Named::Directory(id.clone()));
            names.put(name, Named::Directory(id.clone()));
            if let Some((label, _)) = name.split_once('.') {
                names.put_words(plain_words(label), Named::Directory(id.clone()), true);
            }
        }
        for (key, value) in &lexicon.tags {
            names.put(value, Named::Tag(key.clone(), value.clone()));
        }
        for name in &lexicon.states {
            names.put_value(name, Named::State(name.clone()));
        }
        for name in &lexicon.running_modes {
            names.put_value(name, Named::Mode(name.clone()));
        }
        for name in &lexicon.compute_types {
            names.put_value(name, Named::Compute(name.clone()));
        }
        names
    }

    /// Whether a word is in some name, and so spelt as it should be.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.spelt.contains(word)
    }

    /// Whether a word by itself is the whole of a name.
    pub(super) fn is_whole_name(&self, word: &str) -> bool {
        let whole = |entry: &Entry| !entry.part && matches!(entry.words.as_slice(), [only] if only == word);
        self.by_first.get(word).is_some_and(|entries| entries.iter().any(whole))
    }

    fn put(&mut self, name: &str, named: Named) {
        self.put_words(plain_words(name), named, false);
    }

    /// A value of AWS's that the vocabulary has no words for.
    fn put_value(&mut self, name: &str, named: Named) {
        let plain = name.replace('_', " ");
        if vocabulary::signs(&plain.to_lowercase()).is_none() {
            self.put(&plain, named.clone());
            self.put(name, named);
        }
    }

    fn put_words(&mut self, words: Vec<String>, named: Named, part: bool) {
        let Some(first) = words.first() else { return };
        self.spelt.extend(words.iter().cloned());
        let entries = self.by_first.entry(first.clone()).or_default();
        match entries.iter_mut().find(|entry| entry.words == words) {
            Some(entry) => {
                // A whole name is not weakened by being the beginning of another.
                if entry.part && !part {
                    entry.named.clear();
                    entry.part = false;
                }
                if entry.part == part {
                    add(&mut entry.named, named);
                }
            }
            None => entries.push(Entry { words, named: vec![named], part }),
        }
    }

    /// The longest name that begins at a place, and how many words it has. `nouns` are the dimensions named just before and
    /// just behind a place and a length.
    pub(super) fn find(
        &self,
        words: &[Word],
        at: usize,
        nouns: impl Fn(usize, usize) -> [Option<Dimension>; 2],
    ) -> Option<(Vec<Named>, usize)> {
        let here = &words[at..];
        let mut best: Option<(Vec<Named>, usize)> = None;
        for entry in self.by_first.get(&here.first()?.text)? {
            let length = entry.words.len();
            let fits = length <= here.len() && entry.words.iter().zip(here).all(|(name, word)| *name == word.text);
            if !fits || best.as_ref().is_some_and(|(_, longest)| *longest >= length) {
                continue;
            }
            if let Some(named) = entry.meant(nouns(at, length)) {
                best = Some((named, length));
            }
        }
        best
    }
}

impl Entry {
    /// Which of the things with this name are meant, beside these nouns.
    fn meant(&self, nouns: [Option<Dimension>; 2]) -> Option<Vec<Named>> {
        let beside: Vec<Named> = self
            .named
            .iter()
            .filter(|named| named.noun().is_some_and(|noun| nouns.contains(&Some(noun))))
            .cloned()
            .collect();
        if !beside.is_empty() {
            return Some(beside);
        }
        let first = self.named.first()?;
        let kind = |named: &Named| std::mem::discriminant(named);
        let one_kind = self.named.iter().all(|named| kind(named) == kind(first));
        // A label such as `corp`, or a value such as `production`, is a word like any other unless its noun is there.
        let plain = match first {
            Named::Directory(_) => !self.part,
            Named::Tag(key, _) => is_team(key) && self.named.len() == 1,
            _ => true,
        };
        let single_trade_word = self.words.len() == 1 && vocabulary::is_word(&self.words[0]);
        (one_kind && plain && !single_trade_word).then(|| self.named.clone())
    }
}

/// What a word is by its shape.
pub(super) fn by_shape(word: &Word) -> Option<Named> {
    let text = word.text.as_str();
    let tail = |prefix: &str| text.strip_prefix(prefix).filter(|tail| tail.len() >= 3 && is_id(tail));
    if tail("wsb-").is_some() {
        return Some(Named::Bundle(text.to_owned()));
    }
    if tail("ws-").is_some() {
        return Some(Named::Workspace(text.to_owned()));
    }
    if tail("d-").is_some_and(|tail| tail.len() >= 8) {
        return Some(Named::Directory(text.to_owned()));
    }
    if let Ok(region) = text.parse::<Region>() {
        return Some(Named::Region(region.to_string()));
    }
    let computer = ["wsamzn-", "ec2amaz-", "ip-"].iter().any(|prefix| tail(prefix).is_some_and(|tail| tail.len() >= 5));
    (computer || is_mail(text) || is_person(text)).then(|| Named::Workspace(word.raw.clone()))
}

fn is_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_mail(text: &str) -> bool {
    let labels = |part: &str| part.split('.').all(|label| !label.is_empty() && label.chars().all(is_name_letter));
    text.split_once('@').is_some_and(|(name, domain)| labels(name) && labels(domain) && domain.contains('.'))
}

/// `j.smith`, `jane.smith2`, `anna-maria.o'neil`.
fn is_person(text: &str) -> bool {
    let mut labels = text.split('.');
    let named = |label: &str| {
        label.chars().next().is_some_and(char::is_alphabetic)
            && label.chars().all(|letter| is_name_letter(letter) || letter == '\'')
    };
    (2..=3).contains(&labels.clone().count()) && labels.all(named) && text.len() >= 4
}

fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '-' || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::rules::text::words;

    fn shape(text: &str) -> Option<Named> {
        by_shape(&words(text).unwrap()[0])
    }

    #[test]
    fn ids_people_and_computers_have_shapes() {
        let workspace = |text: &str| Some(Named::Workspace(text.to_owned()));
        assert_eq!(shape("ws-8f3k2m1qz"), workspace("ws-8f3k2m1qz"));
        assert_eq!(shape("wsb-8f3k2m1qz"), Some(Named::Bundle("wsb-8f3k2m1qz".to_owned())));
        assert_eq!(shape("d-90670a1b2c"), Some(Named::Directory("d-90670a1b2c".to_owned())));
        assert_eq!(shape("EU-West-1"), Some(Named::Region("eu-west-1".to_owned())));
        assert_eq!(shape("J.Smith's"), workspace("J.Smith"));
        assert_eq!(shape("jane.smith2"), workspace("jane.smith2"));
        assert_eq!(shape("j.smith@corp.example"), workspace("j.smith@corp.example"));
        assert_eq!(shape("WSAMZN-1A2B3C"), workspace("WSAMZN-1A2B3C"));
        for other in ["ws", "ws-", "d-1", "e.g", "1.5", "19.5", "a@b", "j..smith", "stopped", "10.0.0.1", "up-to-date"]
        {
            assert_eq!(shape(other), None, "{other}");
        }
    }

    #[test]
    fn the_first_words_of_a_bundle_mean_all_that_begin_so() {
        let bundle = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let lexicon = Lexicon {
            bundles: vec![bundle("wsb-1", "Power with Ubuntu 22.04"), bundle("wsb-2", "Power with Windows 10 (2022)")],
            ..Lexicon::default()
        };
        let names = Names::new(&lexicon);
        let find = |text: &str| names.find(&words(text).unwrap(), 0, |_, _| [None, None]);
        let [one, two] = ["wsb-1", "wsb-2"].map(|id| Named::Bundle(id.to_owned()));
        assert_eq!(find("power with ubuntu"), Some((vec![one.clone()], 3)));
        assert_eq!(find("Power with Windows 10 (2022) desktops"), Some((vec![two.clone()], 5)));
        assert_eq!(find("power with what"), Some((vec![one, two], 2)));
        assert_eq!(find("power"), None);
    }
}
