//! Every instruction set of this processor gives the bits of the scalar twin.

#[cfg(target_arch = "x86_64")]
use std::io::Write as _;

use super::super::kernels::attend::{Gathered, PAGE};
use super::super::kernels::multiply::multiply as products;
use super::super::tiles::{self, COLS, GROUP_ROWS, GROUP_TILES, ROWS, Rule};
use super::multiply::Work;
use super::*;

/// Numbers without a pattern, the same in every run.
struct Noise(u64);

impl Noise {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn float(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 8_388_608.0 - 1.0
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }

    fn record(&mut self, kind: TileKind) -> Vec<u8> {
        let tensor = kind.tensor_type();
        let blocks = COLS / tensor.block_len();
        let rows: Vec<Vec<u8>> = (0..ROWS)
            .map(|_| {
                let mut row: Vec<u8> =
                    (0..blocks * tensor.block_bytes()).map(|_| self.bits().to_le_bytes()[3]).collect();
                for block in row.chunks_exact_mut(tensor.block_bytes()) {
                    let scales = match kind {
                        TileKind::Q6K => 208..210,
                        TileKind::Q4K | TileKind::Q5K => 0..4,
                        _ => 0..2,
                    };
                    for half in block[scales].chunks_exact_mut(2) {
                        half.copy_from_slice(&tiles::narrow(self.float() * 0.01).to_le_bytes());
                    }
                }
                row
            })
            .collect();
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        let mut record = vec![0; kind.record_bytes()];
        tiles::pack_tile(kind, &rows, &mut record);
        record
    }

    /// Those of a group, one behind the other.
    fn records(&mut self, kind: TileKind) -> Vec<u8> {
        (0..GROUP_TILES).flat_map(|_| self.record(kind)).collect()
    }
}

fn room() -> Box<[Unpacked; GROUP_TILES]> {
    Box::new(std::array::from_fn(|_| Unpacked::zeroed()))
}

