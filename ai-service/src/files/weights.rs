//! Tensors by name: where their bytes lie in the mapped file, in which type and shape.
//!
//! Nothing is copied or converted: the bytes are the file's own, and the system reads and drops them as it likes. Names
//! are GGUF's, whatever the file; shapes have rows first (`[out, in]`). It does not know what the tensors are for.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use super::error::FileError;
use super::map::Map;

/// How the values of a tensor are stored. The quantised ones are stored in blocks along the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TensorType {
    /// 32-bit floats.
    F32,
    /// IEEE half floats.
    F16,
    /// The upper halves of 32-bit floats.
    BF16,
    /// 4 bits, one scale for 32.
    Q4_0,
    /// 4 bits, scale and minimum for 32.
    Q4_1,
    /// 5 bits, one scale for 32.
    Q5_0,
    /// 5 bits, scale and minimum for 32.
    Q5_1,
    /// 8 bits, one scale for 32.
    Q8_0,
    /// 4 bits in superblocks of 256.
    Q4K,
    /// 5 bits in superblocks of 256.
    Q5K,
    /// 6 bits in superblocks of 256.
    Q6K,
}

impl TensorType {
    /// Every type that is read.
    pub const ALL: [Self; 11] = [
        Self::F32,
        Self::F16,
        Self::BF16,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// Values in a block: 1, 32 or 256. The length of a row is a multiple of it.
    #[must_use]
    pub const fn block_len(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::BF16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of a block.
    #[must_use]
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Its number in GGUF.
    #[must_use]
    pub const fn gguf(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q4_1 => 3,
            Self::Q5_0 => 6,
            Self::Q5_1 => 7,
            Self::Q8_0 => 8,
            Self::Q4K => 12,
            Self::Q5K => 13,
            Self::Q6K => 14,
            Self::BF16 => 30,
        }
    }

    /// The type of this number in GGUF; `None`: one that is not read.
    #[must_use]
    pub fn from_gguf(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.gguf() == number)
    }

    /// The same type in candle, for its (de)quantisers.
    #[must_use]
    pub const fn candle(self) -> candle_core::quantized::GgmlDType {
        use candle_core::quantized::GgmlDType;
        match self {
            Self::F32 => GgmlDType::F32,
            Self::F16 => GgmlDType::F16,
            Self::BF16 => GgmlDType::BF16,
            Self::Q4_0 => GgmlDType::Q4_0,
            Self::Q4_1 => GgmlDType::Q4_1,
            Self::Q5_0 => GgmlDType::Q5_0,
            Self::Q5_1 => GgmlDType::Q5_1,
            Self::Q8_0 => GgmlDType::Q8_0,
            Self::Q4K => GgmlDType::Q4K,
            Self::Q5K => GgmlDType::Q5K,
            Self::Q6K => GgmlDType::Q6K,
        }
    }

    /// Bytes of a tensor of this shape; `None` where a row is not whole blocks or the figure does not fit.
    #[must_use]
    pub fn bytes_of(self, shape: &[usize]) -> Option<usize> {
        let row = *shape.last()?;
        if !row.is_multiple_of(self.block_len()) {
            return None;
        }
        let values = shape.iter().try_fold(1_usize, |product, side| product.checked_mul(*side))?;
        (values / self.block_len()).checked_mul(self.block_bytes())
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::BF16 => "BF16",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        })
    }
}

/// A tensor as it lies in the file. `bytes` has exactly the length its type and shape ask for; it may lie at any
/// address (safetensors aligns to nothing in particular).
#[derive(Debug, Clone, Copy)]
pub struct TensorView<'a> {
    /// How values are stored.
    pub dtype: TensorType,
    /// Rows first.
    pub shape: &'a [usize],
    /// Little-endian.
    pub bytes: &'a [u8],
}

