//! Places for files: a folder, and a bucket of an S3 server that nobody here wrote (`moto_server`). The same is asked of each; then what
//! only a bucket can do wrong, and the whole application with its reports in one.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use contract::jobs::JobDetailView;
use contract::page::Page;
use contract::paths::{JOB, REPORT, REPORT_FILE, REPORT_LINK, REPORT_RUNS, REPORTS, with_id};
use contract::reports::{ReportLinkView, ReportRunView, ReportView};
use domain::reports::ReportRunState;
use futures::TryStreamExt as _;
use platform::artefacts::{Artefact, Artefacts, configured, in_folder};
use platform::config::{Config, Loader};
use reqwest::Method;
use serde_json::json;
use testkit::app::{TestApp, TestAppOptions};
use testkit::compose::NoKeys;
use testkit::outside::Moto;
use testkit::proxy::{Mode, Proxy};

const BUCKET: &str = "example-reports";
/// What is smaller goes up in one request.
const PART: usize = 8 * 1024 * 1024;
/// Bytes that are written at a time, as tables are.
const PIECE: usize = 100_000;
/// Who asks; the server looks at no signature, unless it is told to.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=AKIAOTHER/20260301/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 300;

/// A server of S3 with a bucket.
struct S3 {
    moto: Moto,
    http: reqwest::Client,
}

impl S3 {
    async fn start() -> Result<Option<Self>> {
        let Some(moto) = Moto::start().await? else { return Ok(None) };
        let s3 = Self { moto, http: platform::http::client(Duration::from_secs(60))? };
        s3.ask(Method::PUT, BUCKET, "").await?;
        Ok(Some(s3))
    }

    /// Without a client of ours.
    async fn ask(&self, method: Method, path: &str, body: &'static str) -> Result<String> {
        let request = self.http.request(method, format!("{}/{path}", self.moto.url)).body(body);
        let request = request.header("content-type", "text/plain").header("authorization", SIGNED);
        Ok(request.send().await?.error_for_status()?.text().await?)
    }

    fn config(&self, other: &[(&str, &str)]) -> Result<Config> {
        config(&self.moto.url, other)
    }

    fn place(&self) -> Result<Arc<dyn Artefacts>> {
        Ok(configured(&self.config(&[])?, Arc::new(NoKeys))?)
    }

    /// What went up in parts and was neither finished nor given up.
    async fn unfinished(&self) -> Result<usize> {
        Ok(self.ask(Method::GET, &format!("{BUCKET}?uploads"), "").await?.matches("<UploadId>").count())
    }
}

fn config(url: &str, other: &[(&str, &str)]) -> Result<Config> {
    let usual = [
        ("S3_BUCKET", BUCKET),
        ("S3_REGION", "us-east-1"),
        ("S3_PREFIX", "fleet/reports"),
        ("S3_ENDPOINT", url),
        ("S3_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("S3_SECRET_ACCESS_KEY", "a secret of a test"),
    ];
    let given = usual.iter().chain(other);
    let variables = given.map(|(name, value)| (format!("WHEELHOUSE_REPORTS__{name}"), (*value).to_owned()));
    Ok(Loader::new().environment(variables).load()?)
}

/// So many bytes, no two parts alike.
fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at / 7 + at / 65_537).to_le_bytes()[0]).collect()
}

async fn write(place: &dyn Artefacts, name: &str, whole: &[u8]) -> Result<()> {
    let mut draft = place.begin(name).await?;
    for piece in whole.chunks(PIECE) {
        draft.part(piece.to_vec().into()).await?;
    }
    Ok(draft.finish().await?)
}

async fn read(file: Artefact) -> Result<Vec<u8>> {
    let whole = file.parts.try_fold(Vec::<u8>::new(), |mut all, part| async move {
        all.extend_from_slice(&part);
        Ok(all)
    });
    Ok(whole.await?)
}

