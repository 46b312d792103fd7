//! From a row of logits to the next token: biases and penalties, the grammar's mask, temperature, top_k, top_p, min_p and
//! a seeded draw.
//!
//! It knows one sequence and no model. The order is fixed: bias, repetition penalty, presence and frequency penalty, mask,
//! temperature, top_k, top_p, min_p. Log probabilities are those of the model itself, before any of it. To add a setting:
//! a field in [`Settings`], its place in [`Sampler::next`], a test.

pub mod choose;
pub mod random;
pub mod stop;

use std::collections::HashMap;

use random::Generator;

/// How tokens are chosen. [`Settings::default`] takes the model's distribution as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// 0: always the likeliest token.
    pub temperature: f32,
    /// Only the likeliest tokens that together have this share, `0.0 ..= 1.0`.
    pub top_p: f32,
    /// Only so many of the likeliest; 0: all.
    pub top_k: usize,
    /// Only tokens at least this share as likely as the likeliest, `0.0 ..= 1.0`.
    pub min_p: f32,
    /// Divides positive and multiplies negative logits of what was in the prompt or the answer; 1: nothing.
    pub repetition_penalty: f32,
    /// Taken off the logits of what was in the answer.
    pub presence_penalty: f32,
    /// Taken off once for each time it was there.
    pub frequency_penalty: f32,
    /// Added to the logits of these tokens.
    pub bias: Vec<(u32, f32)>,
    /// Where the random numbers begin.
    pub seed: u64,
    /// How many alternatives are told with each token's log probability; `None`: no log probabilities.
    pub logprobs: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_p: 1.0,
            top_k: 0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            bias: Vec::new(),
            seed: 0,
            logprobs: None,
        }
    }
}

/// A chosen token.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Which.
    pub token: u32,
    /// Its natural log probability and the likeliest tokens with theirs, where they were asked for.
    pub logprobs: Option<Logprobs>,
}

/// How likely the model held a token, and what it held likeliest.
#[derive(Debug, Clone, PartialEq)]
pub struct Logprobs {
    /// Of the chosen token.
    pub chosen: f32,
    /// The likeliest, in order.
    pub top: Vec<(u32, f32)>,
}

/// Chooses the tokens of one sequence.
#[derive(Debug, Clone)]
pub struct Sampler {
    settings: Settings,
    random: Generator,
    /// Of the prompt and the answer: how often it was in the answer.
    seen: HashMap<u32, u32>,
}

impl Sampler {
    /// For a sequence that begins with `prompt`.
    pub fn new(settings: Settings, prompt: &[u32]) -> Self {
        let random = Generator::new(settings.seed);
        let wanted = settings.repetition_penalty != 1.0;
        let seen = if wanted { prompt.iter().map(|token| (*token, 0)).collect() } else { HashMap::new() };
        Self { settings, random, seen }
    }

