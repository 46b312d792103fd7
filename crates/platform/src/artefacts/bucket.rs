//! A bucket of S3, or of another server that speaks its protocol, through `object_store` (docs/adr/0017). A file goes up in parts and is
//! there when the last of them is taken; it comes down in parts too, each a request with a deadline of its own, so that a slow reader
//! holds nothing open.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::try_unfold;
use object_store::aws::{AmazonS3Builder, AwsCredential};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{
    ClientOptions, CredentialProvider, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt as _, RetryConfig,
};
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::Handle;

use super::{Artefact, Artefacts, ArtefactsError, Draft, Keys};
use crate::config::ReportsConfig;

/// Bytes of a part. S3 takes 10,000 of them.
const PART: usize = 8 * 1024 * 1024;
/// Parts of a file that are on their way at once.
const AT_ONCE: usize = 2;
/// Tries of a request beside the first.
const RETRIES: usize = 3;
/// The longest that connecting may take.
const CONNECT: Duration = Duration::from_secs(5);

/// What errors name where there is no key.
const MACHINE: &str = "the machine's own credentials";

/// The key that the machine has, as the library asks for it.
#[derive(Debug)]
struct Given(Arc<dyn Keys>);

#[async_trait]
impl CredentialProvider for Given {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let refused = |source| object_store::Error::Unauthenticated { path: MACHINE.to_owned(), source };
        let key = self.0.key().await.map_err(refused)?;
        let token = key.token.map(|token| token.expose().clone());
        Ok(Arc::new(AwsCredential { key_id: key.id, secret_key: key.secret.expose().clone(), token }))
    }
}

/// A bucket, or a part of one.
#[derive(Clone)]
pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    name: String,
    region: String,
    prefix: Path,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("name", &self.name)
            .field("prefix", &self.prefix.to_string())
            .finish_non_exhaustive()
    }
}

impl Bucket {
    /// Touches no network.
    pub(super) fn new(name: &str, settings: &ReportsConfig, machine: Arc<dyn Keys>) -> Result<Self, ArtefactsError> {
        let unusable = |error: object_store::Error| ArtefactsError {
            words: format!("the bucket {name} can't be used as it is set up in [reports]: {error}"),
            source: Box::new(error),
        };
        let region = settings.s3_region.as_deref().unwrap_or_default();
        let prefix = Path::parse(settings.s3_prefix.as_deref().unwrap_or_default());
        let builder = AmazonS3Builder::new().with_bucket_name(name).with_region(region);
        let builder = match (&settings.s3_access_key_id, &settings.s3_secret_access_key) {
            (Some(id), Some(secret)) => builder.with_access_key_id(id).with_secret_access_key(secret.expose()),
            _ => builder.with_credentials(Arc::new(Given(machine))),
        };
        let builder = match &settings.s3_endpoint {
            Some(url) => builder.with_endpoint(url),
            // In AWS a bucket is a host; one with a dot in its name has no certificate as such.
            None => builder.with_virtual_hosted_style_request(!name.contains('.')),
        };
        let clear = settings.s3_endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        let deadline = settings.s3_deadline();
        let options = ClientOptions::new()
            .with_timeout(deadline)
            .with_connect_timeout(CONNECT.min(deadline))
            .with_allow_http(clear);
        let store = builder
            .with_client_options(options)
            .with_retry(RetryConfig { max_retries: RETRIES, retry_timeout: deadline, ..RetryConfig::default() })
            // Not every server that speaks the protocol removes many at once.
            .with_disable_bulk_delete(true)
            .build()
            .map_err(unusable)?;
        let prefix = prefix.map_err(|error| unusable(error.into()))?;
        Ok(Self { store: Arc::new(store), name: name.to_owned(), region: region.to_owned(), prefix })
    }

