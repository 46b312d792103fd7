//! Keys and values of all layers, in pages of 32 positions, written in place and never moved.
//!
//! A page of one layer and head holds a line of 32 positions for each value of a key, so that scores are computed for
//! all positions at once, then a line of values for each position. It does not know whose page it is.

use crate::engine::kernels::Isa;
use crate::engine::kernels::attend::PAGE;
use crate::engine::{raw, tiles};
use crate::files::KvType;

/// See the module's documentation. Memory the system has not been made to touch costs nothing yet.
pub struct Cache {
    layers: Vec<Store>,
    pages: usize,
    heads: usize,
    width: usize,
}

enum Store {
    F32(Vec<f32>),
    F16(Vec<u16>),
    Int8 { q: Vec<i8>, scales: Vec<f32> },
}

/// One head of one layer, all its pages.
pub struct Head<'a> {
    values: Values<'a>,
    width: usize,
}

enum Values<'a> {
    F32(&'a mut [f32]),
    F16(&'a mut [u16]),
    Int8 { q: &'a mut [i8], scales: &'a mut [f32] },
}

impl Cache {
    /// `width` values in each of `heads` heads.
    #[must_use]
    pub fn new(kv: KvType, layers: usize, heads: usize, width: usize, pages: usize) -> Self {
        let size = heads * pages * 2 * width * PAGE;
        let store = || match kv {
            KvType::F32 => Store::F32(vec![0.0; size]),
            KvType::F16 => Store::F16(vec![0; size]),
            KvType::Int8 => Store::Int8 { q: vec![0; size], scales: vec![0.0; heads * pages * 2 * PAGE] },
        };
        Self { layers: (0..layers).map(|_| store()).collect(), pages, heads, width }
    }

    /// Bytes of all of it.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let of = |store: &Store| match store {
            Store::F32(values) => size_of_val(values.as_slice()),
            Store::F16(values) => size_of_val(values.as_slice()),
            Store::Int8 { q, scales } => q.len() + size_of_val(scales.as_slice()),
        };
        self.layers.iter().map(|store| of(store) as u64).sum()
    }

    /// The heads of a layer, to be used by different threads.
    pub fn heads(&mut self, layer: usize) -> Vec<Head<'_>> {
        let (width, size) = (self.width, self.pages * 2 * self.width * PAGE);
        let mut heads = Vec::with_capacity(self.heads);
        let mut push = |values| heads.push(Head { values, width });
        match &mut self.layers[layer] {
            Store::F32(all) => all.chunks_mut(size).for_each(|head| push(Values::F32(head))),
            Store::F16(all) => all.chunks_mut(size).for_each(|head| push(Values::F16(head))),
            Store::Int8 { q, scales } => {
                let pairs = q.chunks_mut(size).zip(scales.chunks_mut(self.pages * 2 * PAGE));
                pairs.for_each(|(q, scales)| push(Values::Int8 { q, scales }));
            }
        }
        heads
    }
}

impl Head<'_> {
    /// Writes one position.
    pub fn write(&mut self, page: usize, position: usize, key: &[f32], value: &[f32]) {
        let half = self.width * PAGE;
        let (keys, values) = (2 * page * half, (2 * page + 1) * half + position * self.width);
        match &mut self.values {
            Values::F32(all) => {
                key.iter().enumerate().for_each(|(i, x)| all[keys + i * PAGE + position] = *x);
                all[values..values + self.width].copy_from_slice(value);
            }
            Values::F16(all) => {
                key.iter().enumerate().for_each(|(i, x)| all[keys + i * PAGE + position] = tiles::narrow(*x));
                value.iter().zip(&mut all[values..]).for_each(|(x, out)| *out = tiles::narrow(*x));
            }
            Values::Int8 { q, scales } => {
                let scale = step(key);
                scales[2 * page * PAGE + position] = scale;
                key.iter().enumerate().for_each(|(i, x)| q[keys + i * PAGE + position] = in_steps(*x, scale));
                let scale = step(value);
                scales[(2 * page + 1) * PAGE + position] = scale;
                value.iter().zip(&mut q[values..]).for_each(|(x, out)| *out = in_steps(*x, scale));
            }
        }
    }

    /// A page as floats, keys and values.
    pub fn read(&self, isa: Isa, page: usize, keys: &mut [f32], values: &mut [f32]) {
        let half = self.width * PAGE;
        let (start, middle, end) = (2 * page * half, (2 * page + 1) * half, (2 * page + 2) * half);
        match &self.values {
            Values::F32(all) => {
                keys.copy_from_slice(&all[start..middle]);
                values.copy_from_slice(&all[middle..end]);
            }
            Values::F16(all) => {
                raw::widen_f16(isa, &all[start..middle], keys);
                raw::widen_f16(isa, &all[middle..end], values);
            }
            Values::Int8 { q, scales } => {
                let scales = &scales[2 * page * PAGE..(2 * page + 2) * PAGE];
                let (of_keys, of_values) = scales.split_at(PAGE);
                raw::widen_i8(isa, &q[start..middle], of_keys, keys);
                let lines = q[middle..end].chunks_exact(self.width).zip(values.chunks_exact_mut(self.width));
                for ((line, out), scale) in lines.zip(of_values) {
                    line.iter().zip(out).for_each(|(q, out)| *out = f32::from(*q) * scale);
                }
            }
        }
    }
}

/// What one of 127 steps is worth.
fn step(values: &[f32]) -> f32 {
    values.iter().fold(0.0_f32, |largest, x| largest.max(x.abs())) / 127.0
}

fn in_steps(value: f32, step: f32) -> i8 {
    if step > 0.0 { (value / step).round_ties_even() as i8 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_in_each_type_and_nothing_beside_it_changes() {
        for (kv, bound) in [(KvType::F32, 0.0), (KvType::F16, 1e-3), (KvType::Int8, 8e-3)] {
            let mut cache = Cache::new(kv, 2, 3, 6, 4);
            let of = |head: usize, page: usize, position: usize, i: usize| {
                ((head * 31 + page * 17 + position * 5 + i) as f32).sin()
            };
            for (number, head) in cache.heads(1).iter_mut().enumerate() {
                for (page, position) in [(0, 0), (0, 31), (3, 7)] {
                    let key: Vec<f32> = (0..6).map(|i| of(number, page, position, i)).collect();
                    let value: Vec<f32> = key.iter().map(|x| -x).collect();
                    head.write(page, position, &key, &value);
                }
            }
            for isa in Isa::available() {
                let (mut keys, mut values) = (vec![0.0; 6 * PAGE], vec![0.0; 6 * PAGE]);
                for (number, head) in cache.heads(1).iter().enumerate() {
                    for page in 0..4 {
                        head.read(isa, page, &mut keys, &mut values);
                        for position in 0..PAGE {
                            let written = matches!((page, position), (0, 0 | 31) | (3, 7));
                            for i in 0..6 {
                                let wanted = if written { of(number, page, position, i) } else { 0.0 };
                                assert!((keys[i * PAGE + position] - wanted).abs() <= bound, "{kv:?}");
                                assert!((values[position * 6 + i] + wanted).abs() <= bound, "{kv:?}");
                            }
                        }
                    }
                }
            }
        }
    }
}
