//! What a clause says, word by word: signs, filters, periods, dimensions. Not what is to be asked for it (`decide`).

use chrono::NaiveDate;

use super::dates;
use super::names::{Named, Names, add, by_shape};
use super::text::Word;
use super::vocabulary::{self, LONGEST, Sign, Topic};
use crate::assistant::{Dimension, Filters, Help, Measure, Period};

/// What a clause says.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Every sign, in order.
    pub(super) said: Vec<Sign>,
    /// What it is narrowed to.
    pub(super) filters: Filters,
    /// WorkSpaces and people by name.
    pub(super) workspaces: Vec<String>,
    /// Periods, in order.
    pub(super) periods: Vec<Period>,
    /// Dimensions behind `by`.
    pub(super) by: Vec<Dimension>,
    /// Dimensions elsewhere.
    pub(super) nouns: Vec<Noun>,
    /// How many rows.
    pub(super) top: u8,
    /// Whether there is a word in it that means nothing here.
    pub(super) unknown: bool,
    /// Whether there is a word in it that only help pages know.
    pub(super) of_help: bool,
}

impl Reading {
    pub(super) fn says(&self, sign: &Sign) -> bool {
        self.said.contains(sign)
    }

    pub(super) fn topic(&self, topic: Topic) -> bool {
        self.says(&Sign::Topic(topic))
    }

    pub(super) fn pages(&self) -> impl Iterator<Item = Help> + '_ {
        self.said.iter().filter_map(|sign| if let Sign::Page(page) = sign { Some(*page) } else { None })
    }

    /// The end that is asked for; `Err` for two different ones.
    pub(super) fn measure(&self) -> Result<Option<Measure>, ()> {
        let mut found = None;
        for sign in &self.said {
            if let Sign::Measure(measure) = sign {
                if found.is_some_and(|other| other != *measure) {
                    return Err(());
                }
                found = Some(*measure);
            }
        }
        Ok(found)
    }

    /// Whether anything in it says what is wanted.
    pub(super) fn is_empty(&self) -> bool {
        let idle = |sign: &Sign| matches!(sign, Sign::Nothing | Sign::And | Sign::Opener);
        self.said.iter().all(idle)
            && self.periods.is_empty()
            && self.workspaces.is_empty()
            && !self.narrows()
            && !self.unknown
    }

    pub(super) fn narrows(&self) -> bool {
        self.filters != Filters::default()
    }
}

/// A dimension that is named without `by`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noun {
    /// The dimension.
    pub(super) dimension: Dimension,
    /// Whether it is one thing of the kind: `region`, not `regions`.
    pub(super) one: bool,
    /// Whether it is asked for: `which region`, not `my region`.
    pub(super) asked: bool,
}

/// Reads a clause.
pub(super) fn read(words: &[Word], names: &Names, today: NaiveDate) -> Reading {
    let mut reader = Reader { words, names, today, at: 0, by: false, noun_end: None, reading: Reading::default() };
    while reader.at < words.len() {
        reader.step();
    }
    reader.reading
}

struct Reader<'a> {
    words: &'a [Word],
    names: &'a Names,
    today: NaiveDate,
    at: usize,
    /// Whether `by` stands just before.
    by: bool,
    /// Where the newest of the nouns ends.
    noun_end: Option<usize>,
    reading: Reading,
}

