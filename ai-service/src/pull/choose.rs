//! Which files of a model are wanted.

use super::hub::File;
use super::{PullError, Reference};

/// Small files of a Hugging Face folder that are read here. `config.json` is not among them: it comes last, and a folder
/// without it is no model.
const SMALL: &[&str] = &["tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja"];
/// What is taken where nothing is said and several files would do: small enough for small machines and good enough.
const PREFERRED: &[&str] = &["q4_k_m", "q4"];

/// What to fetch.
pub(super) struct Chosen {
    /// The folder they belong into; `None`: one file that is a model.
    pub folder: Option<String>,
    pub files: Vec<File>,
}

pub(super) fn choose(reference: &Reference, files: Vec<File>) -> Result<Chosen, PullError> {
    let ends = |file: &File, ending: &str| file.path.to_ascii_lowercase().ends_with(ending);
    if let Some(wanted) = &reference.file {
        let found = files.into_iter().find(|file| file.path == *wanted);
        let found = found.ok_or_else(|| PullError::NotFound(reference.to_string()))?;
        return Ok(Chosen { folder: None, files: vec![found] });
    }
    let (mut runnable, rest): (Vec<File>, Vec<File>) = files.into_iter().partition(|file| ends(file, ".gguf"));
    if runnable.len() > 1 {
        let by_name = |part: &&str| {
            let mut fitting = runnable.iter().filter(|file| ends(file, &format!("{part}.gguf")));
            fitting.next().filter(|_| fitting.next().is_none()).cloned()
        };
        match PREFERRED.iter().find_map(by_name) {
            Some(one) => runnable = vec![one],
            None => {
                let names: Vec<&str> = runnable.iter().map(|file| file.path.as_str()).collect();
                return Err(PullError::Several { model: reference.model.clone(), files: names.join(", ") });
            }
        }
    }
    if !runnable.is_empty() {
        return Ok(Chosen { folder: None, files: runnable });
    }
    let at_top = |file: &&File| !file.path.contains('/');
    let weights = rest.iter().filter(at_top).filter(|file| ends(file, ".safetensors"));
    let small = rest.iter().filter(|file| SMALL.contains(&file.path.as_str()));
    let mut chosen: Vec<File> = weights.chain(small).cloned().collect();
    let config = rest.iter().find(|file| file.path == "config.json");
    match config.filter(|_| chosen.iter().any(|file| ends(file, ".safetensors"))) {
        None => Err(PullError::NothingToRun(reference.to_string())),
        Some(config) => {
            chosen.push(config.clone());
            let name = reference.model.rsplit('/').next().unwrap_or("model");
            Ok(Chosen { folder: Some(name.to_owned()), files: chosen })
        }
    }
}
