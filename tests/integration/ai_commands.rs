//! `wheelhouse ai pull` and `ai check` as an operator uses them: a model of a hub on this machine, fetched, damaged, tried.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use ai_service::files::memory::Amount;
use ai_service::files::{Phi3Config, random, writer};
use anyhow::{Context as _, Result};
use axum::Json;
use axum::extract::State;
use axum::routing::get;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::process::wheelhouse;
use tokio::net::TcpListener;

const FILE: &str = "small-q.gguf";
const VOCABULARY: usize = 500;

/// A Phi-3 of two layers with small random weights.
fn model(vocabulary: usize) -> Vec<u8> {
    let config = Phi3Config { vocabulary, ..writer::small() };
    random::model(&config, 0.05).text("general.name", "Small").finish()
}

/// A hub that has one model of one file, which it says has this checksum.
async fn hub(file: Vec<u8>, sum: String) -> Result<String> {
    let size = file.len();
    let listed = json!({
        "sha": "0123456789abcdef0123456789abcdef01234567", "private": false,
        "siblings": [{ "rfilename": FILE, "size": size, "blobId": "", "lfs": { "sha256": sum, "size": size, "pointerSize": 1 } }],
    });
    let router = axum::Router::new()
        .route("/api/models/{owner}/{name}/revision/{revision}", get(async move || Json(listed)))
        .route("/{owner}/{name}/resolve/{commit}/{file}", get(async |State(file): State<Arc<Vec<u8>>>| (*file).clone()))
        .with_state(Arc::new(file));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn ai(folder: &Path, arguments: &[&str]) -> Result<Output> {
    Ok(wheelhouse()?.arg("ai").args(arguments).current_dir(folder).output().await?)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_model_is_fetched_once_and_tried() -> Result<()> {
    let (folder, file) = (tempfile::tempdir()?, model(VOCABULARY));
    let hub = hub(file.clone(), checksum(&file)).await?;
    let output = ai(folder.path(), &["pull", "someone/small", "--hub", &hub, "--json"]).await?;
    anyhow::ensure!(output.status.success(), "{}", said(&output));
    // How far it is goes beside the result, and nobody watches a terminal: a line, and no escapes.
    let (progress, size) = (String::from_utf8(output.stderr)?, Amount(file.len() as u64));
    let whole = format!("{FILE}  {size} of {size}, 100 %");
    anyhow::ensure!(progress.lines().any(|line| line == whole) && !progress.contains('\x1b'), "{whole}: {progress}");
    let pulled: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(
        (pulled["size"].as_u64(), pulled["fetched"].as_u64()),
        (Some(file.len() as u64), Some(file.len() as u64))
    );
    let path = pulled["path"].as_str().context("no path")?;
    assert_eq!(std::fs::read(folder.path().join(path))?, file);

    let again = ai(folder.path(), &["pull", "someone/small", "--hub", &hub]).await?;
    let text = said(&again);
    anyhow::ensure!(again.status.success() && text.contains("0 bytes of it fetched now"), "{text}");
    anyhow::ensure!(text.contains(&format!("wheelhouse ai check {path}")), "{text}");

    let output = ai(folder.path(), &["check", path, "--context", "128", "--threads", "1", "--json"]).await?;
    anyhow::ensure!(output.status.success(), "{}", said(&output));
    let tried: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!((tried["name"].as_str(), tried["threads"].as_u64()), (Some("Small"), Some(1)));
    assert_eq!(tried["file_bytes"].as_u64(), Some(file.len() as u64));
    assert_eq!(tried["largest_context"].as_u64(), Some(256), "what the model was made for: {tried}");
    for figure in ["read_per_second", "written_per_second", "weight_bytes", "cache_bytes"] {
        assert!(tried[figure].as_f64().is_some_and(|figure| figure > 0.0), "{figure}: {tried}");
    }
    let words = said(&ai(folder.path(), &["check", path]).await?);
    for row in ["model      Small", "computes   with", "takes", "fits       a context of 256 tokens", "writes"] {
        assert!(words.contains(row), "{row}: {words}");
    }
    Ok(())
}

#[tokio::test]
async fn what_can_t_be_fetched_or_tried_is_said_with_its_reason() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let hub = hub(model(VOCABULARY), checksum(b"something else")).await?;
    let damaged = ai(folder.path(), &["pull", "someone/small", "--hub", &hub]).await?;
    assert!(!damaged.status.success() && said(&damaged).contains("checksum"), "{}", said(&damaged));
    assert!(!folder.path().join("data/models").join(FILE).exists(), "what does not fit its checksum is not there");

    let unnamed = ai(folder.path(), &["pull", "nonsense"]).await?;
    assert!(!unnamed.status.success() && said(&unnamed).contains("owner/name"), "{}", said(&unnamed));

    std::fs::write(folder.path().join("cut.gguf"), &model(VOCABULARY)[..5000])?;
    let cut = ai(folder.path(), &["check", "cut.gguf"]).await?;
    assert!(!cut.status.success() && said(&cut).contains("cut.gguf"), "{}", said(&cut));
    let nothing = ai(folder.path(), &["check"]).await?;
    assert!(!nothing.status.success() && said(&nothing).contains("ai.model"), "{}", said(&nothing));
    std::fs::write(folder.path().join("large.gguf"), model(8 * VOCABULARY))?;
    let mut command = wheelhouse()?;
    command.args(["ai", "check", "large.gguf"]).current_dir(folder.path()).env("WHEELHOUSE_AI__MEMORY_MB", "1");
    let large = command.output().await?;
    assert!(!large.status.success() && said(&large).contains("of memory"), "{}", said(&large));
    Ok(())
}
