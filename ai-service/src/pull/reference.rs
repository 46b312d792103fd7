//! How a model is named on the command line: `owner/name`, with `@revision` and `:file` where they are wanted.

use std::fmt;
use std::str::FromStr;

use super::PullError;

/// A model of a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `owner/name`.
    pub model: String,
    /// A branch, tag or commit.
    pub revision: String,
    /// A file of it; `None`: the one that can be run, or all parts of one that is in parts.
    pub file: Option<String>,
}

impl FromStr for Reference {
    type Err = PullError;

    fn from_str(text: &str) -> Result<Self, PullError> {
        let bad = || PullError::BadReference(crate::files::error::shown(text));
        let (rest, file) = match text.split_once(':') {
            Some((rest, file)) => (rest, Some(file)),
            None => (text, None),
        };
        let (model, revision) = rest.split_once('@').unwrap_or((rest, "main"));
        let (owner, name) = model.split_once('/').ok_or_else(bad)?;
        let file_fits = file.is_none_or(|file| file.split('/').all(is_name));
        if is_name(owner) && is_name(name) && is_name(revision) && file_fits {
            return Ok(Self { model: model.to_owned(), revision: revision.to_owned(), file: file.map(str::to_owned) });
        }
        Err(bad())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.model, self.revision)?;
        self.file.as_ref().map_or(Ok(()), |file| write!(f, ":{file}"))
    }
}

/// Whether a text may be a name in a path and in a URL: letters, digits, `-`, `_` and `.`, no dot at the beginning.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 128 && !text.starts_with('.') && text.chars().all(plain)
}
