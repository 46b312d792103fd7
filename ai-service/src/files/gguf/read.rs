//! The walk over a GGUF header. Every length is held against what is left of the file before it is used.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::files::error::{FileError, shown};
use crate::files::weights::TensorType;

const MAGIC: &[u8] = b"GGUF";
/// Names of keys and tensors are shorter than this in every file there is.
const LONGEST_NAME: usize = 256;
/// Tensors have one to four sides.
const MOST_SIDES: u32 = 4;
/// The least that a metadata entry and a tensor's entry take, whatever they hold.
const LEAST_ENTRY: u64 = 8 + 4 + 1;
const LEAST_TENSOR: u64 = 8 + 4 + 8 + 4 + 8;
const DEFAULT_ALIGNMENT: u64 = 32;
const MOST_ALIGNMENT: u64 = 1 << 16;

/// A file's header, borrowed from its bytes.
#[derive(Debug)]
pub struct Gguf<'a> {
    /// What the file says about itself.
    pub metadata: BTreeMap<&'a str, Value<'a>>,
    /// The tensors, in the file's order.
    pub tensors: Vec<TensorInfo<'a>>,
    /// Where the tensors' bytes begin.
    pub data: usize,
}

/// A value of the metadata.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Any whole number that is not negative.
    Unsigned(u64),
    /// A negative whole number.
    Negative(i64),
    /// Either float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// UTF-8 text.
    Text(&'a str),
    /// A list, walked over but not unpacked.
    List(List<'a>),
}

/// A list of the metadata: its bytes, known to hold `count` values of `kind`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct List<'a> {
    /// Values.
    pub count: usize,
    kind: u32,
    bytes: &'a [u8],
}

/// Where a tensor lies.
#[derive(Debug)]
pub struct TensorInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// The number of its type.
    pub dtype: u32,
    sides: [usize; MOST_SIDES as usize],
    count: usize,
    offset: u64,
}

/// Reads a header.
///
/// # Errors
/// [`FileError::Header`], [`FileError::Truncated`].
pub fn parse(bytes: &[u8]) -> Result<Gguf<'_>, FileError> {
    let mut cursor = Cursor { bytes, at: 0 };
    if cursor.take(4, "the magic number")? != MAGIC {
        return header("it does not begin with GGUF");
    }
    let version = cursor.u32("the version")?;
    if version.swap_bytes() == 3 || version.swap_bytes() == 2 {
        return header("it is big-endian, and only little-endian files are read");
    }
    if !(2..=3).contains(&version) {
        return header(format!("its version is {version}, and 2 and 3 are read"));
    }
    let tensor_count = cursor.u64("the count of tensors")?;
    let entry_count = cursor.u64("the count of metadata")?;
    let left = cursor.left() as u64;
    if entry_count > left / LEAST_ENTRY || tensor_count > left / LEAST_TENSOR {
        return header(format!("{entry_count} metadata and {tensor_count} tensors do not fit into {left} bytes"));
    }
    let metadata = read_metadata(&mut cursor, entry_count)?;
    let mut tensors = Vec::new();
    for _ in 0..tensor_count {
        tensors.push(read_tensor(&mut cursor)?);
    }
    let alignment = match metadata.get("general.alignment") {
        None => DEFAULT_ALIGNMENT,
        Some(Value::Unsigned(n)) if n.is_power_of_two() && *n <= MOST_ALIGNMENT => *n,
        Some(_) => return header("its alignment is no power of two up to 65536"),
    };
    let data = cursor.at.next_multiple_of(usize::try_from(alignment).unwrap_or(32));
    Ok(Gguf { metadata, tensors, data })
}

fn read_metadata<'a>(cursor: &mut Cursor<'a>, count: u64) -> Result<BTreeMap<&'a str, Value<'a>>, FileError> {
    let mut metadata = BTreeMap::new();
    for _ in 0..count {
        let key = cursor.name("the name of a metadata entry")?;
        let kind = cursor.u32(key)?;
        let value = if kind == 9 { Value::List(cursor.list(key)?) } else { cursor.value(kind, key)? };
        if metadata.insert(key, value).is_some() {
            return header(format!("the metadata {} comes twice", shown(key)));
        }
    }
    Ok(metadata)
}

