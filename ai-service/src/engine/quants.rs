//! The block formats of quantised tensors: from a file's bytes to small whole numbers with their scales, and to floats.
//!
//! It computes nothing with them: [`super::tiles`] packs what is read here for the kernels. To add a format: a function
//! that fills a [`Block`] or a [`Small`], a line in [`dequantise_row`], and in `tiles` where it should be fast.

use half::{bf16, f16};

use crate::files::TensorType;

/// Values in a superblock.
pub const SUPER: usize = 256;

/// A superblock of one of the K formats, unpacked: value `i` is `d * scale * q - dmin * min` (Q4_K and Q5_K, scale and
/// minimum of 32 values) or `d * scale * (q - 32)` (Q6_K, signed scale of 16 values).
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Unsigned quants.
    pub q: [u8; SUPER],
    /// Scales: 8, or 16 signed ones for Q6_K.
    pub scales: [u8; 16],
    /// Minimums: 8, or none for Q6_K.
    pub mins: [u8; 8],
    /// Bits of the half float `d`.
    pub d: u16,
    /// Bits of the half float `dmin`.
    pub dmin: u16,
}

impl Default for Block {
    fn default() -> Self {
        Self { q: [0; SUPER], scales: [0; 16], mins: [0; 8], d: 0, dmin: 0 }
    }
}

/// A block of 32 values: `d * (q - offset)` or `d * q + m`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Small {
    /// Unsigned quants.
    pub q: [u8; 32],
    /// Bits of the half float `d`.
    pub d: u16,
    /// Bits of the half float `m`, zero where the format has none.
    pub m: u16,
}

