//! `wheelhouse ai pull` and `wheelhouse ai check`: fetching a model, and what it does on this machine. Serving it is
//! `wheelhouse ai` (`tiers.rs`).

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ai_service::files::memory::Amount;
use ai_service::measure::{Measured, measure};
use ai_service::pull::{self, Progress, Pulled};
use anyhow::Context as _;
use platform::shutdown::Shutdown;
use serde_json::json;

use crate::cli::{AiCheck, AiPull};
use crate::compose::Load;
use crate::output;

/// Where the token of a hub is read from; never from the command line, which others can see.
const TOKEN: &str = "HF_TOKEN";
/// How often progress is said where nobody watches a terminal.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// Fetches a model. Ctrl-C stops it; the next time it goes on from there.
pub async fn pull(options: AiPull, json: bool) -> anyhow::Result<ExitCode> {
    platform::http::install_crypto_provider();
    let shutdown = Shutdown::install()?;
    let mut request = pull::Request::new(options.model, options.into);
    request.hub = options.hub.trim_end_matches('/').to_owned();
    request.token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
    let mut said = Said::new();
    let pulled = tokio::select! {
        pulled = pull::pull(&request, |progress| said.say(progress)) => pulled,
        () = shutdown.token().cancelled_owned() => {
            output::note("\nstopped; run the same command again to go on");
            return Ok(ExitCode::from(130));
        }
    };
    said.end();
    let Pulled { path, commit, fetched, size, sha256 } = pulled?;
    if json {
        output::json(&json!({ "path": path, "commit": commit, "fetched": fetched, "size": size, "sha256": sha256 }))?;
    } else {
        output::line(format_args!(
            "{} is here: {}, {} of it fetched now",
            path.display(),
            Amount(size),
            Amount(fetched)
        ));
        output::line(format_args!("version {commit}"));
        if let Some(sum) = sha256 {
            output::line(format_args!("sha256 {sum}, as the hub says"));
        }
        output::line(format_args!("try it:  wheelhouse ai check {}", path.display()));
        output::line(format_args!("use it:  set ai.model = \"{}\"", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Loads a model as it is configured and says what it takes and does.
pub async fn check(load: &Load, options: AiCheck, json: bool) -> anyhow::Result<ExitCode> {
    let mut config = load.resolve().await?.ai;
    config.context = options.context.unwrap_or(config.context);
    config.threads = options.threads.unwrap_or(config.threads);
    let path = options.model.or_else(|| config.model.clone());
    let path = path.context("no model: name a file or folder, or set ai.model")?;
    let shown = path.clone();
    let measured = tokio::task::spawn_blocking(move || measure(&path, &config)).await?;
    let measured = measured.map_err(|why| anyhow::anyhow!("{}: {why}", shown.display()))?;
    if json {
        output::json(&measured)?;
    } else {
        for (what, figure) in table(&measured) {
            output::line(format_args!("{what:<10} {figure}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(measured: &Measured) -> Vec<(&'static str, String)> {
    let m = measured;
    let mut rows = vec![
        ("model", format!("{}, {}", m.name, Amount(m.file_bytes))),
        ("computes", format!("with {} on {} {}", m.kernels, m.threads, plural(m.threads, "thread"))),
        ("loads", format!("in {:.1} s", m.load_seconds)),
        (
            "takes",
            format!(
                "{} for weights, {} for a context of {} tokens",
                Amount(m.weight_bytes),
                Amount(m.cache_bytes),
                m.context
            ),
        ),
    ];
    if let Some(resident) = m.resident_bytes {
        rows.push(("holds", format!("{} in all", Amount(resident))));
    }
    rows.push(match (m.allowed_bytes, m.largest_context) {
        (Some(allowed), Some(fits)) => ("fits", format!("a context of {fits} tokens in {}", Amount(allowed))),
        (Some(allowed), None) => ("fits", format!("no context in {}", Amount(allowed))),
        (None, _) => ("fits", "unknown: this system does not say how much memory is left; set ai.memory_mb".to_owned()),
    });
    rows.push(("reads", format!("{:.1} tokens/s", m.read_per_second)));
    rows.push(("writes", format!("{:.1} tokens/s", m.written_per_second)));
    rows
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// What was said of the progress: on a terminal one line that moves, elsewhere a line now and then.
struct Said {
    terminal: bool,
    last: Option<Instant>,
    open: bool,
}

impl Said {
    fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), last: None, open: false }
    }

    fn say(&mut self, progress: Progress<'_>) {
        let Progress { file, done, size, number, of } = progress;
        let whole = done >= size;
        if !self.terminal && !whole && self.last.is_some_and(|last| last.elapsed() < SAY_EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        let percent = done.saturating_mul(100).checked_div(size).unwrap_or(100);
        let which = if of == 1 { String::new() } else { format!(" ({number} of {of})") };
        let text = format!("{file}{which}  {} of {}, {percent} %", Amount(done), Amount(size));
        if self.terminal {
            output::move_note(&text);
            self.open = true;
            if whole {
                self.end();
            }
        } else {
            output::note(text);
        }
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.open) {
            output::note("");
        }
    }
}
