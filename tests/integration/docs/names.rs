//! Commands, settings and permissions of AWS that the book names: each is one that there is. Commands are found in blocks of shell and
//! in code within lines, and held against what `--help` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use platform::config::{Config, Loader};
use testkit::outside::needed;
use testkit::process::wheelhouse;

use super::folder;
use super::page::Page;

/// The variable that is no setting: where the settings are.
/// Where settings are read from.
const PLACES: [&str; 3] = ["WHEELHOUSE_CONFIG", "WHEELHOUSE_PARAMETERS", "WHEELHOUSE_SECRET"];
const PREFIX: &str = "WHEELHOUSE_";

/// What a command knows.
#[derive(Debug, Default)]
struct Help {
    commands: BTreeSet<String>,
    /// Its flags, and whether a value follows.
    flags: BTreeMap<String, bool>,
}

impl Help {
    fn read(text: &str) -> Self {
        let mut help = Self::default();
        let mut listing = false;
        for line in text.lines() {
            listing = if line.is_empty() { false } else { listing || line == "Commands:" };
            let words: Vec<&str> = line.split_whitespace().collect();
            match line.strip_prefix("  ").filter(|rest| listing && !rest.starts_with(' ')) {
                Some(_) => help.commands.extend(words.first().map(|name| (*name).to_owned())),
                None => {
                    let at = words.iter().take(2).position(|word| word.starts_with("--"));
                    if let Some(at) = at.filter(|at| *at == 0 || words[0].starts_with('-')) {
                        let value = words.get(at + 1).is_some_and(|next| next.starts_with('<'));
                        help.flags.insert(words[at].to_owned(), value);
                    }
                }
            }
        }
        help
    }
}

/// What the binary says of its commands; each is asked once.
#[derive(Debug, Default)]
struct Binary(BTreeMap<Vec<String>, Help>);

impl Binary {
    async fn help(&mut self, path: &[String]) -> Result<&Help> {
        if !self.0.contains_key(path) {
            let output = wheelhouse()?.args(path).arg("--help").output().await?;
            ensure!(output.status.success(), "wheelhouse {} --help: {}", path.join(" "), output.status);
            self.0.insert(path.to_vec(), Help::read(&String::from_utf8(output.stdout)?));
        }
        self.0.get(path).context("it was just asked")
    }

    /// What is wrong with the words behind `wheelhouse`.
    async fn fault(&mut self, words: &[&str]) -> Result<Option<String>> {
        let mut path = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let help = self.help(&path).await?;
            let (name, given) = word.split_once('=').map_or((*word, false), |(name, _)| (name, true));
            if name.starts_with('-') {
                match help.flags.get(name) {
                    Some(true) if !given => drop(words.next()),
                    Some(_) => {}
                    None => return Ok(Some(format!("wheelhouse {} has no {name}", path.join(" ")))),
                }
            } else if help.commands.contains(*word) {
                path.push((*word).to_owned());
            } else if !help.commands.is_empty() && *word != "…" {
                return Ok(Some(format!("wheelhouse {} has no command {word}", path.join(" "))));
            }
        }
        Ok(None)
    }
}

/// The words behind each `wheelhouse` that is run by a line of shell: at its beginning, behind variables, behind an operator, or run
/// in a container.
fn commands(line: &str) -> Vec<Vec<&str>> {
    let line = line.split(" #").next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let simple = words.split(|word| ["&&", "||", "|", ";", "("].contains(word));
    simple
        .filter_map(|words| {
            let at = words.iter().position(|word| *word == "wheelhouse")?;
            // Behind a flag it is the flag's value, such as a user.
            let value = at > 0 && words[at - 1].starts_with('-');
            let contained = !value && words[..at].iter().any(|word| ["exec", "run"].contains(word));
            let plain = words[..at].iter().all(|word| word.contains('=') || ["$", "sudo", "export"].contains(word));
            let rest = &words[at + 1..];
            let end = rest.iter().position(|word| word.starts_with(['<', '>', '&', ')'])).unwrap_or(rest.len());
            (contained || plain).then(|| rest[..end].to_vec())
        })
        .collect()
}

