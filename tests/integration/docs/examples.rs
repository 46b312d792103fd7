//! The examples of the API guide (`docs/api.md`), run as a reader runs them: in order, in one shell, with bash and curl, against a
//! started server. Each must end well and print what stands behind it: as `json` the names that are shown, with values of the same
//! kind; as `text` each line that is shown, in order, where `…` stands for anything. To add one: a block `sh` there, and one of these
//! behind it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use contract::api_keys::MadeApiKeyView;
use contract::paths::API_KEYS;
use serde_json::{Value, json};
use testkit::app::TestAppOptions;
use testkit::app_test;
use testkit::outside::has_program;
use tokio::process::Command;

use super::folder;
use super::page::Page;

/// Where the guide says that the server is, and what it shows in the key's place.
const GUIDES_URL: &str = "http://localhost:8080";
const GUIDES_KEY: &str = "whk_…";
/// What the key of the guide is for.
const MAY: [&str; 6] = ["workspace:read", "workspace:start", "job:read", "usage:read", "cost:read", "budget:manage"];
/// What parts the outputs of blocks: a character that no answer has.
const MARK: char = '\u{1e}';
/// A guide that has not come to its end by then hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// An example, with what it prints.
#[derive(Debug)]
struct Example {
    commands: String,
    language: String,
    shown: String,
}

/// The guide's examples; each block of shell must have what it prints behind it.
fn examples() -> Result<Vec<Example>> {
    let pages = Page::all(&folder())?;
    let guide = pages.iter().find(|page| page.path == Path::new("api.md")).context("no guide")?;
    let blocks = guide.blocks();
    ensure!(blocks.len() > 20, "{} blocks", blocks.len());
    blocks
        .chunks(2)
        .map(|pair| match pair {
            [("sh", commands), (language @ ("json" | "text"), shown)] => Ok(Example {
                commands: (*commands).to_owned(),
                language: (*language).to_owned(),
                shown: (*shown).to_owned(),
            }),
            other => bail!("an example is a block sh with a block json or text behind it: {other:?}"),
        })
        .collect()
}

/// Runs the commands in one shell: what each printed, and its status.
async fn outputs(commands: &[String], folder: &Path) -> Result<Vec<(String, String)>> {
    let script: String = commands.iter().map(|block| format!("{block}\nprintf '\\036%d\\036' $?\n")).collect();
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script).current_dir(folder).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, shell.output()).await.context("the guide does not end")??;
    let printed = String::from_utf8(output.stdout)?;
    let parts: Vec<&str> = printed.split(MARK).collect();
    let ran: Vec<_> = parts.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
    ensure!(ran.len() == commands.len(), "{} ran: {printed}{}", ran.len(), String::from_utf8_lossy(&output.stderr));
    Ok(ran)
}

/// Where an answer is not of the shape that is shown.
fn differs(shown: &Value, came: &Value, at: &str) -> Option<String> {
    match (shown, came) {
        (Value::Object(shown), Value::Object(came)) => shown.iter().find_map(|(name, shown)| match came.get(name) {
            Some(came) => differs(shown, came, &format!("{at}.{name}")),
            None => Some(format!("{at}.{name} is not there")),
        }),
        (Value::Array(shown), Value::Array(came)) => match shown.first() {
            Some(_) if came.is_empty() => Some(format!("{at} is empty")),
            Some(first) => came.iter().enumerate().find_map(|(i, one)| differs(first, one, &format!("{at}[{i}]"))),
            None => None,
        },
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Number(_)) => None,
        (shown, came) => (shown != came).then(|| format!("{at} is {came}, not as {shown}")),
    }
}

/// The first line of those shown that did not come behind the ones before it.
fn missing<'a>(shown: &'a str, came: &str) -> Option<&'a str> {
    let mut came = came.lines();
    shown.lines().find(|line| !came.any(|one| like(line, one)))
}

/// Whether a line is one that is shown with `…` for anything.
fn like(shown: &str, line: &str) -> bool {
    let parts: Vec<&str> = shown.split('…').collect();
    let (Some((first, others)), Some((last, _))) = (parts.split_first(), parts.split_last()) else { return false };
    let Some((_, middle)) = others.split_last() else { return shown == line };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn what_is_shown_is_told_from_what_is_not() {
    let shown = json!({ "items": [{ "id": "x", "gone": null }], "total": 1 });
    assert_eq!(differs(&shown, &json!({ "items": [{ "id": "y", "gone": null, "more": 1 }], "total": 7 }), ""), None);
    for wrong in
        [json!({ "items": [], "total": 1 }), json!({ "items": [{ "id": 1, "gone": null }], "total": 1 }), json!([])]
    {
        assert!(differs(&shown, &wrong, "").is_some(), "{wrong}");
    }
    assert_eq!(missing("a …\nc", "a 1\nb\nc"), None);
    assert_eq!(missing("c\na …", "a 1\nb\nc"), Some("a …"));
    assert!(like("x…y…z", "x1y2z") && !like("x…y…z", "x1z") && !like("x", "xy"));
}

app_test! {
    async fn the_api_guide_says_what_comes(app: TestAppOptions { simulated_workspaces: 120, ..TestAppOptions::default() }) {
        if !has_program("bash").await? || !has_program("curl").await? {
            return Ok(());
        }
        app.create_owner().await?;
        app.connect_simulated_and_sync().await?;
        let key = json!({ "name": "scripts", "permissions": MAY });
        let key: MadeApiKeyView = app.client().post(API_KEYS, &key).await?.ok()?;
        let examples = examples()?;
        let first = &examples.first().context("no example")?.commands;
        ensure!(first.contains(GUIDES_URL) && first.contains(GUIDES_KEY), "it does not begin with a server and a key: {first}");
        let commands: Vec<_> = examples
            .iter()
            .map(|example| example.commands.replace(GUIDES_URL, app.url()).replace(GUIDES_KEY, &key.secret))
            .collect();
        let place = tempfile::tempdir()?;
        for (example, (printed, status)) in examples.iter().zip(outputs(&commands, place.path()).await?) {
            let Example { commands, language, shown } = example;
            let fault = match language.as_str() {
                _ if status != "0" => Some(format!("its status is {status}")),
                "text" => missing(shown, &printed).map(|line| format!("no line {line:?}")),
                _ => {
                    let shown = serde_json::from_str(shown).with_context(|| shown.clone())?;
                    differs(&shown, &serde_json::from_str(&printed).with_context(|| printed.clone())?, "the answer")
                }
            };
            if let Some(fault) = fault {
                bail!("{fault}\n{commands}\nprinted:\n{printed}");
            }
        }
        Ok(())
    }
}
