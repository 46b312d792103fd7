//! Binding: which fact each figure and each text of a sentence states.

use rust_decimal::Decimal;

use super::clause::{self, Clause};
use super::figure::Figure;
use super::known::{Known, Mentions};
use super::ours;
use super::token::Token;
use super::{Refusal, derived, each_once, mask, order, speech, words};
use crate::assistant::FactValue;

/// What a token was bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Not a figure, or not bound yet.
    Nothing,
    /// It states this fact.
    Part(usize),
    /// It states this fact, as the whole that another one in its clause is a part of.
    Whole(usize),
    /// It follows from facts in the sentence.
    Derived,
    /// It is in our own words, or what the question was narrowed to.
    Ours,
}

/// A sentence while it is read.
pub(super) struct Reading<'a> {
    pub known: &'a Known<'a>,
    pub tokens: &'a [Token],
    pub mentions: Mentions,
    pub clauses: Vec<Clause>,
    pub bound: Vec<Bound>,
}

/// What a clause speaks of.
struct Topic {
    /// Terms in the clause itself, and of the frame where it holds.
    own: Vec<usize>,
    /// Those, and what clauses before it spoke of where that does not exclude them.
    all: Vec<usize>,
}

impl<'a> Reading<'a> {
    /// Finds what the sentence speaks of, and cuts it.
    pub(super) fn new(known: &'a Known<'a>, tokens: &'a [Token]) -> Self {
        let mentions = known.mentions(tokens);
        let speaks_of_another = |range: (usize, usize), clause: &Clause| {
            let of = |start: usize, end: usize| mentions.at[start..end].iter().flatten().copied().collect::<Vec<_>>();
            let (next, last) = (of(range.0, range.1), of(clause.start, clause.end));
            next.iter().any(|term| last.iter().any(|other| known.compete(*term, *other)))
        };
        let clauses = clause::split(tokens, known.facts, speaks_of_another);
        Self { known, tokens, mentions, clauses, bound: vec![Bound::Nothing; tokens.len()] }
    }

    /// The facts it states, each once, if it may be shown.
    pub(super) fn stated(mut self) -> Result<Vec<usize>, Refusal> {
        let topics = self.topics();
        for (clause, topic) in topics.iter().enumerate() {
            self.bind_clause(clause, topic);
        }
        for (clause, topic) in topics.iter().enumerate() {
            self.bind_rest(clause, &topic.own)?;
        }
        for (clause, topic) in topics.iter().enumerate() {
            speech::judge(&self, clause, &topic.own)?;
        }
        order::judge(&self)?;
        let stated = each_once(self.facts_in(0, self.tokens.len()));
        if stated.is_empty() { Err(Refusal::SaysNothing) } else { Ok(stated) }
    }

    /// The facts that are stated between two tokens.
    pub(super) fn facts_in(&self, start: usize, end: usize) -> Vec<usize> {
        let fact = |bound: &Bound| if let Bound::Part(at) | Bound::Whole(at) = bound { Some(*at) } else { None };
        self.bound[start..end].iter().filter_map(fact).collect()
    }

    /// What each clause speaks of.
    fn topics(&self) -> Vec<Topic> {
        let compete = |term: &usize, others: &[usize]| others.iter().any(|other| self.known.compete(*term, *other));
        let mut said: Vec<usize> = Vec::new();
        let mut frame: Vec<usize> = Vec::new();
        let mut topics = Vec::new();
        for (at, clause) in self.clauses.iter().enumerate() {
            let of = |start: usize, end: usize| self.mentions.at[start..end].iter().flatten().copied();
            let mut own: Vec<usize> = of(clause.start, clause.body_end()).collect();
            if at == 0 {
                frame = of(clause.start, clause.main).collect();
            }
            let held: Vec<usize> = frame.iter().copied().filter(|term| !compete(term, &own)).collect();
            said.retain(|term| !compete(term, &own));
            let all = each_once(own.iter().chain(&said).copied());
            own.extend(held);
            said.clone_from(&all);
            topics.push(Topic { own: each_once(own), all });
        }
        topics
    }

