//! What one desktop pays in one month, day by day.

use super::{DAY, Month};
use crate::{
    fleet::model::RunningMode,
    history::{History, Period, Shape},
    pricing::{
        E10_PER_CENT,
        tariff::{Charge, Edition, compute, rates},
    },
};

const ONE: i64 = 10_000_000_000;
/// No month has more.
pub(crate) const MOST_DAYS: usize = 31;

/// A kind of usage; together with the region this is a usage type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Usage {
    pub(crate) charge: Charge,
    pub(crate) edition: Edition,
    pub(crate) number: u32,
}

/// Amount and quantity, 1e-10 USD and 1e-10 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    pub(crate) amount: i64,
    pub(crate) quantity: i64,
}

impl std::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.amount += other.amount;
        self.quantity += other.quantity;
    }
}

/// The days of a month.
pub(crate) type Days = [Sum; MOST_DAYS];

/// `total * part / whole`, half to even.
fn share(total: i64, part: u32, whole: u32) -> i64 {
    let (product, whole) = (i128::from(total) * i128::from(part), i128::from(whole));
    let (floor, rest) = (product.div_euclid(whole), product.rem_euclid(whole));
    let up = match (2 * rest).cmp(&whole) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => floor % 2 != 0,
    };
    // A share of an i64 is no larger than it.
    i64::try_from(floor).unwrap_or(i64::MAX) + i64::from(up)
}

/// One desktop in one month.
#[derive(Debug)]
pub(crate) struct Account<'a> {
    pub(crate) region: &'a str,
    pub(crate) month: Month,
    /// What began before is booked.
    pub(crate) horizon: i64,
    pub(crate) edition: Edition,
}

impl Account<'_> {
    /// All charges; each usage once, with its days.
    pub(crate) fn of(&self, history: &History<'_>) -> Vec<(Usage, Days)> {
        let (start, end) = (self.month.start(), self.month.end());
        let known = end.min(self.horizon);
        let life = history.life();
        if life.created_at >= known || life.terminated_at.is_some_and(|at| at <= start || at <= life.created_at) {
            return Vec::new();
        }
        let periods = history.billing_periods(start, known);
        let Some(first) = periods.first() else { return Vec::new() };

        let mut lines: Vec<(Usage, Days)> = Vec::new();
        let first_day = self.day(first.start);
        for charge in [Charge::Monthly, Charge::Fee, Charge::Core] {
            let begins = periods.iter().find(|period| Some(charge) == standing(period.shape.running_mode));
            if let Some(begins) = begins {
                let price = |shape: &Shape| Some((self.usage(charge, shape), self.cents(charge, shape), 1));
                self.standing(&mut lines, &periods, self.day(begins.start), price);
            }
        }
        self.standing(&mut lines, &periods, first_day, |shape| {
            self.volume(Charge::RootVolume, shape, shape.root_gib.saturating_sub(compute(shape.compute).root_gib))
        });
        self.standing(&mut lines, &periods, first_day, |shape| {
            self.volume(Charge::UserVolume, shape, shape.user_gib.saturating_sub(compute(shape.compute).user_gib))
        });
        if periods.iter().any(|period| period.shape.running_mode == RunningMode::AutoStop) {
            self.hours(&mut lines, &periods, history, known);
        }
        lines
    }

    /// Day of the month, from 0.
    fn day(&self, seconds: i64) -> usize {
        (seconds - self.month.start()).div_euclid(DAY) as usize
    }

    fn usage(&self, charge: Charge, shape: &Shape) -> Usage {
        Usage { charge, edition: self.edition, number: compute(shape.compute).number }
    }

    fn cents(&self, charge: Charge, shape: &Shape) -> i64 {
        charge.cents(&rates(self.region, compute(shape.compute), self.edition))
    }

    fn volume(&self, charge: Charge, shape: &Shape, gibibytes: u32) -> Option<(Usage, i64, i64)> {
        // Volumes have one usage type and price whatever they are attached to.
        let usage = Usage { charge, edition: Edition::Windows, number: 0 };
        (gibibytes > 0).then(|| (usage, self.cents(charge, shape), i64::from(gibibytes)))
    }

    /// Spreads what is paid by the month from a day on; `price` says usage, cents and how many of it.
    fn standing(
        &self,
        lines: &mut Vec<(Usage, Days)>,
        periods: &[Period],
        from: usize,
        price: impl Fn(&Shape) -> Option<(Usage, i64, i64)>,
    ) {
        let whole = self.month.days();
        // The run of days with one price: since when.
        let mut run: Option<((Usage, i64, i64), usize)> = None;
        for day in from..whole as usize {
            let begins = self.month.start() + day as i64 * DAY;
            if begins >= self.horizon {
                break;
            }
            let now = price(shape_on(periods, begins + DAY));
            if run.map(|(priced, _)| priced) != now {
                run = now.map(|priced| (priced, day));
            }
            let Some(((usage, cents, count), since)) = run else { continue };
            let part = (day - since) as u32;
            let step = |total| share(total, part + 1, whole) - share(total, part, whole);
            let sum = Sum { amount: step(cents * count * E10_PER_CENT), quantity: step(count * ONE) };
            add(lines, usage, day, sum);
        }
    }

    fn hours(&self, lines: &mut Vec<(Usage, Days)>, periods: &[Period], history: &History<'_>, known: i64) {
        for chain in history.billed(self.month.start(), known) {
            let mut at = chain.start.max(self.month.start());
            while at < chain.end.min(known) {
                let day = self.day(at);
                let ends = self.month.start() + (day as i64 + 1) * DAY;
                let hours = chain.hours_in(at, ends.min(known));
                if hours > 0 {
                    let shape = shape_on(periods, ends);
                    let amount = hours * self.cents(Charge::Hour, shape) * E10_PER_CENT;
                    add(lines, self.usage(Charge::Hour, shape), day, Sum { amount, quantity: hours * ONE });
                }
                at = ends;
            }
        }
    }
}

/// What a running mode pays by the month.
fn standing(mode: RunningMode) -> Option<Charge> {
    Some(match mode {
        RunningMode::AlwaysOn => Charge::Monthly,
        RunningMode::AutoStop => Charge::Fee,
        RunningMode::Manual => Charge::Core,
    })
}

/// The shape at the end of a day.
fn shape_on(periods: &[Period], day_end: i64) -> &Shape {
    let begun = periods.iter().take_while(|period| period.start < day_end).count();
    &periods[begun.max(1) - 1].shape
}

fn add(lines: &mut Vec<(Usage, Days)>, usage: Usage, day: usize, sum: Sum) {
    let at = lines.iter().position(|(known, _)| *known == usage).unwrap_or_else(|| {
        lines.push((usage, [Sum::default(); MOST_DAYS]));
        lines.len() - 1
    });
    lines[at].1[day] += sum;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_round_half_to_even() {
        for (total, whole) in [(350_000_000_000, 31), (97_500_000_000, 30), (1, 28), (7, 29)] {
            let steps: i64 = (0..whole).map(|k| share(total, k + 1, whole) - share(total, k, whole)).sum();
            assert_eq!(steps, total);
        }
        assert_eq!(share(1, 1, 2), 0);
        assert_eq!(share(3, 1, 2), 2);
        assert_eq!(share(350_000_000_000, 1, 30), 11_666_666_667);
    }
}
