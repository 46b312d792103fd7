//! A Redis of one test, to be killed and started again. What several tests share is that of `WHEELHOUSE_TEST_REDIS_URL`.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::outside::has_program;
use crate::process::{Child, free_port};

/// A Redis on a port of its own that keeps nothing on disk. Ends with this value.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    running: Option<Child>,
    folder: tempfile::TempDir,
}

impl Redis {
    /// A running one; `None` when the program is not there and the test should end here.
    ///
    /// # Errors
    /// It does not answer, or the program is missing and `CI` is set.
    pub async fn take() -> Result<Option<Self>> {
        if !has_program("redis-server").await? {
            return Ok(None);
        }
        let mut redis = Self { port: free_port()?, running: None, folder: tempfile::tempdir()? };
        redis.start().await?;
        Ok(Some(redis))
    }

    /// Its URL, the same after every start.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// `kill -9`. Nothing happens when it does not run.
    ///
    /// # Errors
    /// It could not be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        match self.running.take() {
            Some(mut child) => child.kill().await,
            None => Ok(()),
        }
    }

    /// Starts it, empty, and waits until it answers. Nothing happens when it runs.
    ///
    /// # Errors
    /// It does not answer within ten seconds.
    pub async fn start(&mut self) -> Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", "", "--appendonly", "no"]);
        command.current_dir(self.folder.path()).stdout(std::process::Stdio::null());
        self.running = Some(Child::spawn(&mut command)?);
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("redis-server does not answer")
    }
}