fn read_tensor<'a>(cursor: &mut Cursor<'a>) -> Result<TensorInfo<'a>, FileError> {
    let name = cursor.name("the name of a tensor")?;
    let count = cursor.u32(name)?;
    if count == 0 || count > MOST_SIDES {
        return header(format!("the tensor {} has {count} sides", shown(name)));
    }
    let mut sides = [1; MOST_SIDES as usize];
    for side in sides.iter_mut().take(count as usize) {
        let length = cursor.u64(name)?;
        *side =
            usize::try_from(length).map_err(|_| FileError::Header(format!("the tensor {} is endless", shown(name))))?;
    }
    let dtype = cursor.u32(name)?;
    let offset = cursor.u64(name)?;
    Ok(TensorInfo { name, dtype, sides, count: count as usize, offset })
}

impl TensorInfo<'_> {
    /// Rows first: the file has it the other way round.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        self.sides.iter().take(self.count).rev().copied().collect()
    }

    /// Where its bytes lie in a file of `length` bytes whose tensors begin at `data`.
    ///
    /// # Errors
    /// [`FileError::Header`], [`FileError::Truncated`].
    pub fn range(&self, dtype: TensorType, data: usize, length: usize) -> Result<Range<usize>, FileError> {
        let shape = self.shape();
        let size = dtype.bytes_of(&shape);
        let start = usize::try_from(self.offset).ok().and_then(|offset| data.checked_add(offset));
        let (Some(size), Some(start)) = (size, start) else {
            return header(format!("the tensor {} can't be {dtype} {shape:?}", shown(self.name)));
        };
        let Some(end) = start.checked_add(size) else {
            return header(format!("the tensor {} lies beyond any file", shown(self.name)));
        };
        if end > length {
            let what = format!("the tensor {}", shown(self.name));
            return Err(FileError::Truncated { what, needed: end as u64, found: length as u64 });
        }
        Ok(start..end)
    }
}

impl<'a> Gguf<'a> {
    /// A text of the metadata; `None` where there is none.
    ///
    /// # Errors
    /// [`FileError::Header`] where it is something else.
    pub fn text(&self, key: &str) -> Result<Option<&'a str>, FileError> {
        match self.metadata.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => header(format!("{key} is no text")),
        }
    }

    /// A whole number of the metadata.
    ///
    /// # Errors
    /// [`FileError::Header`] where it is something else.
    pub fn number(&self, key: &str) -> Result<Option<usize>, FileError> {
        match self.metadata.get(key) {
            None => Ok(None),
            Some(Value::Unsigned(n)) if usize::try_from(*n).is_ok() => Ok(usize::try_from(*n).ok()),
            Some(_) => header(format!("{key} is no whole number")),
        }
    }

    /// A number of the metadata, whole or not.
    ///
    /// # Errors
    /// [`FileError::Header`] where it is something else.
    pub fn float(&self, key: &str) -> Result<Option<f64>, FileError> {
        match self.metadata.get(key) {
            None => Ok(None),
            Some(Value::Float(n)) => Ok(Some(*n)),
            Some(Value::Unsigned(n)) => Ok(Some(*n as f64)),
            Some(_) => header(format!("{key} is no number")),
        }
    }

    /// A truth value of the metadata.
    ///
    /// # Errors
    /// [`FileError::Header`] where it is something else.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, FileError> {
        match self.metadata.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => header(format!("{key} is neither true nor false")),
        }
    }

    /// A list of the metadata.
    ///
    /// # Errors
    /// [`FileError::Header`] where it is something else.
    pub fn list(&self, key: &str) -> Result<Option<List<'a>>, FileError> {
        match self.metadata.get(key) {
            None => Ok(None),
            Some(Value::List(list)) => Ok(Some(*list)),
            Some(_) => header(format!("{key} is no list")),
        }
    }
}

