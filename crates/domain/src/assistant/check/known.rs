//! What the facts vouch for: their terms, the words of their descriptions and of the written sentences about them.

use std::collections::{HashMap, HashSet};

use super::clause::{self, Kind};
use super::figure::Figure;
use super::ours::{self, Vouched};
use super::token::Token;
use super::words::{self, Twist};
use crate::assistant::{Fact, FactValue, Facts};

/// Most words that a term has.
const TERM_WORDS: usize = 4;

/// A thing in a written sentence that an order is an order of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ordered {
    /// The value of this fact.
    Fact(usize),
    /// A word of order.
    Word(String),
}

/// The facts, ready for questions.
pub(super) struct Known<'a> {
    pub facts: &'a Facts,
    pub vouched: Vec<Vouched>,
    /// For each written sentence, its quantities and words of order.
    pub orders: Vec<Vec<Ordered>>,
    /// The facts that each clause of a written sentence states.
    stated_together: Vec<HashSet<usize>>,
    terms: HashMap<String, usize>,
    term_texts: Vec<String>,
    term_times: Vec<Option<Figure>>,
    fact_terms: Vec<Vec<usize>>,
    /// Terms that can't be told from another.
    alike: HashSet<usize>,
    beside: HashSet<(usize, usize)>,
    kinds: Vec<HashSet<Kind>>,
    listed: Vec<bool>,
    context: HashSet<String>,
    context_times: Vec<Figure>,
}

/// Where a sentence speaks of what.
pub(super) struct Mentions {
    /// The terms that are mentioned at each token.
    pub at: Vec<Vec<usize>>,
    /// Whether the token is part of a term or of the context.
    pub covered: Vec<bool>,
    /// Whether it is part of one that has several words.
    pub joined: Vec<bool>,
}

