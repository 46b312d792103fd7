//! The words of a sentence: each must be plain, or our own words about the facts that its clause states must have it. What
//! denies, orders, ranks, rounds or widens must do so there as it does here.

use super::bind::{Bound, Reading, amount};
use super::clause::{self, Kind};
use super::figure::Figure;
use super::ours;
use super::token::Token;
use super::words::{self, Twist};
use super::{Refusal, derived, mask};

/// Judges the words of a clause that speaks of `own` terms.
pub(super) fn judge(reading: &Reading<'_>, clause: usize, own: &[usize]) -> Result<(), Refusal> {
    let range = reading.clauses[clause];
    let mut stated = reading.facts_in(range.start, range.end);
    if stated.is_empty() {
        stated = reading.facts_in(0, reading.tokens.len());
    }
    let says_nothing = stated.is_empty();
    let words = Words { reading, clause, stated };
    for at in range.start..range.end {
        words.judge_token(at)?;
    }
    words.judge_terms(own)?;
    words.judge_pairs()?;
    if says_nothing { Err(Refusal::SaysNothing) } else { words.judge_omission() }
}

/// The words of one clause.
struct Words<'r, 'a> {
    reading: &'r Reading<'a>,
    clause: usize,
    stated: Vec<usize>,
}

impl Words<'_, '_> {
    /// Every term must be one of a fact of the clause, or be in our own words about it.
    fn judge_terms(&self, own: &[usize]) -> Result<(), Refusal> {
        let known = self.reading.known;
        let range = self.reading.clauses[self.clause];
        for at in range.start..range.end {
            for term in self.reading.mentions.at[at].iter().filter(|term| own.contains(term)) {
                let fits = |fact: &usize| !known.foreign(*term, *fact) || known.speaks_of(*term, *fact);
                if !self.stated.iter().any(fits) {
                    return Err(Refusal::WrongFact(self.reading.tokens[at].text()));
                }
            }
        }
        Ok(())
    }

    /// A text of a list, or one of words, stands only beside what belongs to it: what has it as a term, or stands beside it in
    /// a written sentence.
    fn judge_pairs(&self) -> Result<(), Refusal> {
        let known = self.reading.known;
        let facts = &known.facts.facts;
        let range = self.reading.clauses[self.clause];
        for at in range.start..range.end {
            let (Token::Text(shown, _), Bound::Part(text)) = (&self.reading.tokens[at], self.reading.bound[at]) else {
                continue;
            };
            let listed = known.is_listed(text);
            let wordy = mask::is_wordy(shown) && self.reading.role(at).is_none();
            if known.in_context(shown) || !(listed || wordy) {
                continue;
            }
            let belongs = |fact: &usize| {
                let kind = clause::kind_of(&facts[*fact].value);
                let alone = match kind {
                    Kind::Text => !known.is_listed(*fact),
                    Kind::Time => known.terms(*fact).is_empty(),
                    _ => false,
                };
                *fact == text || alone || known.has_term(*fact, shown) || known.are_together(text, *fact)
            };
            if !self.stated.iter().all(belongs) {
                return Err(Refusal::WrongFact(shown.clone()));
            }
        }
        Ok(())
    }

    fn judge_token(&self, at: usize) -> Result<(), Refusal> {
        let reading = self.reading;
        let token = &reading.tokens[at];
        let denies = matches!(token, Token::Figure(Figure::Nothing, _)) && reading.bound[at] == Bound::Nothing;
        if denies {
            return self.judge_denial(at, &token.text());
        }
        // A term that is one word of denial or order is judged as any other such word.
        let twists = token.word().is_some_and(|word| words::twist(&word).is_some()) && !reading.mentions.joined[at];
        let time = matches!(token, Token::Figure(figure, _) if !figure.is_quantity());
        if reading.mentions.covered[at] && !twists && !time {
            return Ok(());
        }
        match token {
            Token::Word(word) => self.judge_word(at, word),
            Token::Id(id) if self.vouches(&words::key(id)) => Ok(()),
            Token::Id(id) if id.starts_with(|c: char| !c.is_alphabetic()) => Err(Refusal::UnknownFigure(id.clone())),
            Token::Id(id) => Err(Refusal::UnknownWord(id.clone())),
            Token::Figure(figure, _) if !figure.is_quantity() => self.judge_time(at),
            _ => Ok(()),
        }
    }

    /// A time is when something was; a word that makes it a beginning or an end must be ours.
    fn judge_time(&self, at: usize) -> Result<(), Refusal> {
        let before = at.checked_sub(1).and_then(|before| self.reading.tokens[before].word()).unwrap_or_default();
        let bounds = matches!(before.as_str(), "by" | "from" | "to" | "through" | "between" | "within" | "into" | "as");
        let vouched = &self.reading.known.vouched;
        let ours = || self.stated.iter().any(|fact| vouched[*fact].spoken.contains(&before));
        if !bounds || ours() { Ok(()) } else { Err(Refusal::Twisted(before)) }
    }

