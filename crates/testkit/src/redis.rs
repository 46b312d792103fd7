//! A Redis of one test, to be killed and started again. What several tests share is that of `WHEELHOUSE_TEST_REDIS_URL`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::outside::has_program;
use crate::process::{Child, free_port};

/// A Redis on a port of its own that keeps nothing on disk. Ends with this value.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    tls: bool,
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
        let mut redis = Self { port: free_port()?, tls: false, running: None, folder: tempfile::tempdir()? };
        redis.start().await?;
        Ok(Some(redis))
    }

    /// The same that speaks TLS only, with a certificate by an authority of its own ([`ca_file`](Self::ca_file)).
    ///
    /// # Errors
    /// It does not answer, there is no `openssl`, or the program is missing and `CI` is set.
    pub async fn take_with_tls() -> Result<Option<Self>> {
        if !has_program("redis-server").await? {
            return Ok(None);
        }
        let mut redis = Self { port: free_port()?, tls: true, running: None, folder: tempfile::tempdir()? };
        certify(redis.folder.path()).await?;
        redis.start().await?;
        Ok(Some(redis))
    }

    /// The certificate of the authority.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Its URL, the same after every start.
    #[must_use]
    pub fn url(&self) -> String {
        if self.tls { format!("rediss://localhost:{}", self.port) } else { format!("redis://127.0.0.1:{}", self.port) }
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
        let port = self.port.to_string();
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        if self.tls {
            command.args(["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"]);
            command.args([
                "--tls-ca-cert-file",
                "ca.pem",
                "--tls-cert-file",
                "server.pem",
                "--tls-key-file",
                "server.key",
            ]);
        } else {
            command.args(["--port", &port]);
        }
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

/// An authority, and a certificate by it for this machine's name, in that folder.
async fn certify(folder: &Path) -> Result<()> {
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n")?;
    let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let authority =
        ["req", "-x509", "-days", "2", "-subj", "/CN=a test's authority", "-keyout", "ca.key", "-out", "ca.pem"];
    let request = ["req", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"];
    let signed =
        ["x509", "-req", "-days", "2", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    for (words, more) in
        [(&authority[..], &new[..]), (&request, &new), (&signed, &["-extfile", "names", "-out", "server.pem"])]
    {
        let output = Command::new("openssl").args(words).args(more).current_dir(folder).output().await;
        let output = output.context("start openssl")?;
        ensure!(output.status.success(), "openssl {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