    fn place(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    fn failed(&self, error: object_store::Error) -> ArtefactsError {
        let causes = successors(Some(&error as &dyn Error), |error| (*error).source());
        let told = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        let name = &self.name;
        let says = |signs: &[&str]| signs.iter().any(|sign| told.contains(sign));
        let words = if says(&["NoSuchBucket"]) {
            format!("there is no bucket {name} (reports.s3_bucket)")
        } else if says(&["configured region", "PermanentRedirect", "AuthorizationHeaderMalformed"]) {
            format!("the bucket {name} is not in {} (reports.s3_region)", self.region)
        } else if says(&[MACHINE]) {
            format!("the bucket {name} has no credentials: give the machine a role, or set reports.s3_access_key_id")
        } else if says(&["403 Forbidden", "401 Unauthorized"]) {
            format!("the bucket {name} (reports.s3_bucket) refuses: its policy or the credentials don't allow this")
        } else {
            format!("the bucket {name} (reports.s3_bucket) does not answer, or fails")
        };
        ArtefactsError { words, source: Box::new(error) }
    }
}

#[async_trait]
impl Artefacts for Bucket {
    async fn begin(&self, name: &str) -> Result<Box<dyn Draft>, ArtefactsError> {
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), self.place(name), PART);
        Ok(Box::new(Upload { writer: Some(writer.with_max_concurrency(AT_ONCE)), bucket: self.clone() }))
    }

    async fn open(&self, name: &str) -> Result<Option<Artefact>, ArtefactsError> {
        let meta = match self.store.head(&self.place(name)).await {
            Ok(meta) => meta,
            Err(object_store::Error::NotFound { .. }) => {
                // This answer has no body: it is the same when there is no bucket.
                self.check().await?;
                return Ok(None);
            }
            Err(error) => return Err(self.failed(error)),
        };
        let (bytes, store, meta) = (meta.size, Arc::clone(&self.store), Arc::new(meta));
        let parts = try_unfold(0, move |at| part(Arc::clone(&store), Arc::clone(&meta), at)).boxed();
        Ok(Some(Artefact { bytes, parts }))
    }

    async fn names(&self) -> Result<Vec<String>, ArtefactsError> {
        let listed = self.store.list_with_delimiter(Some(&self.prefix)).await.map_err(|error| self.failed(error))?;
        Ok(listed.objects.iter().filter_map(|object| object.location.filename().map(str::to_owned)).collect())
    }

    async fn remove(&self, name: &str) -> Result<(), ArtefactsError> {
        match self.store.delete(&self.place(name)).await {
            Ok(()) => Ok(()),
            Err(object_store::Error::NotFound { source, .. }) if !source.to_string().contains("NoSuchBucket") => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn check(&self) -> Result<(), ArtefactsError> {
        match self.store.list(Some(&self.prefix)).next().await {
            Some(Err(error)) => Err(self.failed(error)),
            Some(Ok(_)) | None => Ok(()),
        }
    }
}

/// The next part of an object; `None` after the last.
async fn part(store: Arc<dyn ObjectStore>, meta: Arc<ObjectMeta>, at: u64) -> io::Result<Option<(Bytes, u64)>> {
    if at >= meta.size {
        return Ok(None);
    }
    let end = meta.size.min(at + PART as u64);
    let options = GetOptions::new().with_range(Some(at..end)).with_if_match(meta.e_tag.clone());
    let part = store.get_opts(&meta.location, options).await?.bytes().await?;
    Ok(Some((part, end)))
}

/// A file on its way up. What is smaller than a part goes up in one request, when it is finished.
struct Upload {
    /// `None` when it is finished or given up.
    writer: Option<BufWriter>,
    bucket: Bucket,
}

#[async_trait]
impl Draft for Upload {
    async fn part(&mut self, part: Bytes) -> Result<(), ArtefactsError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.put(part).await.map_err(|error| self.bucket.failed(error))
    }

    async fn finish(mut self: Box<Self>) -> Result<(), ArtefactsError> {
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        // Where this fails, the writer has given up what went up.
        writer.shutdown().await.map_err(|error| self.bucket.failed(unwrapped(error)))
    }

    async fn abort(mut self: Box<Self>) -> Result<(), ArtefactsError> {
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        writer.abort().await.map_err(|error| self.bucket.failed(error))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(mut writer), Ok(runtime)) = (self.writer.take(), Handle::try_current()) {
            // What this does not reach, the bucket's own rule for unfinished uploads removes.
            runtime.spawn(async move { writer.abort().await });
        }
    }
}

/// What the writer says by way of the system's errors.
fn unwrapped(error: io::Error) -> object_store::Error {
    error
        .downcast::<object_store::Error>()
        .unwrap_or_else(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })
}