impl<'a> List<'a> {
    /// Its values one after another.
    pub fn iter(&self) -> impl Iterator<Item = Result<Value<'a>, FileError>> + use<'a> {
        let mut cursor = Cursor { bytes: self.bytes, at: 0 };
        let kind = self.kind;
        (0..self.count).map(move |_| cursor.value(kind, "a list"))
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    const fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn take(&mut self, length: usize, what: &str) -> Result<&'a [u8], FileError> {
        let end = self.at.saturating_add(length);
        let Some(taken) = self.bytes.get(self.at..end) else {
            let found = self.bytes.len() as u64;
            return Err(FileError::Truncated { what: shown(what), needed: end as u64, found });
        };
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], FileError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, what)?);
        Ok(array)
    }

    fn u32(&mut self, what: &str) -> Result<u32, FileError> {
        self.array(what).map(u32::from_le_bytes)
    }

    fn u64(&mut self, what: &str) -> Result<u64, FileError> {
        self.array(what).map(u64::from_le_bytes)
    }

    fn length(&mut self, what: &str) -> Result<usize, FileError> {
        usize::try_from(self.u64(what)?).or_else(|_| header(format!("{} is endless", shown(what))))
    }

    fn text(&mut self, what: &str) -> Result<&'a str, FileError> {
        let length = self.length(what)?;
        let bytes = self.take(length, what)?;
        std::str::from_utf8(bytes).or_else(|_| header(format!("{} is not UTF-8", shown(what))))
    }

    fn name(&mut self, what: &str) -> Result<&'a str, FileError> {
        let name = self.text(what)?;
        if name.is_empty() || name.len() > LONGEST_NAME {
            return header(format!("{what} has {} bytes", name.len()));
        }
        Ok(name)
    }

    fn value(&mut self, kind: u32, what: &str) -> Result<Value<'a>, FileError> {
        Ok(match kind {
            0 => Value::Unsigned(u8::from_le_bytes(self.array(what)?).into()),
            1 => signed(i8::from_le_bytes(self.array(what)?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.array(what)?).into()),
            3 => signed(i16::from_le_bytes(self.array(what)?).into()),
            4 => Value::Unsigned(self.u32(what)?.into()),
            5 => signed(i32::from_le_bytes(self.array(what)?).into()),
            6 => Value::Float(f32::from_le_bytes(self.array(what)?).into()),
            7 => match self.array::<1>(what)? {
                [0] => Value::Bool(false),
                [1] => Value::Bool(true),
                _ => return header(format!("{} is neither true nor false", shown(what))),
            },
            8 => Value::Text(self.text(what)?),
            10 => Value::Unsigned(self.u64(what)?),
            11 => signed(i64::from_le_bytes(self.array(what)?)),
            12 => Value::Float(f64::from_le_bytes(self.array(what)?)),
            9 => return header(format!("{} is a list of lists", shown(what))),
            _ => return header(format!("{} has the unknown type {kind}", shown(what))),
        })
    }

    fn list(&mut self, what: &str) -> Result<List<'a>, FileError> {
        let kind = self.u32(what)?;
        let count = self.length(what)?;
        let start = self.at;
        if kind == 8 {
            for _ in 0..count {
                self.text(what)?;
            }
        } else {
            let each = match kind {
                0 | 1 | 7 => 1,
                2 | 3 => 2,
                4..=6 => 4,
                10..=12 => 8,
                _ => return header(format!("{} is a list of the unknown type {kind}", shown(what))),
            };
            let length =
                count.checked_mul(each).ok_or_else(|| FileError::Header(format!("{} is endless", shown(what))))?;
            self.take(length, what)?;
        }
        let bytes = self.bytes.get(start..self.at).unwrap_or_default();
        Ok(List { count, kind, bytes })
    }
}

fn signed<'a>(n: i64) -> Value<'a> {
    u64::try_from(n).map_or(Value::Negative(n), Value::Unsigned)
}

fn header<T>(sentence: impl Into<String>) -> Result<T, FileError> {
    Err(FileError::Header(sentence.into()))
}

/// What a type that is not read is called.
pub(super) fn type_name(number: u32) -> String {
    let known = match number {
        9 => "Q8_1",
        10 => "Q2_K",
        11 => "Q3_K",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        _ => return format!("type {number}"),
    };
    known.to_owned()
}