    /// The next token. `mask`: a bit for each token that may come, 32 in a word; `None`: all may. `logits` is changed.
    /// `None` where nothing may come or no number is one.
    pub fn next(&mut self, logits: &mut [f32], mask: Option<&[u32]>) -> Option<Choice> {
        let settings = &self.settings;
        // Before anything is changed: how likely the model itself held it.
        let raw = settings.logprobs.map(|count| LogSoftmax::of(logits, count));
        let raw_logits = raw.as_ref().map(|_| logits.to_vec());
        for (token, bias) in &settings.bias {
            if let Some(logit) = logits.get_mut(*token as usize) {
                *logit += bias;
            }
        }
        for (token, count) in &self.seen {
            let Some(logit) = logits.get_mut(*token as usize) else { continue };
            let penalty = settings.repetition_penalty;
            *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
            if *count > 0 {
                *logit -= settings.presence_penalty + settings.frequency_penalty * *count as f32;
            }
        }
        if let Some(mask) = mask {
            for (token, logit) in logits.iter_mut().enumerate() {
                if mask.get(token / 32).is_none_or(|word| word & (1 << (token % 32)) == 0) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
        let token = if settings.temperature <= 0.0 {
            choose::greedy(logits)?
        } else {
            logits.iter_mut().for_each(|logit| *logit /= settings.temperature);
            let (top_p, min_p) = (f64::from(settings.top_p), f64::from(settings.min_p));
            choose::draw(logits, settings.top_k, top_p, min_p, &mut self.random)?
        };
        let logprobs = raw.zip(raw_logits).map(|(softmax, raw)| Logprobs {
            chosen: softmax.log(raw[token]),
            top: softmax.top.iter().map(|other| (*other, softmax.log(raw[*other as usize]))).collect(),
        });
        let token = u32::try_from(token).ok()?;
        let penalised =
            settings.repetition_penalty != 1.0 || settings.presence_penalty != 0.0 || settings.frequency_penalty != 0.0;
        if penalised {
            *self.seen.entry(token).or_default() += 1;
        }
        Some(Choice { token, logprobs })
    }
}

/// What turns a logit into a log probability.
struct LogSoftmax {
    largest: f64,
    log_total: f64,
    top: Vec<u32>,
}

impl LogSoftmax {
    fn of(logits: &[f32], count: usize) -> Self {
        let largest: f64 = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max).into();
        let log_total = logits.iter().map(|logit| (f64::from(*logit) - largest).exp()).sum::<f64>().ln();
        let mut order: Vec<u32> = (0..u32::try_from(logits.len()).unwrap_or(u32::MAX)).collect();
        let likelier = |a: &u32, b: &u32| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b));
        if count > 0 && count < order.len() {
            order.select_nth_unstable_by(count, likelier);
        }
        order.truncate(count);
        order.sort_unstable_by(likelier);
        Self { largest, log_total, top: order }
    }

    fn log(&self, logit: f32) -> f32 {
        (f64::from(logit) - self.largest - self.log_total) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [1.0, 2.0, 3.0, -1.0];

    fn cold(change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings { temperature: 0.0, ..Settings::default() };
        change(&mut settings);
        settings
    }

    fn take(sampler: &mut Sampler, mask: Option<&[u32]>) -> u32 {
        sampler.next(&mut LOGITS.to_vec(), mask).unwrap().token
    }

    #[test]
    fn cold_takes_the_likeliest_and_bias_and_mask_change_what_that_is() {
        assert_eq!(take(&mut Sampler::new(cold(|_| ()), &[]), None), 2);
        assert_eq!(take(&mut Sampler::new(cold(|s| s.bias = vec![(3, 5.0), (99, 9.0)]), &[]), None), 3);
        assert_eq!(take(&mut Sampler::new(cold(|_| ()), &[]), Some(&[0b1001])), 0);
        assert_eq!(Sampler::new(cold(|_| ()), &[]).next(&mut LOGITS.to_vec(), Some(&[0])), None);
        assert_eq!(Sampler::new(cold(|_| ()), &[]).next(&mut [f32::NAN; 4], None), None);
    }

    #[test]
    fn penalties_push_away_what_was_said() {
        let mut frequency = Sampler::new(cold(|s| s.frequency_penalty = 0.6), &[2]);
        let said: Vec<u32> = (0..5).map(|_| take(&mut frequency, None)).collect();
        // 2 falls from 3.0 by 0.6 each time; 1 stands at 2.0. The prompt does not count.
        assert_eq!(said, [2, 2, 1, 2, 1]);
        let mut presence = Sampler::new(cold(|s| s.presence_penalty = 1.5), &[]);
        assert_eq!([(); 4].map(|()| take(&mut presence, None)), [2, 1, 2, 2]);
        let mut repetition = Sampler::new(cold(|s| s.repetition_penalty = 2.0), &[2]);
        assert_eq!([(); 2].map(|()| take(&mut repetition, None)), [1, 2], "the prompt counts");
    }

    #[test]
    fn the_same_seed_says_the_same() {
        let draw = |seed| {
            let mut sampler = Sampler::new(Settings { seed, ..Settings::default() }, &[]);
            (0..50).map(|_| take(&mut sampler, None)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn heat_flattens() {
        let likeliest = |temperature| {
            let mut sampler = Sampler::new(Settings { temperature, ..Settings::default() }, &[]);
            (0..2000).filter(|_| take(&mut sampler, None) == 2).count()
        };
        let (cool, warm, hot) = (likeliest(0.3), likeliest(1.0), likeliest(5.0));
        assert!(cool > warm && warm > hot && hot > 2000 / 4, "{cool} {warm} {hot}");
    }

    #[test]
    fn log_probabilities_are_the_models_own() {
        let settings = cold(|s| {
            s.logprobs = Some(2);
            s.bias = vec![(0, 50.0)];
        });
        let choice = Sampler::new(settings, &[]).next(&mut LOGITS.to_vec(), None).unwrap();
        let total = LOGITS.iter().map(|logit| logit.exp()).sum::<f32>().ln();
        let logprobs = choice.logprobs.unwrap();
        assert_eq!(choice.token, 0);
        assert!((logprobs.chosen - (1.0 - total)).abs() < 1e-5);
        assert_eq!(logprobs.top.iter().map(|(token, _)| *token).collect::<Vec<_>>(), [2, 1]);
        assert!((logprobs.top[0].1 - (3.0 - total)).abs() < 1e-5);
        let all = Sampler::new(cold(|s| s.logprobs = Some(4)), &[]).next(&mut LOGITS.to_vec(), None).unwrap();
        let sum: f32 = all.logprobs.unwrap().top.iter().map(|(_, log)| log.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-5);
    }
}
