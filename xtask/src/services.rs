//! Private PostgreSQL and Redis on free ports in a temporary directory, gone when [`Services`] is dropped. Not: a database
//! for anything that is to be kept, and no installing (see `bootstrap.rs`).
//!
//! What tests get to know, as environment variables:
//! - `WHEELHOUSE_TEST_POSTGRES_URL`: superuser URL; each test makes a database of its own.
//! - `WHEELHOUSE_TEST_POSTGRES_BIN`: the folder of its programs, such as `pg_dump`.
//! - `WHEELHOUSE_TEST_REDIS_URL`.
//! - `WHEELHOUSE_TEST_POSTGRES_CTL`: path of a JSON file about a **second** cluster, for tests that stop and start a
//!   database: `{url, port, bin_dir, data_dir, pid_file, start: [program, arg, …]}`. To stop it, send SIGINT (fast) or
//!   SIGQUIT (as a crash) to the process whose id is the first line of `pid_file`; to start it, spawn `start` in `/`.

use std::{
    ffi::OsString,
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    bootstrap::{self, Tools},
    ctx::Ctx,
    process::{self, Service},
};

/// How the main cluster is tuned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tuning {
    /// For tests: nothing needs to survive a power cut; with a second cluster to be stopped and started.
    Test,
    /// For figures: safe writes and a real cache; one cluster.
    Bench,
}

impl Tuning {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Test => {
                &["fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "max_connections=300"]
            }
            Self::Bench => &["fsync=on", "shared_buffers=512MB", "max_wal_size=4GB", "max_connections=200"],
        }
    }
}

/// The cluster that tests crash: the machine stays up, so nothing need reach the disk, but what was committed must reach
/// the operating system before it is answered. With `synchronous_commit=off` a crash takes back what a worker was told is done.
const CRASHED: &[&str] = &["fsync=off", "max_connections=300"];

/// The running services. Fields are dropped in this order: the directory last.
pub struct Services {
    /// What the tests' environment gets.
    pub env: Vec<(&'static str, OsString)>,
    _postgres: Service,
    _chaos: Option<ChaosCluster>,
    _redis: Service,
    _dir: TempDir,
}

impl Services {
    /// Starts them and waits until they answer.
    ///
    /// # Errors
    /// When one can't start; its log is printed.
    pub fn start(ctx: &Ctx, tools: &Tools, tuning: Tuning) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("wheelhouse-").tempdir().context("make a temporary directory")?;
        // PostgreSQL runs as a user of its own when we are root, and must get in.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        let cluster = Cluster::create(ctx, tools.postgres_bin()?, &dir.path().join("postgres"))?;
        let twin = match tuning {
            Tuning::Test => Some(cluster.copy(ctx, &dir.path().join("postgres-chaos"))?),
            Tuning::Bench => None,
        };
        let (postgres, port) = cluster.start(ctx, tuning)?;
        let mut env = vec![("WHEELHOUSE_TEST_POSTGRES_URL", url(port).into())];
        env.push(("WHEELHOUSE_TEST_POSTGRES_BIN", cluster.bin.clone().into()));
        let chaos = match twin {
            Some(twin) => {
                let chaos = ChaosCluster::start(ctx, twin)?;
                let file = dir.path().join("postgres-ctl.json");
                fs::write(&file, chaos.description().to_string())?;
                env.push(("WHEELHOUSE_TEST_POSTGRES_CTL", file.into()));
                Some(chaos)
            }
            None => None,
        };
        let (redis, port) = start_redis(ctx, tools.redis()?, dir.path())?;
        env.push(("WHEELHOUSE_TEST_REDIS_URL", format!("redis://127.0.0.1:{port}").into()));
        Ok(Self { env, _postgres: postgres, _chaos: chaos, _redis: redis, _dir: dir })
    }
}

fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

/// A port nobody listens on at this moment.
///
/// # Errors
/// When the machine has none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A PostgreSQL data directory.
struct Cluster {
    bin: PathBuf,
    data: PathBuf,
}

