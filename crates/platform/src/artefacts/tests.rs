//! What needs no server; the rest is asked of every place in `tests/integration/artefacts`.

use super::*;
use crate::config::Loader;

/// A machine without credentials.
#[derive(Debug)]
struct NoKeys;

#[async_trait]
impl Keys for NoKeys {
    async fn key(&self) -> Result<Key, Box<dyn Error + Send + Sync>> {
        Err("nobody is anybody here".into())
    }
}

fn place(variables: &[(&str, &str)]) -> Result<Arc<dyn Artefacts>, ArtefactsError> {
    configured(&Loader::new().environment(variables.iter().copied()).load().unwrap(), Arc::new(NoKeys))
}

#[tokio::test]
async fn a_bucket_that_is_away_is_named_with_its_setting() {
    // A port that nobody listens on.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let bucket = place(&[
        ("WHEELHOUSE_REPORTS__S3_BUCKET", "example-reports"),
        ("WHEELHOUSE_REPORTS__S3_REGION", "eu-central-1"),
        ("WHEELHOUSE_REPORTS__S3_PREFIX", "fleet/reports/"),
        ("WHEELHOUSE_REPORTS__S3_ENDPOINT", url.as_str()),
        ("WHEELHOUSE_REPORTS__S3_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("WHEELHOUSE_REPORTS__S3_SECRET_ACCESS_KEY", "hush"),
        ("WHEELHOUSE_REPORTS__S3_DEADLINE_SECONDS", "1"),
    ])
    .unwrap();
    assert!(!format!("{bucket:?}").contains("hush"));
    let error = bucket.check().await.unwrap_err();
    assert_eq!(error.to_string(), "the bucket example-reports (reports.s3_bucket) does not answer, or fails");
    assert!(error.source().is_some_and(|cause| !cause.to_string().contains("hush")));
}

#[tokio::test]
async fn a_machine_without_credentials_is_told_what_to_do() {
    let bucket = place(&[
        ("WHEELHOUSE_REPORTS__S3_BUCKET", "example-reports"),
        ("WHEELHOUSE_REPORTS__S3_REGION", "eu-central-1"),
    ])
    .unwrap();
    let error = bucket.check().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the bucket example-reports has no credentials: give the machine a role, or set reports.s3_access_key_id"
    );
}

#[tokio::test]
async fn what_died_half_way_is_among_the_names_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let files = in_folder(folder.path().join("reports"));
    assert!(files.names().await.unwrap().is_empty(), "a folder that is not there holds nothing");
    let mut draft = files.begin("a.csv").await.unwrap();
    draft.part(Bytes::from_static(b"half")).await.unwrap();
    drop(draft);
    assert_eq!(files.names().await.unwrap(), ["a.part"]);
    assert!(files.open("a.csv").await.unwrap().is_none());
    files.remove("a.part").await.unwrap();
    files.remove("a.part").await.unwrap();
    assert!(files.names().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_that_can_t_be_one_is_named_with_its_setting() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let files = in_folder(file.path().to_owned());
    let refused = files.begin("a.csv").await.err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(refused, "the folder of reports (reports.dir) can't be written");
    let refused = files.check().await.err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(refused, "the folder of reports (reports.dir) can't be read");
}