impl<'a> TensorView<'a> {
    /// The bytes of a row; `None` past the last, or for a tensor without rows.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<&'a [u8]> {
        let [.., width] = self.shape else { return None };
        let length = self.dtype.bytes_of(&[*width])?;
        let start = row.checked_mul(length)?;
        self.bytes.get(start..start.checked_add(length)?)
    }
}

struct Entry {
    dtype: TensorType,
    shape: Vec<usize>,
    map: usize,
    range: Range<usize>,
}

/// The tensors of a model. Every entry's range lies within its map and fits its shape: checked when it is added.
#[derive(Default)]
pub struct WeightSource {
    maps: Vec<Map>,
    tensors: BTreeMap<String, Entry>,
}

impl WeightSource {
    /// Tensors held in memory: for tests and for benches with random weights.
    ///
    /// # Errors
    /// [`FileError::Header`] where the bytes of one are not what type and shape ask for, or a name comes twice.
    pub fn from_memory(
        tensors: impl IntoIterator<Item = (String, TensorType, Vec<usize>, Vec<u8>)>,
    ) -> Result<Self, FileError> {
        let mut source = Self::default();
        for (name, dtype, shape, bytes) in tensors {
            let range = 0..bytes.len();
            let map = source.add_map(Map::owned(bytes));
            source.add(name, dtype, shape, map, range)?;
        }
        Ok(source)
    }

    /// Takes a map in; tensors are added to it by the number given back.
    pub(super) fn add_map(&mut self, map: Map) -> usize {
        self.maps.push(map);
        self.maps.len() - 1
    }

    pub(super) fn add(
        &mut self,
        name: String,
        dtype: TensorType,
        shape: Vec<usize>,
        map: usize,
        range: Range<usize>,
    ) -> Result<(), FileError> {
        let wanted = dtype.bytes_of(&shape);
        if wanted.is_none() || wanted != range.end.checked_sub(range.start) {
            let found = range.end.saturating_sub(range.start);
            return Err(FileError::Header(format!("{found} bytes for the tensor {name}, which is {dtype} {shape:?}")));
        }
        let length = self.maps.get(map).map_or(0, |map| map.bytes().len());
        if range.end > length {
            let needed = range.end as u64;
            return Err(FileError::Truncated { what: format!("the tensor {name}"), needed, found: length as u64 });
        }
        if self.tensors.contains_key(&name) {
            return Err(FileError::Header(format!("the tensor {name} comes twice")));
        }
        self.tensors.insert(name, Entry { dtype, shape, map, range });
        Ok(())
    }

    /// The tensor of this (GGUF) name.
    ///
    /// # Errors
    /// [`FileError::MissingTensor`].
    pub fn tensor(&self, name: &str) -> Result<TensorView<'_>, FileError> {
        self.find(name).ok_or_else(|| FileError::MissingTensor(name.to_owned()))
    }

    /// The tensor of this (GGUF) name, if there is one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<TensorView<'_>> {
        let entry = self.tensors.get(name)?;
        let bytes = self.maps.get(entry.map)?.bytes().get(entry.range.clone())?;
        Some(TensorView { dtype: entry.dtype, shape: &entry.shape, bytes })
    }

    /// Names with types and shapes, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, TensorType, &[usize])> {
        self.tensors.iter().map(|(name, entry)| (name.as_str(), entry.dtype, entry.shape.as_slice()))
    }

    /// Bytes of all tensors together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.tensors.values().map(|entry| entry.range.len() as u64).sum()
    }

    /// Tells the system that a tensor's pages of the map will not be read soon, so that what was repacked does not stay
    /// resident twice. The tensor stays readable (it is read from the file again).
    pub fn release(&self, name: &str) {
        if let Some(entry) = self.tensors.get(name)
            && let Some(map) = self.maps.get(entry.map)
        {
            map.release(entry.range.clone());
        }
    }
}

impl fmt::Debug for WeightSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeightSource").field("tensors", &self.tensors.len()).field("bytes", &self.bytes()).finish()
    }
}