impl Cluster {
    fn create(ctx: &Ctx, bin: &Path, data: &Path) -> Result<Self> {
        let cluster = Self { bin: bin.to_path_buf(), data: data.to_path_buf() };
        cluster.make_folder()?;
        let mut argv = cluster.as_owner("initdb");
        argv.extend(["-D".into(), data.into()]);
        argv.extend(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"].map(OsString::from));
        process::run(command(ctx, &argv).stdout(Stdio::null())).context("make a PostgreSQL cluster")?;
        Ok(cluster)
    }

    fn make_folder(&self) -> Result<()> {
        fs::create_dir(&self.data)?;
        fs::set_permissions(&self.data, fs::Permissions::from_mode(0o700))?;
        if geteuid().is_root() {
            let user = User::from_name("postgres")?.context("no user `postgres`: PostgreSQL refuses to run as root")?;
            chown(&self.data, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(())
    }

    /// The same cluster once more, before either has run.
    fn copy(&self, ctx: &Ctx, to: &Path) -> Result<Self> {
        process::run(ctx.command("cp").arg("-a").arg(&self.data).arg(to))?;
        Ok(Self { bin: self.bin.clone(), data: to.to_path_buf() })
    }

    /// The start of a command line that runs one of its programs as a user who may.
    fn as_owner(&self, program: &str) -> Vec<OsString> {
        let mut argv: Vec<OsString> = Vec::new();
        if geteuid().is_root() {
            argv.extend(["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"].map(OsString::from));
        }
        argv.push(self.bin.join(program).into());
        argv
    }

    fn argv(&self, port: u16, settings: &[&str]) -> Vec<OsString> {
        let mut argv = self.as_owner("postgres");
        argv.extend(["-D".into(), self.data.clone().into(), "-p".into(), port.to_string().into()]);
        argv.extend(["-h", "127.0.0.1", "-c", "unix_socket_directories="].map(OsString::from));
        for setting in settings {
            argv.extend(["-c".into(), setting.into()]);
        }
        argv
    }

    fn answers(&self, port: u16) -> bool {
        process::succeeds(Command::new(self.bin.join("pg_isready")).args([
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            &port.to_string(),
        ]))
    }

    fn log(&self) -> PathBuf {
        self.data.with_extension("log")
    }

    fn start(&self, ctx: &Ctx, tuning: Tuning) -> Result<(Service, u16)> {
        let port = free_port()?;
        let mut command = command(ctx, &bound_to_us("INT", self.argv(port, tuning.settings())));
        let log = fs::File::create(self.log())?;
        command.stdout(log.try_clone()?).stderr(log);
        // SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
        let mut service = Service::spawn("PostgreSQL", Signal::SIGINT, &mut command)?;
        service
            .wait_ready(Duration::from_secs(60), || self.answers(port))
            .with_context(|| fs::read_to_string(self.log()).unwrap_or_default())?;
        eprintln!("  PostgreSQL on port {port}");
        Ok((service, port))
    }
}

fn command(ctx: &Ctx, argv: &[OsString]) -> Command {
    let mut command = ctx.command(&argv[0]);
    // The owner of the cluster may not be able to enter the repository.
    command.args(&argv[1..]).current_dir("/");
    command
}

/// Lets the kernel end the program with this signal when we are killed and can't do it ourselves, where `setpriv` is there.
fn bound_to_us(signal: &str, mut argv: Vec<OsString>) -> Vec<OsString> {
    let bind = ["--pdeathsig".into(), signal.into()];
    if argv[0] == "setpriv" {
        argv.splice(1..1, bind);
    } else if bootstrap::on_path(&["setpriv"]).is_some() {
        argv.splice(0..0, ["setpriv".into()].into_iter().chain(bind));
    }
    argv
}

/// The second cluster: whoever stops or starts it, it is gone at the end.
struct ChaosCluster {
    cluster: Cluster,
    port: u16,
    argv: Vec<OsString>,
}

impl ChaosCluster {
    fn start(ctx: &Ctx, cluster: Cluster) -> Result<Self> {
        let port = free_port()?;
        let argv = cluster.argv(port, CRASHED);
        let this = Self { cluster, port, argv };
        let log = fs::File::create(this.cluster.log())?;
        let mut first = command(ctx, &bound_to_us("QUIT", this.argv.clone()));
        {
            use std::os::unix::process::CommandExt as _;
            first.process_group(0);
        }
        let mut child = first.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        // Reaped at once when a test stops it: a zombie would look alive.
        thread::spawn(move || child.wait());
        let since = Instant::now();
        while !this.cluster.answers(port) {
            process::check_interrupt()?;
            anyhow::ensure!(
                since.elapsed() < Duration::from_secs(60),
                "the second PostgreSQL did not start: {}",
                fs::read_to_string(this.cluster.log()).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(50));
        }
        eprintln!("  PostgreSQL to be stopped and started on port {port}");
        Ok(this)
    }

    fn pid_file(&self) -> PathBuf {
        self.cluster.data.join("postmaster.pid")
    }

    fn description(&self) -> serde_json::Value {
        let text = |s: &OsString| s.to_string_lossy().into_owned();
        json!({
            "url": url(self.port),
            "port": self.port,
            "bin_dir": self.cluster.bin,
            "data_dir": self.cluster.data,
            "pid_file": self.pid_file(),
            "start": self.argv.iter().map(text).collect::<Vec<_>>(),
        })
    }
}

impl Drop for ChaosCluster {
    fn drop(&mut self) {
        let since = Instant::now();
        // Read anew each time: a test may be starting it at this moment.
        while since.elapsed() < Duration::from_secs(10) {
            let pid = fs::read_to_string(self.pid_file()).ok().and_then(|t| t.lines().next()?.trim().parse().ok());
            match pid {
                Some(pid) if kill(Pid::from_raw(pid), None).is_ok() => {
                    let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
                    thread::sleep(Duration::from_millis(50));
                }
                _ => return,
            }
        }
    }
}

fn start_redis(ctx: &Ctx, program: &Path, dir: &Path) -> Result<(Service, u16)> {
    let port = free_port()?;
    let log = fs::File::create(dir.join("redis.log"))?;
    let mut argv: Vec<OsString> = vec![program.into(), "--port".into(), port.to_string().into()];
    argv.extend(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"].map(OsString::from));
    argv.push(dir.into());
    let mut command = command(ctx, &bound_to_us("TERM", argv));
    command.stdout(log.try_clone()?).stderr(log);
    let mut service = Service::spawn("Redis", Signal::SIGTERM, &mut command)?;
    service
        .wait_ready(Duration::from_secs(30), || redis_answers(port).unwrap_or(false))
        .with_context(|| fs::read_to_string(dir.join("redis.log")).unwrap_or_default())?;
    eprintln!("  Redis on port {port}");
    Ok((service, port))
}

fn redis_answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Needs PostgreSQL and Redis, which `cargo xtask test` installs first.
    #[test]
    fn services_answer_and_are_gone_afterwards() {
        let (ctx, tools) = (Ctx::new().unwrap(), bootstrap::find());
        let services = Services::start(&ctx, &tools, Tuning::Test).unwrap();
        let value = |name: &str| services.env.iter().find(|(n, _)| *n == name).unwrap().1.to_str().unwrap().to_owned();
        let port = |url: &str| -> u16 { url.rsplit(':').next().unwrap().split('/').next().unwrap().parse().unwrap() };
        let ctl: serde_json::Value =
            serde_json::from_slice(&fs::read(value("WHEELHOUSE_TEST_POSTGRES_CTL")).unwrap()).unwrap();
        let second = ctl["port"].as_u64().unwrap() as u16;
        let main = port(&value("WHEELHOUSE_TEST_POSTGRES_URL"));
        let redis = port(&value("WHEELHOUSE_TEST_REDIS_URL"));
        let listens = |port: u16| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();

        // A test may crash the second cluster and start it again by what the file says.
        let pid_file = PathBuf::from(ctl["pid_file"].as_str().unwrap());
        let pid: i32 = fs::read_to_string(&pid_file).unwrap().lines().next().unwrap().parse().unwrap();
        kill(Pid::from_raw(pid), Signal::SIGQUIT).unwrap();
        wait_until(|| !listens(second));
        wait_until(|| kill(Pid::from_raw(pid), None).is_err());
        let argv: Vec<OsString> = ctl["start"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().into()).collect();
        let mut again = command(&ctx, &argv).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::spawn(move || again.wait());
        wait_until(|| listens(second));

        let dir = pid_file.ancestors().nth(2).unwrap().to_path_buf();
        drop(services);
        assert!(!listens(main) && !listens(redis) && !listens(second));
        assert!(!dir.exists());
    }

    fn wait_until(mut done: impl FnMut() -> bool) {
        let since = Instant::now();
        while !done() {
            assert!(since.elapsed() < Duration::from_secs(60), "did not come");
            thread::sleep(Duration::from_millis(20));
        }
    }
}