    /// Binds what states a fact by itself, then the wholes beside their parts.
    fn bind_clause(&mut self, clause: usize, topic: &Topic) {
        let Clause { start, end, .. } = self.clauses[clause];
        for at in start..end {
            let found = match &self.tokens[at] {
                Token::Text(_, facts) => self.bind_text(at, facts, topic),
                Token::Figure(figure, _) => self.bind_figure(at, *figure, topic, start),
                _ => None,
            };
            if let Some(fact) = found {
                self.bound[at] = Bound::Part(fact);
            }
        }
        for at in start..end {
            if let (Token::Figure(figure, _), Bound::Nothing) = (&self.tokens[at], self.bound[at])
                && let Some(fact) = self.bind_whole(clause, at, *figure, topic)
            {
                self.bound[at] = Bound::Whole(fact);
            }
        }
    }

    /// A text with terms needs them in its clause; one without is told apart by where it stands.
    fn bind_text(&self, at: usize, facts: &[usize], topic: &Topic) -> Option<usize> {
        let place = ours::before(self.tokens, at, self.known.facts);
        let vouched = |fact: usize| &self.known.vouched[fact];
        let fits = |fact: &usize| {
            if vouched(*fact).places.contains(&place) {
                return true;
            }
            let role = self.role(at);
            // `It is broken` must not be shown because some tag says `broken`.
            let told = role.is_some()
                || self.known.is_listed(*fact)
                || !mask::is_wordy(&self.tokens[at].text())
                || self.is_state(*fact);
            told && self.is_named(*fact, topic)
                && role.is_none_or(|role| vouched(*fact).own.contains(&role))
                && !self.is_place_of_another(*fact, &place)
        };
        self.first_new(facts.iter().copied().filter(fits))
    }

    fn is_state(&self, fact: usize) -> bool {
        let fact = &self.known.facts.facts[fact];
        matches!(&fact.value, FactValue::Text(text) if mask::is_value(fact, text))
    }

    /// What a text is said to be: the noun right before it, as in `the bundle Standard` or `its user is maria.lopez`.
    pub(super) fn role(&self, at: usize) -> Option<String> {
        for token in self.tokens[..at].iter().rev() {
            match token {
                Token::Word(word) => {
                    let lower = word.to_lowercase();
                    let class = words::class(word);
                    if words::role(&class) {
                        return Some(class);
                    }
                    if !is_verb(&lower) && !matches!(lower.as_str(), "the" | "a" | "named" | "called" | "as") {
                        return None;
                    }
                }
                Token::Mark(':') => {}
                _ => return None,
            }
        }
        None
    }

    /// Whether written sentences have another text there.
    fn is_place_of_another(&self, fact: usize, place: &[String; 2]) -> bool {
        let said = place.iter().all(|before| before.chars().all(char::is_alphabetic));
        let facts = self.known.facts.facts.iter().zip(&self.known.vouched).enumerate();
        let mut texts = facts.filter(|(at, (other, _))| *at != fact && matches!(other.value, FactValue::Text(_)));
        said && texts.any(|(_, (_, vouched))| vouched.places.contains(place))
    }

    fn bind_figure(&self, at: usize, figure: Figure, topic: &Topic, start: usize) -> Option<usize> {
        let candidates = self.candidates(at, figure);
        if matches!(figure, Figure::MonthOf(_) | Figure::DayOf(..) | Figure::Clock(..)) {
            // Without its year or its day it must be clear which is meant.
            let values: Vec<&FactValue> = candidates.iter().map(|at| &self.known.facts.facts[*at].value).collect();
            if values.windows(2).any(|pair| pair[0] != pair[1]) {
                return None;
            }
        }
        if figure == Figure::Nothing && !self.counts_nothing(at) {
            return None;
        }
        // A clause that states a quantity twice says something else with one of them.
        let stated = match figure {
            Figure::Nothing => self.facts_in(0, at),
            _ if figure.is_quantity() => self.facts_in(start, at),
            _ => Vec::new(),
        };
        let fits = |fact: &usize| {
            !stated.contains(fact) && self.is_named(*fact, topic) && self.strangers(*fact, topic).is_empty()
        };
        self.first_new(candidates.into_iter().filter(fits))
    }

