//! The hub's side of it: what a model consists of, and the address of each file.

use reqwest::header::{AUTHORIZATION, HeaderValue, RANGE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;

use super::reference::is_name;
use super::{DEADLINE, PullError, Reference, Request, SILENCE};
use crate::files::error::shown;

/// Longest list of files, in bytes.
const LONGEST_LIST: usize = 8 << 20;
/// Redirects followed at most.
const MOST_REDIRECTS: usize = 5;

/// A hub and whoever asks it.
pub(super) struct Hub {
    base: String,
    token: Option<HeaderValue>,
    client: Client,
    pub patience: std::time::Duration,
}

/// The files of a model at one commit.
pub(super) struct Listed {
    pub commit: String,
    pub files: Vec<File>,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Its path on the hub.
    pub path: String,
    /// Its name here.
    pub local: String,
    pub size: u64,
    pub sum: Sum,
}

/// What a file's bytes must add up to; lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sum {
    /// Of its bytes: large files.
    Sha256(String),
    /// Of a git object: small files.
    GitBlob(String),
}

#[derive(Deserialize)]
struct Answer {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    #[serde(rename = "blobId")]
    blob: Option<String>,
    lfs: Option<Large>,
}

#[derive(Deserialize)]
struct Large {
    sha256: String,
    size: u64,
}

impl Hub {
    pub fn new(request: &Request) -> Result<Self, PullError> {
        let base = request.hub.trim_end_matches('/').to_owned();
        let bad = || PullError::BadHub(shown(&request.hub));
        let parsed = reqwest::Url::parse(&base).map_err(|_| bad())?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
            return Err(bad());
        }
        let token = request.token.as_ref().map(|token| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| bad())?;
            value.set_sensitive(true);
            Ok(value)
        });
        let client = platform::http::builder(DEADLINE).read_timeout(SILENCE).redirect(Policy::custom(|attempt| {
            let out_of_tls = attempt.previous().last().is_some_and(|url| url.scheme() == "https")
                && attempt.url().scheme() != "https";
            match attempt.previous().len() {
                _ if out_of_tls => attempt.error("a redirect out of TLS"),
                count if count > MOST_REDIRECTS => attempt.error("too many redirects"),
                _ => attempt.follow(),
            }
        }));
        let client = client.build().map_err(|source| PullError::Line { what: "the hub".to_owned(), source })?;
        Ok(Self { base, token: token.transpose()?, client, patience: request.patience })
    }

    pub async fn list(&self, reference: &Reference) -> Result<Listed, PullError> {
        let Reference { model, revision, .. } = reference;
        let url = format!("{}/api/models/{model}/revision/{revision}?blobs=true", self.base);
        let mut response = self.get(&url, None, &reference.to_string()).await?;
        let broken = |source| PullError::Line { what: format!("the list of files of {model}"), source };
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            body.extend_from_slice(&piece);
            if body.len() > LONGEST_LIST {
                return Err(PullError::Answer("its list of files does not end".to_owned()));
            }
        }
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|error| PullError::Answer(shown(&error.to_string())))?;
        if !is_sum(&answer.sha, 40) {
            return Err(PullError::Answer("it names no commit".to_owned()));
        }
        // What has an unusual name, no size or no checksum is none of ours.
        Ok(Listed { commit: answer.sha, files: answer.siblings.into_iter().filter_map(file).collect() })
    }

    /// A file's bytes from `start` on.
    pub async fn open(
        &self,
        reference: &Reference,
        commit: &str,
        file: &File,
        start: u64,
    ) -> Result<Response, PullError> {
        let url = format!("{}/{}/resolve/{commit}/{}", self.base, reference.model, file.path);
        self.get(&url, (start > 0).then(|| format!("bytes={start}-")), &file.path).await
    }

    async fn get(&self, url: &str, range: Option<String>, what: &str) -> Result<Response, PullError> {
        let mut request = self.client.get(url);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        let broken = |source: reqwest::Error| PullError::Line { what: what.to_owned(), source: source.without_url() };
        let response = request.send().await.map_err(broken)?;
        match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(PullError::NotAllowed(what.to_owned())),
            StatusCode::NOT_FOUND => Err(PullError::NotFound(what.to_owned())),
            StatusCode::RANGE_NOT_SATISFIABLE => Ok(response),
            _ => response.error_for_status().map_err(broken),
        }
    }
}

fn file(sibling: Sibling) -> Option<File> {
    if !sibling.rfilename.split('/').all(is_name) {
        return None;
    }
    let local = sibling.rfilename.rsplit('/').next()?.to_owned();
    let (size, sum) = match sibling.lfs {
        Some(large) => (large.size, Sum::Sha256(large.sha256.to_ascii_lowercase())),
        None => (sibling.size?, Sum::GitBlob(sibling.blob?.to_ascii_lowercase())),
    };
    let fits = match &sum {
        Sum::Sha256(sum) => is_sum(sum, 64),
        Sum::GitBlob(sum) => is_sum(sum, 40),
    };
    fits.then_some(File { path: sibling.rfilename, local, size, sum })
}

fn is_sum(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