    fn judge_word(&self, at: usize, word: &str) -> Result<(), Refusal> {
        let lower = word.to_lowercase();
        match words::twist(&lower) {
            Some(Twist::Denial) => return self.judge_denial(at, word),
            // Judged over the whole sentence.
            Some(Twist::Order) => return Ok(()),
            Some(Twist::Claim) => return self.judge_claim(at, &lower),
            None => {}
        }
        let begins = match at.checked_sub(1).map(|before| &self.reading.tokens[before]) {
            None => true,
            Some(Token::Mark(mark)) => matches!(mark, ':' | '.' | '('),
            Some(_) => false,
        };
        // In the middle of a sentence a capital makes a name of a word.
        let plain = |word: &str| words::plain(word) || words::plain(word.strip_suffix("'s").unwrap_or(word));
        if whole(&lower) && self.is_left_out() {
            return Err(Refusal::Twisted(word.to_owned()));
        }
        if plain(&lower) && (word == lower || begins || words::proper(&lower)) {
            return Ok(());
        }
        let class = words::class(word);
        let reckons = matches!(class.as_str(), "difference" | "share") && derived::in_clause(self.reading, self.clause);
        let whole_fleet = class == "fleet" && !self.reading.known.is_narrowed();
        if reckons
            || whole_fleet
            || self.vouches(&class)
            || word.split('-').all(|part| self.vouches(&words::class(part)))
        {
            return Ok(());
        }
        if self.reading.known.vouched.iter().any(|vouched| vouched.words.contains(&class)) {
            Err(Refusal::WrongFact(word.to_owned()))
        } else {
            Err(Refusal::UnknownWord(word.to_owned()))
        }
    }

    /// Whether the answer is narrowed to a part and the sentence does not say to which.
    fn is_left_out(&self) -> bool {
        let named =
            |at: usize| self.reading.mentions.covered[at] && !matches!(self.reading.tokens[at], Token::Figure(..));
        self.reading.known.is_narrowed() && !(0..self.reading.tokens.len()).any(named)
    }

    /// Whether our own words about a fact of the clause have the word.
    fn vouches(&self, class: &str) -> bool {
        let vouched = &self.reading.known.vouched;
        words::plain(class) || self.stated.iter().any(|fact| vouched[*fact].words.contains(class))
    }

    /// A denial must deny what our own words about a fact of the clause deny.
    fn judge_denial(&self, at: usize, word: &str) -> Result<(), Refusal> {
        let lower = word.to_lowercase();
        let denied = (words::denial(&lower).to_owned(), ours::next(self.reading.tokens, at));
        let vouched = &self.reading.known.vouched;
        let ours = self.stated.iter().any(|fact| vouched[*fact].denials.contains(&denied));
        if ours { Ok(()) } else { Err(Refusal::Twisted(word.to_owned())) }
    }

    /// What ranks, rounds or widens must be in our own words about every quantity of the clause.
    fn judge_claim(&self, at: usize, word: &str) -> Result<(), Refusal> {
        let reading = self.reading;
        let before = at.checked_sub(1).and_then(|before| reading.tokens[before].word());
        let after = reading.tokens.get(at + 1);
        if word == "all"
            && before.as_deref() == Some("in")
            && matches!(after, None | Some(Token::Mark(_)))
            && !self.is_left_out()
        {
            return Ok(());
        }
        let facts = &reading.known.facts.facts;
        let quantity = |fact: &&usize| clause::kind_of(&facts[**fact].value).is_quantity();
        let ours = |fact: &usize| reading.known.vouched[*fact].claims.contains(word);
        let mut quantities = self.stated.iter().filter(quantity).peekable();
        let vouched = if quantities.peek().is_some() { quantities.all(ours) } else { self.stated.iter().any(ours) };
        if vouched { Ok(()) } else { Err(Refusal::Twisted(reading.tokens[at].text())) }
    }

    /// What can't be told without a denial must have one.
    fn judge_omission(&self) -> Result<(), Refusal> {
        let range = self.reading.clauses[self.clause];
        let denies = |token: &Token| match token {
            Token::Word(word) => words::twist(&word.to_lowercase()) == Some(Twist::Denial),
            Token::Figure(Figure::Nothing, _) => true,
            _ => false,
        };
        if self.reading.tokens[range.start..range.end].iter().any(denies) {
            return Ok(());
        }
        for at in range.start..range.end {
            if let Bound::Part(fact) = self.reading.bound[at]
                && self.reading.known.vouched[fact].must_deny
                && amount(&self.reading.known.facts.facts[fact].value).is_some_and(|amount| !amount.is_zero())
            {
                return Err(Refusal::WrongFact(self.reading.tokens[at].text()));
            }
        }
        Ok(())
    }
}

/// Whether the word says that a figure is all there is.
fn whole(word: &str) -> bool {
    matches!(word, "total" | "totals" | "altogether" | "overall" | "fleet")
}
