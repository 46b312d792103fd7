//! From a path to a model that the scheduler can run: file, tokenizer, engine.
//!
//! It decides nothing about files or kernels; it puts together what `files`, `text` and `engine` offer.

use std::path::Path;
use std::sync::Arc;

use platform::config::AiConfig;

use crate::engine::{self, LoadOptions};
use crate::files::{self, KvType, ModelFile};
use crate::scheduler::{Loaded, Loader};
use crate::text::Tokenizer;

/// What loads the configured model, where one is.
pub(crate) fn loader(config: &AiConfig) -> Option<Loader> {
    let (path, options, limit) = (config.model.clone()?, load_options(config), memory_limit(config));
    Some(Arc::new(move || load(&path, &options, limit)))
}

/// Most bytes a model may take, where the configuration says so.
pub(crate) fn memory_limit(config: &AiConfig) -> Option<u64> {
    (config.memory_mb > 0).then(|| config.memory_mb.saturating_mul(1_000_000))
}

pub(crate) fn load_options(config: &AiConfig) -> LoadOptions {
    let usual = LoadOptions::default();
    LoadOptions {
        context: config.context,
        kv: if config.kv == "int8" { KvType::Int8 } else { KvType::F16 },
        sequences: config.parallel,
        threads: if config.threads == 0 { usual.threads } else { config.threads },
        ..usual
    }
}

/// Opens a model file, makes its tokenizer and loads it. `limit`: most bytes it may take; `None`: what the machine has left.
///
/// # Errors
/// A sentence that names what is wrong with the file, or the memory it would take.
pub fn load(path: &Path, options: &LoadOptions, limit: Option<u64>) -> Result<Loaded, String> {
    let file = files::open(path).map_err(|error| error.to_string())?;
    load_file(file, &LoadOptions { memory_limit: limit.or_else(platform::memory::available), ..options.clone() })
}

/// The same with a file that is open, under its own name and within the limit of the options.
pub(crate) fn load_file(file: ModelFile, options: &LoadOptions) -> Result<Loaded, String> {
    let language = Tokenizer::of(&file).map_err(|error| error.to_string())?;
    if let Some(why) = language.template_trouble() {
        tracing::warn!(why, "the model's chat template can't be used; Phi-3's own is");
    }
    let options = LoadOptions { name: file.name, ..options.clone() };
    let model = engine::load(file.config, file.weights, &options).map_err(|error| error.to_string())?;
    Ok(Loaded { model, language: Arc::new(language) })
}
