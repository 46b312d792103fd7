//! Figures that are no facts but follow from facts of the same sentence. The rule, and there is no other:
//!
//! - A **sum**: the clause says `together`, `total` or the like, and the figure is the sum of all quantities of its kind that the
//!   sentence states, at least two, each of which excludes each other by its terms.
//! - A **difference**: the clause says `difference`, and the sentence states exactly two quantities of its kind.
//! - A **share**: a percent, and the sentence states exactly two quantities of one kind of which one is a part of the other.

use rust_decimal::{Decimal, RoundingStrategy};

use super::bind::{Bound, Reading, amount};
use super::clause::{self, Kind};
use super::figure::{Figure, one_decimal};
use crate::assistant::FactValue;

/// Words that say that a figure is a sum.
const SUM: &[&str] = &["together", "combined", "altogether", "total", "sum", "overall"];

/// Whether the figure follows from what the sentence states; `own` are the terms of its clause.
pub(super) fn follows(reading: &Reading<'_>, clause: usize, figure: Figure, own: &[usize]) -> bool {
    let kind = match figure {
        Figure::Number(_) => Kind::Count,
        Figure::Money(..) => Kind::Money,
        Figure::Hours(_) => Kind::Hours,
        Figure::Percent(share) => return is_share(reading, share),
        _ => return false,
    };
    let stated = stated(reading, kind);
    let fits = |fact: &usize| same_unit(figure, &reading.known.facts.facts[*fact].value);
    let known = |term: &usize| stated.iter().any(|fact| !reading.known.foreign(*term, *fact));
    if stated.len() < 2 || !stated.iter().all(fits) || !own.iter().all(known) {
        return false;
    }
    let amounts: Vec<Decimal> =
        stated.iter().filter_map(|fact| amount(&reading.known.facts.facts[*fact].value)).collect();
    let is = |exact: Decimal| is_shown(figure, exact);
    if says(reading, clause, SUM)
        && excluding(reading, &stated)
        && amounts.iter().try_fold(Decimal::ZERO, |sum, next| sum.checked_add(*next)).is_some_and(is)
    {
        return true;
    }
    says(reading, clause, &["difference"]) && amounts.len() == 2 && is((amounts[0] - amounts[1]).abs())
}

/// The quantities of a kind that the sentence states, each once.
fn stated(reading: &Reading<'_>, kind: Kind) -> Vec<usize> {
    let of_kind = |fact: &usize| clause::kind_of(&reading.known.facts.facts[*fact].value) == kind;
    super::each_once(reading.facts_in(0, reading.tokens.len()).into_iter().filter(of_kind))
}

fn same_unit(figure: Figure, value: &FactValue) -> bool {
    match (figure, value) {
        (Figure::Money(_, currency), FactValue::Money(money)) => currency == money.currency,
        _ => true,
    }
}

/// Whether the figure is how an exact number is shown.
fn is_shown(figure: Figure, exact: Decimal) -> bool {
    match figure {
        Figure::Number(number) => number == exact,
        Figure::Hours(number) => number == one_decimal(exact),
        Figure::Money(number, currency) => {
            let rounding = RoundingStrategy::MidpointAwayFromZero;
            number == exact.round_dp_with_strategy(currency.minor_digits(), rounding)
        }
        _ => false,
    }
}

fn says(reading: &Reading<'_>, clause: usize, words: &[&str]) -> bool {
    let clause = reading.clauses[clause];
    let said = |token: &super::Token| token.word().is_some_and(|word| words.contains(&word.as_str()));
    reading.tokens[clause.start..clause.end].iter().any(said)
}

/// Whether nothing can be counted by two of them.
fn excluding(reading: &Reading<'_>, facts: &[usize]) -> bool {
    let known = reading.known;
    let apart = |one: usize, other: usize| {
        known.terms(one).iter().any(|term| known.terms(other).iter().any(|of| known.compete(*term, *of)))
    };
    facts.iter().enumerate().all(|(at, one)| facts[at + 1..].iter().all(|other| apart(*one, *other)))
}

fn is_share(reading: &Reading<'_>, share: Decimal) -> bool {
    let mut shares = 0;
    for kind in [Kind::Count, Kind::Money, Kind::Hours] {
        let [one, other] = stated(reading, kind)[..] else { continue };
        let (part, whole) = if reading.is_part(one, other) { (one, other) } else { (other, one) };
        let value = |fact: usize| amount(&reading.known.facts.facts[fact].value).unwrap_or_default();
        if !reading.is_part(part, whole) || value(whole) <= Decimal::ZERO || value(part) < Decimal::ZERO {
            continue;
        }
        let Some(exact) = value(part).checked_mul(Decimal::ONE_HUNDRED).and_then(|of| of.checked_div(value(whole)))
        else {
            continue;
        };
        let whole_number = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        shares += usize::from(share == one_decimal(exact) || share == whole_number);
    }
    shares == 1
}

/// Whether something in the clause was derived, so that words of reckoning may stand in it.
pub(super) fn in_clause(reading: &Reading<'_>, clause: usize) -> bool {
    let clause = reading.clauses[clause];
    reading.bound[clause.start..clause.end].contains(&Bound::Derived)
}