    /// The facts of that value whose own description allows what follows the figure.
    fn candidates(&self, at: usize, figure: Figure) -> Vec<usize> {
        let facts = self.known.facts.facts.iter().enumerate();
        facts
            .filter(|(_, fact)| figure.is(&fact.value))
            .map(|(fact, _)| fact)
            .filter(|fact| self.counts(at, *fact))
            .collect()
    }

    /// Whether the fact can be a count of what the words after the figure say that it counts.
    fn counts(&self, at: usize, fact: usize) -> bool {
        if !matches!(self.known.facts.facts[fact].value, FactValue::Count(_)) {
            return true;
        }
        let vouched = &self.known.vouched[fact];
        for token in &self.tokens[at + 1..] {
            let Token::Word(word) = token else {
                // A name may stand between a count and its noun, any other thing ends what is counted.
                if matches!(token, Token::Text(..) | Token::Id(_)) {
                    continue;
                }
                return true;
            };
            let class = words::class(word);
            if words::head(&class) || words::unit(&class) {
                let measure = vouched.numbers.iter().any(|(_, next)| *next == class) && words::unit(&class);
                return vouched.own.contains(&class) && !measure;
            }
            if links(&word.to_lowercase()) {
                return true;
            }
        }
        true
    }

    /// Whether `no` or `none` is said of what is counted, and not of something else: `no WorkSpaces`, `none of them`.
    fn counts_nothing(&self, at: usize) -> bool {
        let counted = |word: &str| words::head(&words::class(word));
        let before = &self.tokens[..at];
        let first = !before.iter().any(|token| matches!(token, Token::Figure(Figure::Nothing, _)));
        let word = self.tokens[at].text().to_lowercase();
        let mut next = self.tokens[at + 1..].iter().map_while(Token::word);
        first
            && match word.as_str() {
                "no" | "zero" => next.take_while(|word| !links(word)).any(|word| counted(&word)),
                "nobody" => false,
                _ => next.next().is_some_and(|word| word == "of" || is_verb(&word)),
            }
    }

    fn is_named(&self, fact: usize, topic: &Topic) -> bool {
        self.known.terms(fact).iter().all(|term| topic.all.contains(term))
    }

    /// The terms in the clause that tell another fact from this one. A term that is what figures count, such as `sessions`
    /// beside `WorkSpaces`, belongs to the figure before it: [`Self::counts`].
    fn strangers(&self, fact: usize, topic: &Topic) -> Vec<usize> {
        let foreign = |term: &usize| !self.known.is_counted(*term) && self.known.foreign(*term, fact);
        topic.own.iter().copied().filter(foreign).collect()
    }

    /// `12 of the 1,204 WorkSpaces are stopped`: the second figure, whose clause has a term that is not its own.
    fn bind_whole(&self, clause: usize, at: usize, figure: Figure, topic: &Topic) -> Option<usize> {
        let Clause { start, end, .. } = self.clauses[clause];
        if figure == Figure::Nothing || !self.is_marked_whole(at) {
            return None;
        }
        let parts: Vec<usize> = self.facts_in(start, end);
        let fits = |fact: &usize| {
            let strangers = self.strangers(*fact, topic);
            let explained = |term: &usize| {
                let part = |part: &usize| self.known.terms(*part).contains(term) && self.is_part(*part, *fact);
                parts.iter().any(part)
            };
            !parts.contains(fact)
                && self.is_named(*fact, topic)
                && strangers.iter().all(explained)
                && !self.touches(at, end, &strangers)
        };
        self.first_new(self.candidates(at, figure).into_iter().filter(fits))
    }

    /// Whether one quantity can be a part of another: of its kind, not more, and told apart by more terms.
    pub(super) fn is_part(&self, part: usize, whole: usize) -> bool {
        let facts = &self.known.facts.facts;
        let (terms, of) = (self.known.terms(part), self.known.terms(whole));
        let smaller = match (amount(&facts[part].value), amount(&facts[whole].value)) {
            (Some(part), Some(whole)) => part <= whole,
            _ => false,
        };
        smaller
            && clause::kind_of(&facts[part].value) == clause::kind_of(&facts[whole].value)
            && terms.len() > of.len()
            && of.iter().all(|term| terms.contains(term))
    }