impl<'a> Known<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        let mut known = Self {
            facts,
            vouched: Vec::new(),
            orders: Vec::new(),
            stated_together: Vec::new(),
            terms: HashMap::new(),
            term_texts: Vec::new(),
            term_times: Vec::new(),
            fact_terms: Vec::new(),
            alike: HashSet::new(),
            beside: HashSet::new(),
            kinds: Vec::new(),
            listed: listed(facts),
            context: facts.context.iter().map(|word| words::key(word)).collect(),
            context_times: facts.context.iter().filter_map(|word| ours::time(word)).collect(),
        };
        known.vouched.extend(facts.facts.iter().map(ours::described));
        known.add_written();
        for at in 0..facts.facts.len() {
            known.add_terms(at);
        }
        for (vouched, fact) in known.vouched.iter_mut().zip(&facts.facts) {
            // `unused` or `disconnected` denies by itself.
            vouched.must_deny &=
                !fact.terms.iter().any(|term| ["un", "dis"].iter().any(|start| term.starts_with(start)));
        }
        known
    }

    /// Notes the terms of the next fact.
    ///
    /// A term that means something here by itself, such as a team that is called `stopped`, could be taken for our words: unless our
    /// own words about the fact have it too, it only counts where it is the text of a fact. Two terms that only differ in signs
    /// can't be told apart, and neither is ever found.
    fn add_terms(&mut self, fact: usize) {
        let value = &self.facts.facts[fact];
        let mut ids = Vec::with_capacity(value.terms.len());
        // `all` tells a total from its parts, which it is not told apart from by a word but by having none of theirs.
        for term in value.terms.iter().filter(|term| !matches!(term.as_str(), "all" | "total")) {
            let term = term.to_lowercase();
            let key = if self.is_weak(&term, fact) { as_text(&term) } else { words::key(&term) };
            let next = self.term_texts.len();
            let id = *self.terms.entry(key).or_insert(next);
            if id == next {
                self.term_times.push(ours::time(&term));
                self.term_texts.push(term);
                self.kinds.push(HashSet::new());
            } else if self.term_texts[id] != term && !self.is_counted(id) {
                self.alike.insert(id);
            }
            self.kinds[id].insert(clause::kind_of(&value.value));
            ids.push(id);
        }
        for &one in &ids {
            self.beside.extend(ids.iter().map(|&other| (one, other)));
        }
        self.fact_terms.push(ids);
    }

    fn is_weak(&self, term: &str, fact: usize) -> bool {
        let parts = || term.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        let spoken = &self.vouched[fact].spoken;
        let twists = |part: &str| words::twist(part).is_some() || words::number(part).is_some();
        let ordinary = words::value(&words::key(term)) || parts().all(words::ordinary) || parts().any(twists);
        ordinary && !parts().all(|part| spoken.contains(part)) && !spoken.contains(&words::key(term))
    }

    fn add_written(&mut self) {
        let facts = self.facts;
        for sentence in &facts.sentences {
            let tokens = super::written(sentence);
            let stated: HashSet<usize> = sentence.states().filter(|at| *at < self.vouched.len()).collect();
            let mut said = Vouched::default();
            ours::note_words(&tokens, &mut said);
            for &at in &stated {
                let vouched = &mut self.vouched[at];
                vouched.words.extend(said.words.iter().cloned());
                vouched.spoken.extend(said.spoken.iter().cloned());
                vouched.numbers.extend(said.numbers.iter().cloned());
                vouched.times.extend(said.times.iter().copied());
            }
            for clause in clause::split(&tokens, facts, |_, _| false) {
                self.add_clause(&tokens, clause.start..clause.end);
            }
            let ordered = |token: &Token| match token {
                Token::Fact(at) if clause::quantity(token, facts).is_some() => Some(Ordered::Fact(*at)),
                Token::Word(word) => {
                    let word = word.to_lowercase();
                    (words::twist(&word) == Some(Twist::Order)).then_some(Ordered::Word(word))
                }
                _ => None,
            };
            self.orders.push(tokens.iter().filter_map(ordered).collect());
        }
    }

    /// What a clause of a written sentence says of the facts in it.
    fn add_clause(&mut self, tokens: &[Token], range: std::ops::Range<usize>) {
        let facts = self.facts;
        let mut said = Vouched::default();
        ours::note_twists(tokens, range.clone(), &mut said);
        let fact = |token: &Token| if let Token::Fact(at) = token { Some(*at) } else { None };
        self.stated_together.push(tokens[range.clone()].iter().filter_map(fact).collect());
        for place in range {
            let Token::Fact(at) = tokens[place] else { continue };
            let Some(vouched) = self.vouched.get_mut(at) else { continue };
            vouched.denials.extend(said.denials.iter().cloned());
            vouched.claims.extend(said.claims.iter().cloned());
            vouched.must_deny |= !said.denials.is_empty();
            vouched.places.insert(ours::before(tokens, place, facts));
        }
    }

    /// Finds terms and words of the context.
    pub(super) fn mentions(&self, tokens: &[Token]) -> Mentions {
        let mut mentions = Mentions {
            at: vec![Vec::new(); tokens.len()],
            covered: vec![false; tokens.len()],
            joined: vec![false; tokens.len()],
        };
        let mut at = 0;
        while at < tokens.len() {
            at += match &tokens[at] {
                Token::Figure(figure, _) => {
                    let terms = self.term_times.iter().enumerate();
                    let named = terms.filter(|(_, time)| time.is_some_and(|time| figure.means(time)));
                    mentions.at[at].extend(named.map(|(id, _)| id));
                    mentions.at[at].extend(figure.unit().and_then(|unit| self.terms.get(&unit)));
                    mentions.at[at].extend(figure.year().and_then(|year| self.terms.get(&year.to_string())));
                    let mut times = self.term_times.iter().flatten().chain(&self.context_times);
                    mentions.covered[at] = times.any(|time| figure.is_time(*time));
                    1
                }
                Token::Text(text, _) => {
                    let term = self.terms.get(&as_text(text)).or_else(|| self.terms.get(&words::key(text)));
                    mentions.at[at].extend(term);
                    mentions.covered[at] = true;
                    1
                }
                Token::Word(_) | Token::Id(_) => self.mention(tokens, at, &mut mentions),
                _ => 1,
            };
        }
        for found in &mut mentions.at {
            found.retain(|term| !self.alike.contains(term));
        }
        mentions
    }

    /// The longest term or word of the context that begins here; how many tokens it has, at least one.
    fn mention(&self, tokens: &[Token], at: usize, mentions: &mut Mentions) -> usize {
        let worded = |token: &&Token| matches!(token, Token::Word(_) | Token::Id(_));
        let most = tokens[at..].iter().take(TERM_WORDS).take_while(worded).count();
        for length in (1..=most).rev() {
            let texts: Vec<String> = tokens[at..at + length].iter().map(Token::text).collect();
            let (joined, spaced) = (texts.concat(), texts.join(" "));
            let key = words::key(&joined);
            let class = || (length == 1).then(|| self.terms.get(&words::class(&joined))).flatten();
            let written_so =
                |term: &&usize| words::value(&key) || words::parts(&self.term_texts[**term]) == words::parts(&spaced);
            let term = self.terms.get(&key).filter(written_so).or_else(class);
            if term.is_some() || (!key.is_empty() && self.context.contains(&key)) {
                mentions.at[at].extend(term);
                mentions.covered[at..at + length].fill(true);
                mentions.joined[at..at + length].fill(length > 1);
                return length;
            }
        }
        1
    }

    /// The terms of a fact.
    pub(super) fn terms(&self, fact: usize) -> &[usize] {
        &self.fact_terms[fact]
    }

    /// Whether the term is what figures are counts of.
    pub(super) fn is_counted(&self, term: usize) -> bool {
        words::head(&words::class(&self.term_texts[term]))
    }

    /// Whether two terms exclude each other: no fact has both.
    pub(super) fn compete(&self, one: usize, other: usize) -> bool {
        one != other && !self.beside.contains(&(one, other))
    }

    /// Whether the term tells another fact from this one, so that a clause with it is not about this one.
    pub(super) fn foreign(&self, term: usize, fact: usize) -> bool {
        if self.terms(fact).contains(&term) || self.context.contains(&words::key(&self.term_texts[term])) {
            return false;
        }
        let kind = clause::kind_of(&self.facts.facts[fact].value);
        // A time beside a figure is the time of that figure.
        self.kinds[term].contains(&kind) || (kind != Kind::Time && !self.speaks_of(term, fact))
    }

    /// Whether our own words about a fact have the term.
    pub(super) fn speaks_of(&self, term: usize, fact: usize) -> bool {
        let text = &self.term_texts[term];
        let words = &self.vouched[fact].words;
        words.contains(&words::key(text)) || text.split(' ').all(|part| words.contains(&words::class(part)))
    }

    /// Whether the text is one of several that are told apart only by what stands beside them: the rows of a list.
    pub(super) fn is_listed(&self, fact: usize) -> bool {
        self.listed[fact]
    }

    /// Whether a clause of a written sentence states both.
    pub(super) fn are_together(&self, one: usize, other: usize) -> bool {
        self.stated_together.iter().any(|stated| stated.contains(&one) && stated.contains(&other))
    }

    /// Whether the text is a term of the fact.
    pub(super) fn has_term(&self, fact: usize, text: &str) -> bool {
        self.facts.facts[fact].terms.iter().any(|term| term.to_lowercase() == text.to_lowercase())
    }

    /// Whether the text is one of the context.
    pub(super) fn in_context(&self, text: &str) -> bool {
        self.context.contains(&words::key(text))
    }

    /// Whether the answer is narrowed to a part of the fleet: by a word, or by a name that was asked about.
    pub(super) fn is_narrowed(&self) -> bool {
        let name = |fact: &Fact| matches!(fact.value, FactValue::Text(_)) && fact.about.ends_with("asked about");
        self.context_times.len() < self.facts.context.len() || self.facts.facts.iter().any(name)
    }
}

/// The key of a term that only counts as the text of a fact.
fn as_text(text: &str) -> String {
    format!("\"{}", words::key(text))
}

/// Which texts are rows of a list: their descriptions are the same but for a number, or they have terms.
fn listed(facts: &Facts) -> Vec<bool> {
    let shape = |about: &str| about.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let mut shapes: HashMap<String, usize> = HashMap::new();
    let texts = || facts.facts.iter().filter(|fact| matches!(fact.value, FactValue::Text(_)));
    for fact in texts() {
        *shapes.entry(shape(&fact.about)).or_default() += 1;
    }
    let listed = |fact: &Fact| {
        let several = shapes.get(&shape(&fact.about)).is_some_and(|number| *number > 1);
        matches!(fact.value, FactValue::Text(_)) && (several || !fact.terms.is_empty())
    };
    facts.facts.iter().map(listed).collect()
}
