//! GGUF files: header, metadata, tensors.
//!
//! `read` walks the header over the mapped bytes and borrows from them; nothing is allocated by a figure of the file, only
//! by what is really there. `figures` turns the metadata into a [`Phi3Config`], `vocabulary` into what a tokenizer is
//! made of. It knows versions 2 and 3, little-endian; version 1 was never used for a Phi-3.

mod figures;
pub mod read;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::BTreeMap;
use std::path::Path;

use super::config::Phi3Config;
use super::error::{FileError, shown};
use super::map::Map;
use super::weights::{TensorType, WeightSource};
use super::{ModelFile, TokenizerData, name_of};
use read::{Gguf, TensorInfo};

/// Opens a GGUF file.
pub(super) fn open(path: &Path) -> Result<ModelFile, FileError> {
    build(path, Map::open(path)?)
}

/// The same for bytes in memory; `path` only gives the name.
///
/// # Errors
/// [`FileError`].
pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<ModelFile, FileError> {
    build(path, Map::owned(bytes))
}

fn build(path: &Path, map: Map) -> Result<ModelFile, FileError> {
    let parsed = read::parse(map.bytes())?;
    let architecture = parsed.text("general.architecture")?.unwrap_or("unknown");
    if architecture != "phi3" {
        return Err(FileError::Architecture { found: shown(architecture) });
    }
    if let Some(count) = parsed.number("split.count")?.filter(|count| *count > 1) {
        return Err(FileError::InParts { count });
    }
    let tensors = by_name(&parsed)?;
    let config = figures::config(&parsed, &tensors, map.bytes())?;
    // A header of a few bytes must not ask for a long list of names.
    if config.layers > parsed.tensors.len() {
        return Err(FileError::MissingTensor(format!("blk.{}.attn_norm.weight", config.layers - 1)));
    }
    let ranges = checked(&config, &tensors, map.bytes().len(), parsed.data)?;
    let tokenizer = vocabulary::read(&parsed, config.vocabulary)?.map_or(TokenizerData::Missing, TokenizerData::Gguf);
    let name = parsed.text("general.name")?.filter(|name| !name.trim().is_empty()).map_or_else(|| name_of(path), shown);
    let file_bytes = map.bytes().len() as u64;

    let mut weights = WeightSource::default();
    let map = weights.add_map(map);
    for (name, dtype, shape, range) in ranges {
        weights.add(name, dtype, shape, map, range)?;
    }
    Ok(ModelFile { path: path.to_owned(), name, config, weights, tokenizer, file_bytes })
}

type Tensors<'a> = BTreeMap<&'a str, &'a TensorInfo<'a>>;

fn by_name<'a>(parsed: &'a Gguf<'a>) -> Result<Tensors<'a>, FileError> {
    let mut tensors = BTreeMap::new();
    for tensor in &parsed.tensors {
        if tensors.insert(tensor.name, tensor).is_some() {
            return Err(FileError::Header(format!("the tensor {} comes twice", shown(tensor.name))));
        }
    }
    Ok(tensors)
}

type Checked = (String, TensorType, Vec<usize>, std::ops::Range<usize>);

/// The tensors the figures ask for, each of the right shape, within the file, and none lying over another.
fn checked(config: &Phi3Config, tensors: &Tensors<'_>, length: usize, data: usize) -> Result<Vec<Checked>, FileError> {
    let mut all = Vec::new();
    for (name, wanted) in config.tensors() {
        let Some(tensor) = tensors.get(name.as_str()) else { return Err(FileError::MissingTensor(name)) };
        let found = tensor.shape();
        if found != wanted {
            return Err(FileError::WrongShape { name, found, wanted });
        }
        let Some(dtype) = TensorType::from_gguf(tensor.dtype) else {
            return Err(FileError::UnsupportedType { name, found: read::type_name(tensor.dtype) });
        };
        let range = tensor.range(dtype, data, length)?;
        all.push((name, dtype, wanted, range));
    }
    all.sort_by_key(|(.., range)| range.start);
    for pair in all.windows(2) {
        if let [(one, .., before), (other, .., after)] = pair
            && before.end > after.start
        {
            return Err(FileError::Header(format!("the tensors {one} and {other} lie over each other")));
        }
    }
    Ok(all)
}