fn wide() -> Vec<Isa> {
    Isa::available().into_iter().filter(|isa| *isa != Isa::SCALAR).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Four tiles, and so many tokens to multiply them with.
fn tokens(noise: &mut Noise, count: usize) -> Vec<Activations> {
    let quantised = |t| {
        let mut out = Activations::ZERO;
        // One token of extremes: the products that come nearest to saturating.
        let values = if t == 1 { vec![1.0; COLS] } else { noise.floats(COLS) };
        quantise(Isa::SCALAR, &values, &mut out);
        out
    };
    (0..count).map(quantised).collect()
}

fn unpacked(kind: TileKind, records: &[u8]) -> Box<[Unpacked; GROUP_TILES]> {
    let mut tiles = room();
    for (record, tile) in records.chunks_exact(kind.record_bytes()).zip(tiles.iter_mut()) {
        unpack(Isa::SCALAR, kind, record, tile);
    }
    tiles
}

#[test]
fn products_of_tiles_are_the_twins() {
    let mut noise = Noise(1);
    for kind in TileKind::ALL {
        // Two times 256 columns, and what is behind them.
        let records: Vec<u8> = (0..3).flat_map(|_| noise.records(kind)).collect();
        let four = GROUP_TILES * kind.record_bytes();
        let (first, second) = (unpacked(kind, &records[..four]), unpacked(kind, &records[four..2 * four]));
        // As many tokens as any kernel takes at once, and the rests.
        for count in [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 22, 23, 40] {
            let activations = tokens(&mut noise, 2 * count);
            let before = noise.floats(count * GROUP_ROWS);
            let mut twin = before.clone();
            products(kind.rule(), &first, &activations[..count], &mut twin);
            let half = twin.clone();
            products(kind.rule(), &second, &activations[count..], &mut twin);
            for isa in wide() {
                let mut out = before.clone();
                let work = Work::begin(isa, kind.rule(), count);
                work.multiply(&first, &activations[..count], &[7; 900], &mut out);
                assert_eq!(bits(&out), bits(&half), "{kind:?} of {count} with {}", isa.name());
                drop(work);
                let mut out = before.clone();
                multiply_packed(isa, kind, &records, &mut room(), &activations, count, &mut out);
                assert_eq!(bits(&out), bits(&twin), "packed {kind:?} of {count} with {}", isa.name());
            }
        }
    }
}

/// Says that a test ends here, for lack of something in this processor or its system.
#[cfg(target_arch = "x86_64")]
fn lacks(what: &str) {
    writeln!(std::io::stdout(), "skipped: there is no {what} here").expect("somewhere to say it");
}

/// Every count of tokens that AMX takes otherwise, and every format.
#[cfg(target_arch = "x86_64")]
fn compare(seed: u64, multiply: impl Fn(Rule, &[Unpacked; GROUP_TILES], &[Activations], &mut [f32])) {
    let mut noise = Noise(seed);
    for kind in TileKind::ALL {
        let tiles = unpacked(kind, &noise.records(kind));
        for count in 1..=40 {
            let activations = tokens(&mut noise, count);
            let mut out = noise.floats(count * GROUP_ROWS);
            let mut twin = out.clone();
            products(kind.rule(), &tiles, &activations, &mut twin);
            multiply(kind.rule(), &tiles, &activations, &mut out);
            assert_eq!(bits(&out), bits(&twin), "{kind:?} of {count}");
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn amx_gives_the_bits_of_the_twin_on_several_threads_at_once() {
    let Some(isa) = Isa::available().into_iter().find(|isa| isa.0 == Level::Amx) else { return lacks("AMX") };
    std::thread::scope(|scope| {
        for seed in 10..13 {
            scope.spawn(move || {
                compare(seed, |rule, tiles, tokens, out| {
                    Work::begin(isa, rule, tokens.len()).multiply(tiles, tokens, &[7; 900], out);
                });
            });
        }
    });
}

/// What AMX does, where there is none.
#[cfg(target_arch = "x86_64")]
struct Plain(Rule);

#[cfg(target_arch = "x86_64")]
impl amx::Products for Plain {
    fn rule(&self) -> Rule {
        self.0
    }

    fn pair<const STEPS: usize>(
        &self,
        tokens: &[Activations; amx::TOKENS],
        tile: &Unpacked,
        pair: usize,
        sums: &mut amx::Sums,
    ) {
        for (half, sums) in sums.0.iter_mut().enumerate() {
            let steps = (2 * pair + half) * STEPS..(2 * pair + half + 1) * STEPS;
            for (token, sums) in tokens.iter().zip(sums) {
                for (row, sum) in sums.iter_mut().enumerate() {
                    let four = |step: usize| {
                        let quants = token.q[step].to_le_bytes().map(|q| i32::from(q.cast_signed()));
                        (0..4).map(|i| i32::from(tile.q[step][4 * row + i]) * quants[i]).sum::<i32>()
                    };
                    *sum = steps.clone().map(four).sum();
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn all_but_the_sums_of_amx_gives_the_bits_of_the_twin() {
    if !Isa::available().iter().any(|isa| isa.0 == Level::Avx512) {
        return lacks("AVX-512 with VNNI");
    }
    compare(14, |rule, tiles, tokens, out| {
        // SAFETY: invariant 1.
        unsafe { amx::multiply(&Plain(rule), tiles, tokens, &[7; 900], out) };
    });
}

#[test]
fn extreme_quants_do_not_saturate() {
    let mut tiles = room();
    for tile in tiles.iter_mut() {
        tile.q = [[255; 4 * ROWS]; COLS / 4];
        tile.scale = [[1.0; ROWS]; 16];
    }
    let mut token = Activations::ZERO;
    quantise(Isa::SCALAR, &[-1.0; COLS], &mut token);
    token.scale = 1.0;
    for isa in Isa::available() {
        for count in [1, 16] {
            let mut out = vec![0.0; count * GROUP_ROWS];
            Work::begin(isa, Rule::Offset32(128), count).multiply(&tiles, &vec![token; count], &[], &mut out);
            assert_eq!(out, vec![-127.0 * 127.0 * 256.0; count * GROUP_ROWS], "{count} with {}", isa.name());
        }
    }
}

#[test]
fn tiles_unpack_as_their_twins_and_to_what_was_packed() {
    let mut noise = Noise(2);
    for kind in TileKind::ALL {
        let record = noise.record(kind);
        let mut twin = Unpacked::zeroed();
        unpack(Isa::SCALAR, kind, &record, &mut twin);
        for isa in wide() {
            let mut out = Unpacked::zeroed();
            unpack(isa, kind, &record, &mut out);
            assert!(out == twin, "{kind:?} with {}", isa.name());
        }
    }
}

#[test]
fn small_kernels_are_their_twins() {
    let mut noise = Noise(3);
    for length in [1, 7, 16, 33, 96, 128, 255, 256] {
        let (a, b) = (noise.floats(length), noise.floats(length));
        for isa in wide() {
            let name = isa.name();
            assert_eq!(dot(isa, &a, &b).to_bits(), dot(Isa::SCALAR, &a, &b).to_bits(), "dot of {length} with {name}");
            let pair = |run: &dyn Fn(Isa, &mut [f32])| {
                let (mut ours, mut twin) = (a.clone(), a.clone());
                run(isa, &mut ours);
                run(Isa::SCALAR, &mut twin);
                assert_eq!(bits(&ours), bits(&twin), "{length} with {name}");
            };
            pair(&|isa, out| norm(isa, &a, &b, 1e-5, out));
            pair(&|isa, out| add(isa, out, &b));
            pair(&|isa, out| gated(isa, out, &b));
            pair(&|isa, out| rotate(isa, out, &b[..length / 2], &a[..length / 2]));
            let halves: Vec<u16> =
                (0..length).map(|_| noise.bits().to_le_bytes()[0]).map(u16::from).map(|b| b * 120).collect();
            pair(&|isa, out| widen_f16(isa, &halves, out));
            let bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
            pair(&|isa, out| widen_f16_bytes(isa, &bytes, out));
            pair(&|isa, out| widen_bf16_bytes(isa, &bytes, out));
            let signed: Vec<i8> = bytes.iter().take(length).map(|b| b.cast_signed()).collect();
            pair(&|isa, out| widen_i8(isa, &signed, &b, out));
            let (mut ours, mut twin) = (Activations::ZERO, Activations::ZERO);
            quantise(isa, &a, &mut ours);
            quantise(Isa::SCALAR, &a, &mut twin);
            assert_eq!(ours, twin, "{length} with {name}");
        }
    }
}

#[test]
fn attention_is_its_twin_and_sees_only_what_it_may() {
    let mut noise = Noise(4);
    for width in [8, 15, 16, 48, 96, 128] {
        let query = noise.floats(width);
        for (from, to) in [(0, PAGE), (0, 1), (5, 20), (31, 32)] {
            let (mut keys, mut values) = (noise.floats(width * PAGE), noise.floats(width * PAGE));
            for hidden in (0..PAGE).filter(|i| *i < from || *i >= to) {
                (0..width).for_each(|i| keys[i * PAGE + hidden] = f32::NAN);
                values[hidden * width..(hidden + 1) * width].fill(f32::NAN);
            }
            let run = |isa| {
                let (mut gathered, mut weighted) = (Gathered::NOTHING, vec![0.0; width]);
                for _ in 0..2 {
                    attend(isa, &query, &keys, &values, from..to, &mut gathered, &mut weighted);
                }
                weighted.push(gathered.sum);
                weighted.push(gathered.largest);
                weighted
            };
            let twin = run(Isa::SCALAR);
            assert!(twin.iter().all(|x| x.is_finite()), "{width} {from} {to}: {twin:?}");
            for isa in wide() {
                assert_eq!(bits(&run(isa)), bits(&twin), "{width} {from} {to} with {}", isa.name());
            }
        }
    }
}
