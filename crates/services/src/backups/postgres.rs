//! `pg_dump` and `pg_restore`: where they are, whether they fit the server, how they are run. What they connect with goes into
//! their environment: the command line can be read by everybody on the machine.

use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use platform::config::{BackupConfig, DatabaseConfig};
use url::Url;

use super::error::BackupError;
use super::watch::Watch;

/// Writes a database out.
pub(super) const DUMP: &str = "pg_dump";
/// Brings one back.
pub(super) const RESTORE: &str = "pg_restore";
/// A program that has not said its version by then is given up.
const VERSION_DEADLINE: Duration = Duration::from_secs(10);
/// Bytes of what a program complains of that are kept.
const MOST_WORDS: u64 = 16 * 1024;

/// The programs, with how they reach the database.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: Option<PathBuf>,
    environment: Vec<(&'static str, Hidden)>,
}

/// A value that may be a password.
#[derive(Clone)]
struct Hidden(OsString);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A program that was started.
pub(super) struct Running {
    program: &'static str,
    words: JoinHandle<String>,
}

impl Programs {
    pub(super) fn new(config: &BackupConfig, database: &DatabaseConfig) -> Result<Self, BackupError> {
        let mut environment = environment(database.url.expose())?;
        environment.push(("PGCONNECT_TIMEOUT", database.connect_timeout_seconds.max(2).to_string()));
        environment.push(("PGAPPNAME", "wheelhouse-backup".to_owned()));
        // What it says is read and shown.
        environment.push(("LC_ALL", "C".to_owned()));
        let environment = environment.into_iter().map(|(name, value)| (name, Hidden(value.into()))).collect();
        Ok(Self { folder: config.postgres_bin.clone(), environment })
    }

    fn path(&self, program: &str) -> PathBuf {
        self.folder.as_ref().map_or_else(|| PathBuf::from(program), |folder| folder.join(program))
    }

    /// The program's major version, which must be at least that of what it is to work with.
    pub(super) async fn version(
        &self,
        program: &'static str,
        what: &'static str,
        wanted: u32,
    ) -> Result<u32, BackupError> {
        let path = self.path(program);
        let shown = path.display().to_string();
        let missing = |source| BackupError::NoProgram { program: shown, source };
        let asked = tokio::process::Command::new(&path).arg("--version").kill_on_drop(true).output();
        let said = match tokio::time::timeout(VERSION_DEADLINE, asked).await {
            Ok(said) => said.map_err(missing)?,
            Err(_) => return Err(missing(std::io::ErrorKind::TimedOut.into())),
        };
        let text = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        let words = || BackupError::Program { program, words: format!("--version says {text:?}") };
        let version = major(&text).ok_or_else(words)?;
        if version < wanted { Err(BackupError::TooOld { program, version, what, wanted }) } else { Ok(version) }
    }

    /// Starts a dump of that moment. What it writes is the database.
    pub(super) fn dump(&self, snapshot: &str, watch: &Watch) -> Result<(ChildStdout, Running), BackupError> {
        let mut command = self.command(DUMP);
        command.args(["--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-comments"]);
        command.arg(format!("--snapshot={snapshot}")).stdin(Stdio::null()).stdout(Stdio::piped());
        let (mut child, running) = self.start(DUMP, &mut command)?;
        let out = child.stdout.take();
        watch.adopt(child);
        out.map(|out| (out, running)).ok_or_else(|| unpiped(DUMP))
    }

    /// Starts a restore into that database, all or nothing. What is written to it is the dump.
    pub(super) fn restore(&self, database: &str, watch: &Watch) -> Result<(ChildStdin, Running), BackupError> {
        let mut command = self.command(RESTORE);
        command.args(["--format=custom", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]);
        command.arg("--dbname").arg(quoted_name(database)).stdin(Stdio::piped()).stdout(Stdio::null());
        let (mut child, running) = self.start(RESTORE, &mut command)?;
        let into = child.stdin.take();
        watch.adopt(child);
        into.map(|into| (into, running)).ok_or_else(|| unpiped(RESTORE))
    }

    /// The database's name.
    pub(super) fn database(&self) -> String {
        let named = self.environment.iter().find(|(name, _)| *name == "PGDATABASE");
        named.map(|(_, name)| name.0.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.path(program));
        command.envs(self.environment.iter().map(|(name, value)| (name, &value.0)));
        command
    }