impl Reader<'_> {
    fn step(&mut self) {
        let (words, at) = (self.words, self.at);
        if let Some(named) = by_shape(&words[at]).filter(|_| !self.names.is_whole_name(&words[at].text)) {
            return self.name(vec![named], 1);
        }
        if let Some((period, used)) = dates::period(words, at, self.today, self.reading.says(&Sign::Compare)) {
            return self.period(period, used);
        }
        let phrase = phrase(words, at);
        let length = phrase.map_or(0, |(_, length)| length);
        let found = self.names.find(words, at, |at, length| {
            let before = at.checked_sub(1).and_then(|before| noun(words, before));
            [before, noun(words, at + length)]
        });
        match (found, phrase) {
            (Some((named, used)), _) if used >= length => self.name(named, used),
            (_, Some((signs, used))) => self.signs(signs, used),
            _ => self.other(),
        }
    }

    /// A word that is neither a name nor a phrase: how many rows are wanted, or nothing that is understood.
    fn other(&mut self) {
        let text = |at: usize| self.words.get(at).map_or("", |word| word.text.as_str());
        let led = self
            .at
            .checked_sub(1)
            .is_some_and(|before| ["top", "last", "latest", "newest", "first"].contains(&text(before)));
        let leads = phrase(self.words, self.at + 1)
            .is_some_and(|(signs, _)| signs.iter().any(|sign| matches!(sign, Sign::Measure(_))));
        match dates::small_number(text(self.at)).filter(|number| *number > 0 && (led || leads)) {
            Some(number) => self.reading.top = u8::try_from(number.min(10)).unwrap_or(10),
            None => self.reading.unknown = true,
        }
        self.at += 1;
    }

    /// A period. Behind `every`, and before a `to` that leads nowhere, it is not all that is meant.
    fn period(&mut self, period: Period, used: usize) {
        self.at += used;
        let to = self.words.get(self.at).is_some_and(|word| word.text == "to");
        self.reading.unknown |= self.by || to && !self.reading.says(&Sign::Compare);
        self.by = false;
        self.reading.periods.push(period);
    }

    /// A name, or several that it stands for.
    fn name(&mut self, named: Vec<Named>, used: usize) {
        self.by = false;
        self.beside(named.first().and_then(Named::noun), used);
        for named in named {
            match named {
                Named::Workspace(name) => add(&mut self.reading.workspaces, name),
                other => self.reading.unknown |= !other.narrow(&mut self.reading.filters),
            }
        }
    }

    /// Goes on behind a value, and over the noun that stands beside it: `region eu-west-1`, `the Ireland region`.
    fn beside(&mut self, kind: Option<Dimension>, used: usize) {
        let before = self.noun_end == Some(self.at);
        self.at += used;
        let Some(kind) = kind else { return };
        if before && self.reading.nouns.last().is_some_and(|noun| noun.dimension == kind) {
            self.reading.nouns.pop();
        } else if let Some((signs, more)) = phrase(self.words, self.at)
            && signs.first() == Some(&Sign::Dimension(kind))
        {
            self.at += more;
        }
    }

    fn signs(&mut self, signs: &[Sign], used: usize) {
        let start = self.at;
        let mut kind = None;
        let by = self.by;
        let mut keep_by = false;
        for sign in signs {
            match sign {
                Sign::Nothing => keep_by = true,
                Sign::By => {
                    keep_by = signs.len() == 1;
                    self.by = true;
                }
                Sign::Dimension(dimension) if self.by => add(&mut self.reading.by, *dimension),
                Sign::Dimension(dimension) => {
                    let one = !self.words[start + used - 1].text.ends_with('s');
                    let asked = self.reading.said.last() == Some(&Sign::Which);
                    self.reading.nouns.push(Noun { dimension: *dimension, one, asked });
                    self.noun_end = Some(start + used);
                }
                Sign::Topic(Topic::Workspaces | Topic::People) if by => add(&mut self.reading.by, Dimension::Workspace),
                Sign::State(states) => {
                    states.iter().for_each(|state| add(&mut self.reading.filters.states, state.clone()));
                    kind = Some(Dimension::State);
                }
                Sign::Mode(mode) => {
                    add(&mut self.reading.filters.running_modes, mode.clone());
                    kind = Some(Dimension::RunningMode);
                }
                Sign::Compute(compute) => {
                    add(&mut self.reading.filters.compute_types, compute.clone());
                    kind = Some(Dimension::ComputeType);
                }
                Sign::Connection(state) => add(&mut self.reading.filters.connections, state.clone()),
                _ => {}
            }
        }
        self.by &= keep_by;
        self.reading.of_help |= signs.iter().all(|sign| matches!(sign, Sign::Page(_) | Sign::Demand | Sign::Reckoned));
        self.reading.said.extend(signs.iter().filter(|sign| **sign != Sign::Nothing).cloned());
        self.beside(kind, used);
    }
}

/// The longest phrase that begins at a place, and how many words it has.
pub(super) fn phrase(words: &[Word], at: usize) -> Option<(&'static [Sign], usize)> {
    let here = words.get(at..)?;
    let mut ends = Vec::with_capacity(LONGEST);
    let mut joined = String::new();
    for word in here.iter().take(LONGEST) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.extend(word.text.chars().map(|letter| if matches!(letter, '-' | '_') { ' ' } else { letter }));
        ends.push(joined.len());
    }
    ends.iter().enumerate().rev().find_map(|(at, end)| vocabulary::signs(&joined[..*end]).map(|signs| (signs, at + 1)))
}

/// The dimension whose noun stands at a place.
fn noun(words: &[Word], at: usize) -> Option<Dimension> {
    let (signs, _) = phrase(words, at)?;
    signs.iter().find_map(|sign| if let Sign::Dimension(dimension) = sign { Some(*dimension) } else { None })
}