    /// Whether `of` is before the figure, but not that of `a total of`.
    fn is_marked_whole(&self, at: usize) -> bool {
        let word = |back: usize| at.checked_sub(back).and_then(|place| self.tokens[place].word()).unwrap_or_default();
        let article = usize::from(matches!(word(1).as_str(), "the" | "your" | "these" | "those" | "its" | "their"));
        let counts = matches!(word(2 + article).as_str(), "total" | "sum" | "amount" | "number" | "count");
        word(1 + article) == "of" && !counts
    }

    /// Whether a stranger is said of the figure itself: nothing stands between them that would make it said of another.
    fn touches(&self, at: usize, end: usize, strangers: &[usize]) -> bool {
        for place in at + 1..end {
            let token = &self.tokens[place];
            let ends = matches!(token, Token::Figure(figure, _) if figure.is_quantity());
            if ends || token.word().is_some_and(|word| is_verb(&word)) {
                return false;
            }
            if self.mentions.at[place].iter().any(|term| strangers.contains(term)) {
                return true;
            }
        }
        false
    }

    /// The first that nothing in the sentence states yet, else the first.
    fn first_new(&self, facts: impl Iterator<Item = usize>) -> Option<usize> {
        let facts: Vec<usize> = facts.collect();
        let stated = self.facts_in(0, self.tokens.len());
        facts.iter().find(|fact| !stated.contains(fact)).or(facts.first()).copied()
    }

    /// Binds what is in our own words, and what follows from the facts of the sentence.
    fn bind_rest(&mut self, clause: usize, own: &[usize]) -> Result<(), Refusal> {
        let Clause { start, end, .. } = self.clauses[clause];
        for at in start..end {
            if self.bound[at] != Bound::Nothing {
                continue;
            }
            match &self.tokens[at] {
                Token::Text(text, _) => return Err(Refusal::WrongFact(text.clone())),
                Token::Figure(Figure::Nothing, _) => {}
                Token::Figure(figure, text) => {
                    self.bound[at] = if self.is_ours(clause, at, *figure) {
                        Bound::Ours
                    } else if derived::follows(self, clause, *figure, own) {
                        Bound::Derived
                    } else if self.known.facts.facts.iter().any(|fact| figure.is(&fact.value)) {
                        return Err(Refusal::WrongFact(text.clone()));
                    } else {
                        return Err(Refusal::UnknownFigure(text.clone()));
                    };
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn is_ours(&self, clause: usize, at: usize, figure: Figure) -> bool {
        if self.mentions.covered[at] && !figure.is_quantity() {
            return true;
        }
        let Clause { start, end, .. } = self.clauses[clause];
        let said = (format!("{figure:?}"), ours::next(self.tokens, at));
        self.facts_in(start, end).iter().any(|fact| {
            let vouched = &self.known.vouched[*fact];
            vouched.times.iter().any(|time| figure.is_time(*time)) || vouched.numbers.contains(&said)
        })
    }
}

/// The number of a quantity.
pub(super) fn amount(value: &FactValue) -> Option<Decimal> {
    match value {
        FactValue::Count(count) => Some(Decimal::from(*count)),
        FactValue::Money(money) => Some(money.amount),
        FactValue::Hours(number) | FactValue::Percent(number) => Some(*number),
        FactValue::Date(_) | FactValue::Month(_) | FactValue::Time(_) | FactValue::Text(_) => None,
    }
}

fn is_verb(word: &str) -> bool {
    matches!(word, "is" | "are" | "was" | "were" | "has" | "have" | "had")
}

/// Whether the word ends what a figure counts.
fn links(word: &str) -> bool {
    is_verb(word)
        || matches!(
            word,
            "of" | "in" | "on" | "at" | "by" | "for" | "from" | "to" | "with" | "that" | "which" | "who" | "whose"
        )
}
