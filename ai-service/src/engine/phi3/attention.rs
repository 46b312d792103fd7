//! Attention of the tokens of a step: keys and values go into the cache, then each head looks back.
//!
//! One piece of work is one head of keys and values with all its queries (grouped-query attention repeats nothing). A
//! query meets pages in ascending order, whole ones but for the ends of what it may see, so that its sums do not depend
//! on how its sequence was cut into chunks.

use super::cache::{Cache, Head};
use super::rope::Rope;
use crate::engine::kernels::Isa;
use crate::engine::kernels::attend::{Gathered, PAGE};
use crate::engine::matrix::{Hands, Panels, Scratch};
use crate::engine::model::Chunk;
use crate::engine::raw;
use crate::files::Phi3Config;

/// Tokens that look at a page while it is at hand.
const TOGETHER: usize = 16;

/// Sines and cosines of the tokens of a step.
#[derive(Default)]
pub struct Angles {
    cos: Vec<f32>,
    sin: Vec<f32>,
    pairs: usize,
}

impl Angles {
    /// For these chunks, token by token.
    pub fn fill(&mut self, rope: &Rope, chunks: &[Chunk<'_>]) {
        self.cos.clear();
        self.sin.clear();
        self.pairs = rope.pairs();
        for chunk in chunks {
            for position in chunk.start..chunk.start + chunk.tokens.len() {
                rope.push(position, chunk.rope, &mut self.cos, &mut self.sin);
            }
        }
    }

    fn rotate(&self, isa: Isa, token: usize, head: &mut [f32]) {
        let range = token * self.pairs..(token + 1) * self.pairs;
        raw::rotate(isa, head, &self.cos[range.clone()], &self.sin[range]);
    }
}

/// What a layer's attention works on.
pub struct Attention<'a> {
    /// The model's figures.
    pub config: &'a Phi3Config,
    /// The step.
    pub chunks: &'a [Chunk<'a>],
    /// Its angles.
    pub angles: &'a Angles,
    /// Queries, then keys, then values of each token.
    pub qkv: &'a Panels,
}

impl Attention<'_> {
    /// Fills `out` with what each query gathered: a panel for each head of keys.
    pub fn run(&self, hands: &Hands, cache: &mut Cache, layer: usize, out: &mut Panels) {
        let config = self.config;
        let group = config.heads / config.kv_heads;
        out.reset(config.heads * config.head_dim, group * config.head_dim, self.qkv.tokens);
        let pieces = cache.heads(layer).into_iter().zip(out.panels());
        hands.pool.each(pieces, |worker, number, (mut head, out)| {
            self.write(hands.isa, number, &mut head);
            let scratch = &mut *hands.scratch(worker);
            let mut first = 0;
            for chunk in self.chunks {
                for start in (0..chunk.tokens.len()).step_by(TOGETHER) {
                    let count = TOGETHER.min(chunk.tokens.len() - start);
                    let block = Block { chunk, number, token: first + start, position: chunk.start + start, count };
                    self.look_back(hands.isa, &head, &block, scratch, out);
                }
                first += chunk.tokens.len();
            }
        });
    }

    fn write(&self, isa: Isa, number: usize, head: &mut Head<'_>) {
        let config = self.config;
        let width = config.head_dim;
        let keys = (config.heads + number) * width;
        let values = keys + config.kv_heads * width;
        let (mut key, mut value) = (vec![0.0; width], vec![0.0; width]);
        let mut token = 0;
        for chunk in self.chunks {
            for position in chunk.start..chunk.start + chunk.tokens.len() {
                self.qkv.read(token, keys..keys + width, &mut key);
                self.qkv.read(token, values..values + width, &mut value);
                self.angles.rotate(isa, token, &mut key);
                head.write(chunk.pages[position / PAGE] as usize, position % PAGE, &key, &value);
                token += 1;
            }
        }
    }

    fn look_back(&self, isa: Isa, head: &Head<'_>, block: &Block<'_>, scratch: &mut Scratch, out: &mut [f32]) {
        let config = self.config;
        let (width, group) = (config.head_dim, config.heads / config.kv_heads);
        let [queries, keys, values, weighted] = &mut scratch.own;
        keys.resize(width * PAGE, 0.0);
        values.resize(width * PAGE, 0.0);
        weighted.clear();
        weighted.resize(block.count * group * width, 0.0);
        queries.resize(block.count * group * width, 0.0);
        let mut gathered = vec![Gathered::NOTHING; block.count * group];
        let scale = 1.0 / (width as f32).sqrt();
        for (i, query) in queries.chunks_exact_mut(width).enumerate() {
            let (token, column) = (block.token + i / group, (block.number * group + i % group) * width);
            self.qkv.read(token, column..column + width, query);
            self.angles.rotate(isa, token, query);
            query.iter_mut().for_each(|x| *x *= scale);
        }
        let seen_from = |position: usize| config.window.map_or(0, |window| (position + 1).saturating_sub(window));
        let last = block.position + block.count - 1;
        for page in seen_from(block.position) / PAGE..=last / PAGE {
            head.read(isa, block.chunk.pages[page] as usize, keys, values);
            for i in 0..block.count {
                let position = block.position + i;
                let from = seen_from(position).max(page * PAGE);
                let to = (position + 1).min((page + 1) * PAGE);
                if from >= to {
                    continue;
                }
                let seen = from - page * PAGE..to - page * PAGE;
                for (query, state) in (i * group..(i + 1) * group).zip(&mut gathered[i * group..]) {
                    let range = query * width..(query + 1) * width;
                    let query = &queries[range.clone()];
                    raw::attend(isa, query, keys, values, seen.clone(), state, &mut weighted[range]);
                }
            }
        }
        let tokens = weighted.chunks_exact(width).zip(&gathered);
        let results = out[block.token * group * width..].chunks_exact_mut(width);
        for ((weighted, gathered), out) in tokens.zip(results) {
            let share = 1.0 / gathered.sum;
            weighted.iter().zip(out).for_each(|(x, out)| *out = x * share);
        }
    }
}

/// Some tokens of a chunk that follow each other.
struct Block<'a> {
    chunk: &'a Chunk<'a>,
    /// The head of keys.
    number: usize,
    /// The first, as a token of the step.
    token: usize,
    /// Its position in its sequence.
    position: usize,
    count: usize,
}
