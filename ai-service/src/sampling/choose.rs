//! One token out of scaled logits: top_k, then top_p, then min_p, then a draw.
//!
//! Exact for any vocabulary, and no more than a few passes over it: only as many of the likeliest as are needed to reach
//! `top_p` are ever sorted.

use super::random::Generator;

/// How many of the likeliest are looked at first for `top_p`; eight times as many each further time.
const FIRST_LOOK: usize = 64;

/// The token with the largest logit; the first of equals.
pub fn greedy(logits: &[f32]) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (token, logit) in logits.iter().enumerate() {
        if *logit > best.map_or(f32::NEG_INFINITY, |(_, value)| value) {
            best = Some((token, *logit));
        }
    }
    best.map(|(token, _)| token)
}

/// A token drawn from the softmax of `logits`, among those that the limits leave. `None` where no logit is finite.
/// `top_k` 0 and `top_p` 1 are no limits, nor is `min_p` 0.
pub fn draw(logits: &[f32], top_k: usize, top_p: f64, min_p: f64, random: &mut Generator) -> Option<usize> {
    let largest = f64::from(logits[greedy(logits)?]);
    let weigh = |token: usize| (f64::from(logits[token]) - largest).exp();
    let mut kept: Vec<(usize, f64)> =
        (0..logits.len()).map(|token| (token, weigh(token))).filter(|(_, weight)| *weight > 0.0).collect();
    if top_k > 0 && top_k < kept.len() {
        likeliest_first(&mut kept, top_k);
        kept.truncate(top_k);
    }
    if top_p < 1.0 {
        nucleus(&mut kept, top_p);
    }
    // The largest weight is 1, so that `min_p` is a bound on the weight itself.
    if min_p > 0.0 {
        kept.retain(|(_, weight)| *weight >= min_p);
    }
    let total: f64 = kept.iter().map(|(_, weight)| weight).sum();
    let mut left = random.unit() * total;
    for (token, weight) in &kept {
        left -= weight;
        if left < 0.0 {
            return Some(*token);
        }
    }
    kept.last().map(|(token, _)| *token)
}

/// Brings the `count` likeliest to the front, in order; ties by id.
fn likeliest_first(kept: &mut [(usize, f64)], count: usize) {
    let order = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if count < kept.len() {
        kept.select_nth_unstable_by(count, order);
    }
    kept[..count].sort_unstable_by(order);
}

/// Keeps the fewest of the likeliest whose weights together reach `share` of all.
fn nucleus(kept: &mut Vec<(usize, f64)>, share: f64) {
    let wanted = share * kept.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut look = FIRST_LOOK.min(kept.len());
    loop {
        likeliest_first(kept, look);
        let mut reached = 0.0;
        let enough = kept[..look].iter().position(|(_, weight)| {
            reached += weight;
            reached >= wanted
        });
        if let Some(last) = enough {
            return kept.truncate(last + 1);
        }
        if look == kept.len() {
            return;
        }
        look = (look * 8).min(kept.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each token comes out of 4,000 draws.
    fn counts(logits: &[f32], top_k: usize, top_p: f64, min_p: f64) -> Vec<usize> {
        let (mut random, mut counts) = (Generator::new(1), vec![0; logits.len()]);
        (0..4000).for_each(|_| counts[draw(logits, top_k, top_p, min_p, &mut random).unwrap()] += 1);
        counts
    }

    #[test]
    fn draws_follow_the_softmax() {
        let shares = [0.5_f32, 0.25, 0.15, 0.1];
        let logits: Vec<f32> = shares.iter().map(|share| share.ln() + 3.0).collect();
        for (count, share) in counts(&logits, 0, 1.0, 0.0).iter().zip(shares) {
            assert!((*count as f32 / 4000.0 - share).abs() < 0.03, "{count} for {share}");
        }
    }

    #[test]
    fn the_limits_leave_what_they_say() {
        let logits: Vec<f32> = [0.1_f32, 0.5, 0.25, 0.15].iter().map(|share| share.ln()).collect();
        let left = |top_k, top_p, min_p| -> Vec<usize> {
            let counts = counts(&logits, top_k, top_p, min_p);
            (0..4).filter(|token| counts[*token] > 0).collect()
        };
        assert_eq!(left(0, 1.0, 0.0), [0, 1, 2, 3]);
        assert_eq!(left(2, 1.0, 0.0), [1, 2]);
        assert_eq!(left(1, 1.0, 0.0), [1]);
        assert_eq!(left(9, 1.0, 0.0), [0, 1, 2, 3]);
        assert_eq!(left(0, 0.7, 0.0), [1, 2]);
        assert_eq!(left(0, 0.8, 0.0), [1, 2, 3]);
        assert_eq!(left(0, 0.0, 0.0), [1]);
        assert_eq!(left(0, 1.0, 0.45), [1, 2]);
        assert_eq!(left(3, 0.9, 0.0), [1, 2, 3]);
    }

    #[test]
    fn a_flat_distribution_wider_than_the_first_look_is_exact() {
        let logits = vec![0.0_f32; 1000];
        let (mut random, mut largest) = (Generator::new(3), 0);
        for _ in 0..4000 {
            largest = largest.max(draw(&logits, 0, 0.5, 0.0, &mut random).unwrap());
        }
        assert!((480..500).contains(&largest), "{largest}");
    }

    #[test]
    fn what_is_forbidden_never_comes() {
        let logits = [f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY];
        assert_eq!(counts(&logits, 0, 1.0, 0.0), [0, 4000, 0]);
        let none = [f32::NEG_INFINITY; 3];
        assert_eq!((greedy(&none), draw(&none, 0, 1.0, 0.0, &mut Generator::new(1))), (None, None));
    }
}