    fn start(
        &self,
        program: &'static str,
        command: &mut Command,
    ) -> Result<(std::process::Child, Running), BackupError> {
        let shown = self.path(program).display().to_string();
        let started = command.stderr(Stdio::piped()).spawn();
        let mut child = started.map_err(|source| BackupError::NoProgram { program: shown, source })?;
        let complaints = child.stderr.take();
        let words = std::thread::spawn(move || complaints.map(words_of).unwrap_or_default());
        Ok((child, Running { program, words }))
    }
}

impl Running {
    /// Waits for its end.
    pub(super) fn end(self, watch: &Watch) -> Result<(), BackupError> {
        let program = self.program;
        let failed = |words: String| BackupError::Program { program, words };
        let status = watch.ended().map_err(|error| failed(error.to_string()))?;
        if status.success() {
            return Ok(());
        }
        watch.check()?;
        let words = self.words.join().unwrap_or_default();
        Err(failed(if words.is_empty() { status.to_string() } else { words }))
    }
}

/// A database's name where a program would take a text with `=` or `://` for more than a name.
fn quoted_name(name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('\'', "\\'");
    format!("dbname='{escaped}'")
}

fn unpiped(program: &'static str) -> BackupError {
    BackupError::Program { program, words: "its input or output could not be taken".to_owned() }
}

/// What it complains of, in one line. Read to the end, so that the program never waits for us.
fn words_of(mut complaints: impl Read) -> String {
    let mut text = Vec::new();
    let read = (&mut complaints).take(MOST_WORDS).read_to_end(&mut text);
    let rest = std::io::copy(&mut complaints, &mut std::io::sink());
    if let Err(error) = read.and(rest.map(|_| 0)) {
        tracing::debug!(%error, "what a program said could not be read");
    }
    String::from_utf8_lossy(&text).lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0)`: 15.
fn major(text: &str) -> Option<u32> {
    let (_, version) = text.split_once("(PostgreSQL) ")?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A URL as sqlx reads it, in the variables that PostgreSQL's programs read.
fn environment(url: &str) -> Result<Vec<(&'static str, String)>, BackupError> {
    let bad = |problem: &str| BackupError::Setting { key: "database.url", problem: problem.to_owned() };
    let url = Url::parse(url).map_err(|_| bad("this is not a valid URL"))?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut found = Vec::new();
    if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
        found.push(("PGHOST", decoded(host.trim_matches(['[', ']']))));
    }
    found.extend(url.port().map(|port| ("PGPORT", port.to_string())));
    if !url.username().is_empty() {
        found.push(("PGUSER", decoded(url.username())));
    }
    found.extend(url.password().map(|password| ("PGPASSWORD", decoded(password))));
    let name = decoded(url.path().trim_start_matches('/'));
    found.push(("PGDATABASE", if name.is_empty() { decoded(url.username()) } else { name }));
    for (name, value) in url.query_pairs() {
        let variable = match &*name {
            "host" | "hostaddr" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            "options" => "PGOPTIONS",
            // What only the pool of connections understands.
            _ => continue,
        };
        found.retain(|(set, _)| *set != variable);
        found.push((variable, value.into_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_url_becomes_what_the_programs_read() {
        let read = |url: &str| environment(url).unwrap().into_iter().collect::<BTreeMap<_, _>>();
        let found = read(
            "postgres://ann:p%40ss%2Bw@db.example.org:6432/wheel%20house?sslmode=require&statement-cache-capacity=5",
        );
        let expected = [
            ("PGHOST", "db.example.org"),
            ("PGPORT", "6432"),
            ("PGUSER", "ann"),
            ("PGPASSWORD", "p@ss+w"),
            ("PGDATABASE", "wheel house"),
            ("PGSSLMODE", "require"),
        ];
        assert_eq!(found, expected.into_iter().map(|(name, value)| (name, value.to_owned())).collect());
        assert_eq!(read("postgres://ann@[::1]/")["PGHOST"], "::1");
        assert_eq!(read("postgres://ann@db/")["PGDATABASE"], "ann");
        assert_eq!(read("postgresql:///wheelhouse?host=/run/postgresql")["PGHOST"], "/run/postgresql");
    }

    #[test]
    fn a_version_is_read_from_what_it_says() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major("pg_restore (PostgreSQL) 18devel"), Some(18));
        assert_eq!(major("something else 7"), None);
    }

    #[test]
    fn passwords_are_not_printed() {
        let mut database = platform::config::Config::default().database;
        database.url = "postgres://ann:hush@db/x".into();
        let programs = Programs::new(&platform::config::Config::default().backup, &database).unwrap();
        assert!(!format!("{programs:?}").contains("hush"));
        assert_eq!(programs.database(), "x");
        assert_eq!(quoted_name("a'b=c"), "dbname='a\\'b=c'");
    }
}