fn word(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// The eight 6-bit scales and minimums of Q4_K and Q5_K, which share 12 bytes.
fn six_bits(packed: &[u8], block: &mut Block) {
    for j in 0..4 {
        block.scales[j] = packed[j] & 63;
        block.mins[j] = packed[j + 4] & 63;
        block.scales[j + 4] = (packed[j + 8] & 15) | (packed[j] >> 6) << 4;
        block.mins[j + 4] = (packed[j + 8] >> 4) | (packed[j + 4] >> 6) << 4;
    }
}

/// Reads a Q4_K superblock of 144 bytes.
pub fn q4k(bytes: &[u8], block: &mut Block) {
    block.d = word(bytes, 0);
    block.dmin = word(bytes, 2);
    six_bits(&bytes[4..16], block);
    for (pair, out) in bytes[16..144].chunks_exact(32).zip(block.q.chunks_exact_mut(64)) {
        let (low, high) = out.split_at_mut(32);
        for ((byte, low), high) in pair.iter().zip(low).zip(high) {
            *low = byte & 15;
            *high = byte >> 4;
        }
    }
}

/// Reads a Q5_K superblock of 176 bytes.
pub fn q5k(bytes: &[u8], block: &mut Block) {
    block.d = word(bytes, 0);
    block.dmin = word(bytes, 2);
    six_bits(&bytes[4..16], block);
    let fifth = &bytes[16..48];
    for (j, (pair, out)) in bytes[48..176].chunks_exact(32).zip(block.q.chunks_exact_mut(64)).enumerate() {
        let (low, high) = out.split_at_mut(32);
        for (((byte, bits), low), high) in pair.iter().zip(fifth).zip(low).zip(high) {
            *low = (byte & 15) | ((bits >> (2 * j)) & 1) << 4;
            *high = (byte >> 4) | ((bits >> (2 * j + 1)) & 1) << 4;
        }
    }
}

/// Reads a Q6_K superblock of 210 bytes.
pub fn q6k(bytes: &[u8], block: &mut Block) {
    block.d = word(bytes, 208);
    block.dmin = 0;
    block.scales.copy_from_slice(&bytes[192..208]);
    for (half, out) in block.q.chunks_exact_mut(128).enumerate() {
        let low = &bytes[half * 64..half * 64 + 64];
        let high = &bytes[128 + half * 32..128 + half * 32 + 32];
        for (i, bits) in high.iter().enumerate() {
            out[i] = (low[i] & 15) | (bits & 3) << 4;
            out[i + 32] = (low[i + 32] & 15) | (bits >> 2 & 3) << 4;
            out[i + 64] = (low[i] >> 4) | (bits >> 4 & 3) << 4;
            out[i + 96] = (low[i + 32] >> 4) | (bits >> 6) << 4;
        }
    }
}

fn nibbles(packed: &[u8], q: &mut [u8; 32]) {
    for (i, byte) in packed.iter().enumerate() {
        q[i] = byte & 15;
        q[i + 16] = byte >> 4;
    }
}

fn fifth_bits(packed: &[u8], q: &mut [u8; 32]) {
    for (i, value) in q.iter_mut().enumerate() {
        *value |= (packed[i / 8] >> (i % 8) & 1) << 4;
    }
}

/// Reads a Q4_0 block of 18 bytes: offset 8.
pub fn q4_0(bytes: &[u8], block: &mut Small) {
    block.d = word(bytes, 0);
    nibbles(&bytes[2..18], &mut block.q);
}

/// Reads a Q8_0 block of 34 bytes: offset 128.
pub fn q8_0(bytes: &[u8], block: &mut Small) {
    block.d = word(bytes, 0);
    for (q, byte) in block.q.iter_mut().zip(&bytes[2..34]) {
        *q = byte ^ 0x80;
    }
}

/// Turns a row of any type into floats.
///
/// # Panics
/// `bytes` is not exactly the row of `out.len()` values; whoever has a checked `TensorView` can't cause it.
pub fn dequantise_row(kind: TensorType, bytes: &[u8], out: &mut [f32]) {
    assert_eq!(kind.bytes_of(&[out.len()]), Some(bytes.len()), "a row of {kind} has another length");
    let blocks = bytes.chunks_exact(kind.block_bytes());
    let mut pairs = blocks.zip(out.chunks_exact_mut(kind.block_len()));
    match kind {
        TensorType::F32 => pairs.for_each(|(b, out)| out[0] = f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        TensorType::F16 => pairs.for_each(|(b, out)| out[0] = f16::from_bits(word(b, 0)).to_f32()),
        TensorType::BF16 => pairs.for_each(|(b, out)| out[0] = bf16::from_bits(word(b, 0)).to_f32()),
        TensorType::Q4K => supers(&mut pairs, q4k, 32, 0),
        TensorType::Q5K => supers(&mut pairs, q5k, 32, 0),
        TensorType::Q6K => supers(&mut pairs, q6k, 16, 32),
        TensorType::Q4_0 => smalls(&mut pairs, q4_0, 8),
        TensorType::Q8_0 => smalls(&mut pairs, q8_0, 128),
        TensorType::Q4_1 => smalls(
            &mut pairs,
            |b, small| {
                (small.d, small.m) = (word(b, 0), word(b, 2));
                nibbles(&b[4..20], &mut small.q);
            },
            0,
        ),
        TensorType::Q5_0 => smalls(
            &mut pairs,
            |b, small| {
                small.d = word(b, 0);
                nibbles(&b[6..22], &mut small.q);
                fifth_bits(&b[2..6], &mut small.q);
            },
            16,
        ),
        TensorType::Q5_1 => smalls(
            &mut pairs,
            |b, small| {
                (small.d, small.m) = (word(b, 0), word(b, 2));
                nibbles(&b[8..24], &mut small.q);
                fifth_bits(&b[4..8], &mut small.q);
            },
            0,
        ),
    }
}

fn supers<'a>(
    pairs: &mut dyn Iterator<Item = (&'a [u8], &'a mut [f32])>,
    read: fn(&[u8], &mut Block),
    of_scale: usize,
    offset: i32,
) {
    let mut block = Block::default();
    for (bytes, out) in pairs {
        read(bytes, &mut block);
        let (d, dmin) = (f16::from_bits(block.d).to_f32(), f16::from_bits(block.dmin).to_f32());
        for (j, (q, out)) in block.q.chunks_exact(of_scale).zip(out.chunks_exact_mut(of_scale)).enumerate() {
            let (scale, min) = match offset {
                0 => (d * f32::from(block.scales[j]), dmin * f32::from(block.mins[j])),
                _ => (d * f32::from(block.scales[j].cast_signed()), 0.0),
            };
            for (q, out) in q.iter().zip(out) {
                *out = scale * (i32::from(*q) - offset) as f32 - min;
            }
        }
    }
}

fn smalls<'a>(
    pairs: &mut dyn Iterator<Item = (&'a [u8], &'a mut [f32])>,
    read: impl Fn(&[u8], &mut Small),
    offset: i32,
) {
    let mut block = Small::default();
    for (bytes, out) in pairs {
        read(bytes, &mut block);
        let (d, m) = (f16::from_bits(block.d).to_f32(), f16::from_bits(block.m).to_f32());
        for (q, out) in block.q.iter().zip(out) {
            *out = d * (i32::from(*q) - offset) as f32 + m;
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::QTensor;
    use candle_core::{Device, Tensor};

    use super::*;

    /// candle's quantiser and dequantiser are the judge: another implementation of the same formats.
    #[test]
    fn every_format_reads_as_candle_reads_it() {
        let values: Vec<f32> =
            (0_u32..1024).map(|i| ((i.wrapping_mul(2_654_435_761) >> 8) as f32 / 8_388_608.0) - 1.0).collect();
        let tensor = Tensor::from_vec(values.clone(), (2, 512), &Device::Cpu).expect("a tensor");
        for kind in TensorType::ALL {
            let quantised = QTensor::quantize(&tensor, kind.candle()).expect("a quantised tensor");
            let bytes = quantised.data().expect("its bytes").into_owned();
            let theirs =
                quantised.dequantize(&Device::Cpu).and_then(|t| t.flatten_all()).and_then(|t| t.to_vec1::<f32>());
            let theirs = theirs.expect("floats");
            let mut ours = vec![0.0; 1024];
            for (row, out) in bytes.chunks_exact(bytes.len() / 2).zip(ours.chunks_exact_mut(512)) {
                dequantise_row(kind, row, out);
            }
            for (our, their) in ours.iter().zip(&theirs) {
                assert!((our - their).abs() <= 1e-6, "{kind}: {our} and {their}");
            }
            let worst = ours.iter().zip(&values).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 0.2, "{kind}: {worst} from what was quantised");
        }
    }
}
