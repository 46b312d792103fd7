//! Starting programs so that none is left behind: each runs in a process group of its own, Ctrl-C is passed on to it,
//! and a long-lived one ends when its [`Service`] is dropped.
//!
//! Not: a shell. To run a program to its end use [`run`] or [`capture`]; to keep one running use [`Service::spawn`].

use std::{
    fmt,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};

/// How often Ctrl-C (or SIGTERM, SIGHUP) came.
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);
/// Process groups that hear of a Ctrl-C at once: what runs in the foreground. Services end in their own order.
static FOREGROUND: Mutex<Vec<i32>> = Mutex::new(Vec::new());
/// Every group still running, for the second Ctrl-C.
static GROUPS: Mutex<Vec<i32>> = Mutex::new(Vec::new());

/// The error after a Ctrl-C: whatever ran was told to stop.
#[derive(Debug)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Passes the first Ctrl-C on to what runs in the foreground; a second one kills every program started here.
///
/// # Errors
/// When the handler can't be set.
pub fn watch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| {
        if INTERRUPTS.fetch_add(1, Ordering::SeqCst) == 0 {
            for group in snapshot(&FOREGROUND) {
                let _ = killpg(Pid::from_raw(group), Signal::SIGINT);
            }
        } else {
            for group in snapshot(&GROUPS) {
                let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
            }
        }
    })
    .context("set the Ctrl-C handler")
}

/// # Errors
/// [`Interrupted`] once Ctrl-C came.
pub fn check_interrupt() -> Result<()> {
    if INTERRUPTS.load(Ordering::SeqCst) > 0 { Err(Interrupted.into()) } else { Ok(()) }
}

fn snapshot(list: &Mutex<Vec<i32>>) -> Vec<i32> {
    list.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn enlist(list: &Mutex<Vec<i32>>, group: i32) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(group);
}

fn delist(list: &Mutex<Vec<i32>>, group: i32) {
    list.lock().unwrap_or_else(PoisonError::into_inner).retain(|g| *g != group);
}

/// A process group in the foreground for as long as this lives.
struct Foreground(i32);

impl Foreground {
    fn of(child: &Child) -> Self {
        let group = child.id().cast_signed();
        enlist(&GROUPS, group);
        enlist(&FOREGROUND, group);
        // A Ctrl-C between the spawn and the line above would have missed it.
        if INTERRUPTS.load(Ordering::SeqCst) > 0 {
            let _ = killpg(Pid::from_raw(group), Signal::SIGINT);
        }
        Self(group)
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        delist(&FOREGROUND, self.0);
        delist(&GROUPS, self.0);
    }
}

/// The command as one would type it, without its environment.
#[must_use]
pub fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().rsplit('/').next().unwrap_or_default().to_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

fn start(command: &mut Command) -> Result<Child> {
    check_interrupt()?;
    command.process_group(0).spawn().with_context(|| format!("start `{}`", shown(command)))
}

fn finished(command: &Command, status: ExitStatus) -> Result<()> {
    check_interrupt()?;
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command to its end, its output on the terminal, no input.
///
/// # Errors
/// When it can't start, fails, or Ctrl-C came.
pub fn run(command: &mut Command) -> Result<()> {
    eprintln!("  $ {}", shown(command));
    let mut child = start(command.stdin(Stdio::null()))?;
    let foreground = Foreground::of(&child);
    let status = child.wait()?;
    drop(foreground);
    finished(command, status)
}

/// Runs a program that ends by Ctrl-C and says by its exit status whether it stopped cleanly.
///
/// # Errors
/// When it can't start or fails; a clean stop after Ctrl-C is no error.
pub fn run_until_interrupted(command: &mut Command) -> Result<()> {
    let mut child = start(command.stdin(Stdio::null()))?;
    let foreground = Foreground::of(&child);
    let status = child.wait()?;
    drop(foreground);
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and returns what it wrote to standard output; its standard error goes to the terminal.
///
/// # Errors
/// As [`run`].
pub fn capture(command: &mut Command) -> Result<Vec<u8>> {
    let child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()))?;
    let foreground = Foreground::of(&child);
    let output = child.wait_with_output()?;
    drop(foreground);
    finished(command, output.status)?;
    Ok(output.stdout)
}

/// Whether a command can be started and succeeds; says nothing on the terminal.
#[must_use]
pub fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Runs a command to its end like [`run`], and hands each line it writes to standard output or error to `see`.
///
/// # Errors
/// As [`run`].
pub fn run_seen(command: &mut Command, see: &(dyn Fn(&str) + Sync)) -> Result<()> {
    eprintln!("  $ {}", shown(command));
    let mut child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let foreground = Foreground::of(&child);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        if let Some(out) = out {
            scope.spawn(move || pass_on(out, &mut std::io::stdout(), see));
        }
        if let Some(err) = err {
            scope.spawn(move || pass_on(err, &mut std::io::stderr(), see));
        }
    });
    let status = child.wait()?;
    drop(foreground);
    finished(command, status)
}

fn pass_on(from: impl std::io::Read, to: &mut impl std::io::Write, see: &dyn Fn(&str)) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        let _ = to.write_all(&line);
        let _ = to.flush();
        see(&String::from_utf8_lossy(&line));
        line.clear();
    }
}

/// A program that runs beside the work and ends when this is dropped: first by its signal, after ten seconds by SIGKILL.
pub struct Service {
    name: &'static str,
    child: Child,
    stop_with: Signal,
}

impl Service {
    /// Starts it in a process group of its own.
    ///
    /// # Errors
    /// When it can't start or Ctrl-C came.
    pub fn spawn(name: &'static str, stop_with: Signal, command: &mut Command) -> Result<Self> {
        let child = start(command.stdin(Stdio::null()))?;
        enlist(&GROUPS, child.id().cast_signed());
        Ok(Self { name, child, stop_with })
    }

    /// Waits until `ready` says so.
    ///
    /// # Errors
    /// When the program ends first, when it isn't ready within `limit`, or when Ctrl-C came.
    pub fn wait_ready(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let since = Instant::now();
        loop {
            check_interrupt()?;
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended while starting: {status}", self.name);
            }
            if ready() {
                return Ok(());
            }
            if since.elapsed() > limit {
                bail!("{} was not ready within {} s", self.name, limit.as_secs());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        let _ = kill(pid, self.stop_with);
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(10) {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(20)),
                Ok(Some(_)) | Err(_) => break,
            }
        }
        let _ = killpg(pid, Signal::SIGKILL);
        let _ = self.child.wait();
        delist(&GROUPS, pid.as_raw());
    }
}
