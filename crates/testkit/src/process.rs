//! Child processes of tests: killed with their test, with their output at hand.

use std::net::TcpListener;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{ChildStdout, Command};

/// Ports that are given to no outgoing connection: Linux's begin at 32,768, others' later.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// How many of them are tried.
const TRIES: usize = 100;

/// A child that dies with this value.
#[derive(Debug)]
pub struct Child {
    inner: tokio::process::Child,
}

impl Child {
    /// Starts it without input; its output goes where the test's goes.
    ///
    /// # Errors
    /// The program can't be started.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let inner =
            command.stdin(Stdio::null()).kill_on_drop(true).spawn().with_context(|| format!("start {command:?}"))?;
        Ok(Self { inner })
    }

    /// The process id; `None` once it ended.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.inner.id()
    }

    /// Whether it has ended, by itself or not. Does not wait.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.inner.try_wait(), Ok(None))
    }

    /// The lines it prints, when its standard output is piped; they can be taken once.
    ///
    /// # Errors
    /// It is not piped, or was taken.
    pub fn lines(&mut self) -> Result<Lines<BufReader<ChildStdout>>> {
        Ok(BufReader::new(self.inner.stdout.take().context("its output is not here")?).lines())
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    /// It could not be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.inner.kill().await?)
    }

    /// SIGTERM, and waits for its end: the exit status.
    ///
    /// # Errors
    /// It ended already or can't be waited for.
    pub async fn terminate(&mut self) -> Result<std::process::ExitStatus> {
        self.end_by("-TERM").await
    }

    /// SIGINT, as Ctrl-C sends it, and waits for its end: the exit status.
    ///
    /// # Errors
    /// As [`Child::terminate`].
    pub async fn interrupt(&mut self) -> Result<std::process::ExitStatus> {
        self.end_by("-INT").await
    }

    async fn end_by(&mut self, signal: &str) -> Result<std::process::ExitStatus> {
        let id = self.id().context("it ended already")?;
        let status = Command::new("kill").arg(signal).arg(id.to_string()).status().await?;
        anyhow::ensure!(status.success(), "kill {signal} {id}: {status}");
        Ok(self.inner.wait().await?)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It can't be waited for.
    pub async fn wait(&mut self) -> Result<std::process::ExitStatus> {
        Ok(self.inner.wait().await?)
    }
}

/// A TCP port on loopback that is free now, and that no outgoing connection will be given: those are higher on every system.
///
/// # Errors
/// None was free among those that were tried.
pub fn free_port() -> Result<u16> {
    for _ in 0..TRIES {
        let mut bytes = [0; 2];
        platform::os::fill_random(&mut bytes);
        let port = PORTS.start + u16::from_le_bytes(bytes) % (PORTS.end - PORTS.start);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("{TRIES} ports between {} and {} are taken", PORTS.start, PORTS.end)
}

/// The `wheelhouse` binary under test: `WHEELHOUSE_TEST_BINARY`, which `cargo xtask test` sets.
///
/// # Errors
/// It is not set.
pub fn wheelhouse() -> Result<Command> {
    let path =
        std::env::var("WHEELHOUSE_TEST_BINARY").context("WHEELHOUSE_TEST_BINARY is not set; use cargo xtask test")?;
    Ok(Command::new(path))
}