#[test]
fn commands_are_found_where_they_are_run() {
    let found = |line| commands(line);
    assert_eq!(found("DATABASE_URL=x wheelhouse restore FILE   # as the owner"), [["restore", "FILE"]]);
    assert_eq!(
        found("wheelhouse migrate && wheelhouse api --listen 0.0.0.0:1"),
        [vec!["migrate"], vec!["api", "--listen", "0.0.0.0:1"]]
    );
    assert_eq!(found("docker compose exec api wheelhouse doctor > out"), [["doctor"]]);
    for other in
        ["createdb wheelhouse", "psql -U wheelhouse wheelhouse", "docker exec postgres psql -U wheelhouse --list"]
    {
        assert!(found(other).is_empty(), "{other}");
    }
}

#[tokio::test]
async fn every_command_is_one() -> Result<()> {
    if needed("WHEELHOUSE_TEST_BINARY")?.is_none() {
        return Ok(());
    }
    let mut binary = Binary::default();
    let (mut met, mut faults) = (0, Vec::new());
    for page in Page::all(&folder())? {
        let blocks = page.blocks().into_iter().filter(|(language, _)| *language == "sh");
        let lines =
            blocks.flat_map(|(_, block)| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>());
        for line in lines.chain(page.spans()) {
            for words in commands(&line) {
                met += 1;
                let fault = binary.fault(&words).await?;
                faults.extend(fault.map(|fault| format!("{}: {fault}: {line}", page.path.display())));
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    ensure!(met > 30, "{met} commands");
    Ok(())
}

#[test]
fn every_setting_is_one() -> Result<()> {
    let settings = Config::default().explained();
    let variables: BTreeSet<_> = settings.iter().map(|setting| setting.variable.as_str()).collect();
    let keys: BTreeSet<_> = settings.iter().map(|setting| setting.key.as_str()).collect();
    let sections: BTreeSet<_> = keys.iter().filter_map(|key| key.split_once('.')).map(|(section, _)| section).collect();
    let mut faults = Vec::new();
    for page in Page::all(&folder())? {
        for rest in page.text().split(PREFIX).skip(1) {
            let name: String =
                rest.chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_').collect();
            let variable = format!("{PREFIX}{name}");
            let known = |variable: &str| PLACES.contains(&variable) || variables.contains(variable);
            if !name.is_empty() && !known(&variable) && !variable.strip_suffix("_FILE").is_some_and(known) {
                faults.push(format!("{}: {variable} is no setting", page.path.display()));
            }
        }
        for span in page.spans() {
            // Of one word are also files (`vault.key`) and what the audit log names (`user.create`).
            let Some((section, name)) = span.split_once('.').filter(|(_, name)| name.contains('_')) else { continue };
            let like = sections.contains(section) && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if like && !keys.contains(span.as_str()) {
                faults.push(format!("{}: {span} is no setting", page.path.display()));
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[test]
fn every_configuration_is_good() -> Result<()> {
    let place = tempfile::tempdir()?;
    let file = place.path().join("wheelhouse.toml");
    let mut met = 0;
    for page in Page::all(&folder())? {
        for (_, block) in page.blocks().into_iter().filter(|(language, _)| *language == "toml") {
            met += 1;
            std::fs::write(&file, block)?;
            Loader::new().file(&file).load().with_context(|| format!("{}: {block}", page.path.display()))?;
        }
    }
    ensure!(met > 1, "{met} configurations");
    Ok(())
}

#[test]
fn every_permission_of_aws_is_explained() -> Result<()> {
    let pages = Page::all(&folder())?;
    let page = pages.iter().find(|page| page.path == Path::new("admin/accounts.md")).context("no such page")?;
    let services: BTreeSet<_> = aws::OPERATIONS.iter().filter_map(|one| one.action.split(':').next()).collect();
    let of_aws = |span: &&String| span.split_once(':').is_some_and(|(service, _)| services.contains(service));
    let spans = page.spans();
    let mut named: BTreeSet<_> = spans.iter().filter(of_aws).map(String::as_str).collect();
    // What the server's own identity needs, which is in no account's policy.
    assert!(named.remove("sts:AssumeRole"));
    assert_eq!(named, aws::OPERATIONS.iter().map(|one| one.action).collect());
    Ok(())
}
