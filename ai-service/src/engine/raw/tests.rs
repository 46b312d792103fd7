//! Every instruction set of this processor gives the bits of the scalar twin.

use super::super::kernels::attend::{Gathered, PAGE};
use super::super::tiles::{self, COLS, GROUP_ROWS, ROWS};
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

#[test]
fn products_of_tiles_are_the_twins() {
    let mut noise = Noise(1);
    for kind in TileKind::ALL {
        let (records, mut tiles) = (noise.records(kind), room());
        for (record, tile) in records.chunks_exact(kind.record_bytes()).zip(tiles.iter_mut()) {
            unpack(Isa::SCALAR, kind, record, tile);
        }
        // As many tokens as any kernel takes at once, and the rests.
        for tokens in [1, 2, 3, 4, 5, 6, 7, 8, 9, 13] {
            let activations: Vec<Activations> = (0..tokens)
                .map(|t| {
                    let mut out = Activations::ZERO;
                    // One token of extremes: the products that come nearest to saturating.
                    let values = if t == 1 { vec![1.0; COLS] } else { noise.floats(COLS) };
                    quantise(Isa::SCALAR, &values, &mut out);
                    out
                })
                .collect();
            let before = noise.floats(tokens * GROUP_ROWS);
            let mut twin = before.clone();
            multiply(Isa::SCALAR, kind.rule(), &tiles, &activations, &[], &mut twin);
            for isa in wide() {
                let mut out = before.clone();
                multiply(isa, kind.rule(), &tiles, &activations, &[7; 900], &mut out);
                assert_eq!(bits(&out), bits(&twin), "{kind:?} of {tokens} with {}", isa.name());
                let mut out = before.clone();
                multiply_packed(isa, kind, &records, &mut room(), &activations, &[7; 900], &mut out);
                assert_eq!(bits(&out), bits(&twin), "packed {kind:?} of {tokens} with {}", isa.name());
            }
        }
    }
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
        let mut out = vec![0.0; GROUP_ROWS];
        multiply(isa, Rule::Offset32(128), &tiles, &[token], &[], &mut out);
        assert_eq!(out, vec![-127.0 * 127.0 * 256.0; GROUP_ROWS], "{}", isa.name());
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