/// What every place does.
async fn keeps_files(place: &dyn Artefacts) -> Result<()> {
    place.check().await?;
    assert!(place.names().await?.is_empty());
    assert!(place.open("none.csv").await?.is_none());
    place.remove("none.csv").await?;
    for bytes in [0, 1, PART, 20_000_001] {
        let whole = content(bytes);
        write(place, "one.csv", &whole).await?;
        let file = place.open("one.csv").await?.context("it was finished")?;
        assert_eq!(file.bytes, bytes as u64);
        assert!(read(file).await? == whole, "{bytes} bytes come back");
        assert_eq!(place.names().await?, ["one.csv"]);
    }
    // Replaced, and only when the other is whole.
    let mut draft = place.begin("one.csv").await?;
    draft.part(b"another".as_slice().into()).await?;
    assert_eq!(place.open("one.csv").await?.map(|file| file.bytes), Some(20_000_001));
    draft.finish().await?;
    assert_eq!(read(place.open("one.csv").await?.context("it is there")?).await?, b"another");
    place.remove("one.csv").await?;
    assert!(place.open("one.csv").await?.is_none());

    // Given up, after some of it went up, and before.
    for whole in [content(20_000_001), content(10)] {
        let mut draft = place.begin("half.csv").await?;
        for piece in whole.chunks(PIECE) {
            draft.part(piece.to_vec().into()).await?;
        }
        draft.abort().await?;
        assert!(place.open("half.csv").await?.is_none());
    }
    assert!(place.names().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_folder_keeps_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    keeps_files(in_folder(folder.path().join("reports")).as_ref()).await
}

#[tokio::test]
async fn a_bucket_keeps_files() -> Result<()> {
    let Some(s3) = S3::start().await? else { return Ok(()) };
    let place = s3.place()?;
    // What others have in the bucket is not ours.
    s3.ask(Method::PUT, &format!("{BUCKET}/fleet/other.csv"), "theirs").await?;
    s3.ask(Method::PUT, &format!("{BUCKET}/fleet/reports/deeper/other.csv"), "theirs").await?;
    keeps_files(place.as_ref()).await?;
    assert_eq!(s3.unfinished().await?, 0);
    assert_eq!(s3.ask(Method::GET, &format!("{BUCKET}/fleet/other.csv"), "").await?, "theirs");
    Ok(())
}

#[tokio::test]
async fn what_nobody_finishes_is_given_up_in_a_bucket() -> Result<()> {
    let Some(s3) = S3::start().await? else { return Ok(()) };
    let place = s3.place()?;
    let mut draft = place.begin("half.csv").await?;
    for piece in content(20_000_001).chunks(PIECE) {
        draft.part(piece.to_vec().into()).await?;
    }
    assert_eq!(s3.unfinished().await?, 1);
    drop(draft);
    for _ in 0..LOOKS {
        if s3.unfinished().await? == 0 {
            assert!(place.names().await?.is_empty());
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
    anyhow::bail!("the upload stays")
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_nothing_to_be_seen() -> Result<()> {
    let Some(s3) = S3::start().await? else { return Ok(()) };
    let proxy = Proxy::start(s3.moto.url.trim_start_matches("http://").to_owned()).await?;
    let place = configured(&config(&format!("http://{}", proxy.address()), &[])?, Arc::new(NoKeys))?;
    let mut draft = place.begin("half.csv").await?;
    for piece in content(12_000_000).chunks(PIECE) {
        draft.part(piece.to_vec().into()).await?;
    }
    proxy.set(Mode::Cut);
    let refused = draft.finish().await.err().context("it can't be finished")?;
    assert_eq!(refused.to_string(), format!("the bucket {BUCKET} (reports.s3_bucket) does not answer, or fails"));
    proxy.set(Mode::Pass);
    assert!(place.open("half.csv").await?.is_none());
    assert!(place.names().await?.is_empty());
    // Tried again, it is there.
    write(place.as_ref(), "half.csv", &content(12_000_000)).await?;
    assert_eq!(place.open("half.csv").await?.map(|file| file.bytes), Some(12_000_000));
    Ok(())
}

/// What each use of a place says.
async fn refusals(place: &dyn Artefacts) -> Result<Vec<String>> {
    let mut draft = place.begin("one.csv").await?;
    draft.part(b"small".as_slice().into()).await?;
    let said = [
        place.check().await.err(),
        place.names().await.err(),
        place.open("one.csv").await.err(),
        place.remove("one.csv").await.err(),
        draft.finish().await.err(),
        write(place, "large.csv", &content(20_000_001)).await.err().and_then(|error| error.downcast().ok()),
    ];
    said.into_iter().map(|error| Ok(error.context("it is refused")?.to_string())).collect()
}

#[tokio::test]
async fn a_bucket_says_which_setting_is_wrong() -> Result<()> {
    let Some(s3) = S3::start().await? else { return Ok(()) };
    let other = configured(&s3.config(&[("S3_BUCKET", "another-bucket")])?, Arc::new(NoKeys))?;
    for said in refusals(other.as_ref()).await? {
        assert_eq!(said, "there is no bucket another-bucket (reports.s3_bucket)");
    }
    // From now on it looks at who asks, and knows nobody.
    s3.ask(Method::POST, "moto-api/reset-auth", "0").await?;
    for said in refusals(s3.place()?.as_ref()).await? {
        let wanted =
            format!("the bucket {BUCKET} (reports.s3_bucket) refuses: its policy or the credentials don't allow this");
        assert_eq!(said, wanted);
    }
    Ok(())
}

fn report() -> serde_json::Value {
    json!({
        "name": "The fleet", "template": "inventory", "filter": {}, "span": "last-7-days", "format": "csv",
        "frequency": "never", "zone": "UTC", "hour": 7, "day": 1, "keep_runs": 1, "enabled": true,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_worker_makes_every_api_gives() -> Result<()> {
    let Some(s3) = S3::start().await? else { return Ok(()) };
    let reports = Some(s3.config(&[])?.reports);
    let options = TestAppOptions { simulated_workspaces: 40, reports, ..TestAppOptions::default() };
    let Some(app) = TestApp::start(options).await? else { return Ok(()) };
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    let (client, place) = (app.client(), s3.place()?);
    let report: ReportView = client.post(REPORTS, &report()).await?.ok()?;
    let made = async || -> Result<ReportRunView> {
        let started: ReportRunView = client.post_empty(&with_id(REPORT_RUNS, report.id)).await?.ok()?;
        app.wait_for_job(started.job_id.context("a job makes it")?).await?;
        let run = client.get(&with_id(REPORT_RUNS, report.id)).await?.ok::<Page<ReportRunView>>()?.items.remove(0);
        assert_eq!((run.id, run.state), (started.id, ReportRunState::Done), "{run:?}");
        Ok(run)
    };
    let run = made().await?;
    assert_eq!(place.names().await?, [format!("{}.csv", run.id)]);

    let other = app.replica().await?;
    other.set_session(client.session());
    let file = client.get(&with_id(REPORT_FILE, run.id)).await?;
    assert_eq!(
        (file.header("content-length"), file.text().lines().count()),
        (run.bytes.context("it was made")?.to_string().as_str(), 41)
    );
    assert_eq!(other.get(&with_id(REPORT_FILE, run.id)).await?.text(), file.text());
    let link: ReportLinkView = client.post_empty(&with_id(REPORT_LINK, run.id)).await?.ok()?;
    let path = link.url.find("/api/").map(|at| &link.url[at..]).context("an address of ours")?;
    assert_eq!(other.stranger()?.get(path).await?.text(), file.text());

    // One is kept: the next takes its place, and its link is no longer good.
    let next = made().await?;
    assert_eq!(place.names().await?, [format!("{}.csv", next.id)]);
    other.stranger()?.get(path).await?.refused(404, "not_found")?;
    client.delete(&with_id(REPORT, report.id)).await?;
    assert!(place.names().await?.is_empty());
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_waits_for_its_bucket_and_says_so() -> Result<()> {
    let Some(s3) = S3::start().await? else { return Ok(()) };
    let reports = Some(s3.config(&[("S3_BUCKET", "later-reports")])?.reports);
    let options = TestAppOptions { simulated_workspaces: 0, reports, ..TestAppOptions::default() };
    let Some(app) = TestApp::start(options).await? else { return Ok(()) };
    app.create_owner().await?;
    let client = app.client();
    let report: ReportView = client.post(REPORTS, &report()).await?.ok()?;
    let started: ReportRunView = client.post_empty(&with_id(REPORT_RUNS, report.id)).await?.ok()?;
    let job = with_id(JOB, started.job_id.context("a job makes it")?);
    let mut said = None;
    for _ in 0..LOOKS {
        said = client.get(&job).await?.ok::<JobDetailView>()?.job.error;
        if said.is_some() {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    let said = said.context("the job says nothing")?;
    assert!(said.contains("there is no bucket later-reports (reports.s3_bucket)"), "{said}");
    // Somebody makes it.
    s3.ask(Method::PUT, "later-reports", "").await?;
    app.wait_for_job(started.job_id.context("a job makes it")?).await?;
    let run = client.get(&with_id(REPORT_RUNS, report.id)).await?.ok::<Page<ReportRunView>>()?.items.remove(0);
    assert_eq!(run.state, ReportRunState::Done, "{run:?}");
    app.stop().await
}
