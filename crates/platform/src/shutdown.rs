//! Ending well: one signal that everything hears, a count of what is still running, and an HTTP server that finishes
//! what it has begun.
//!
//! SIGINT or SIGTERM starts draining: readiness turns false, no new connection is accepted, no job is claimed. A second
//! signal ends the process at once. Long-lived answers (event streams) must end by themselves when [`Shutdown::token`]
//! is cancelled; whatever is left after the drain time is cut off.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::config::ServerConfig;

/// The least room for headers that the HTTP library takes.
const LEAST_HEADER_ROOM: usize = 8192;
/// Connections held at the same time; more wait in the kernel's queue.
const MOST_CONNECTIONS: usize = 4096;
/// At the end, how long a connection that has brought no request yet may still bring one.
const FIRST_REQUEST: Duration = Duration::from_secs(1);
/// After an accept that failed for want of resources.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What a shell reports for a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// The end of a process, or of a part of it in tests. Cloning is cheap; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// One that only [`trigger`](Self::trigger) starts.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that SIGINT and SIGTERM start as well. Must be called inside a tokio runtime, once per process.
    ///
    /// # Errors
    /// The signal handlers could not be registered.
    pub fn install() -> io::Result<Self> {
        let shutdown = Self::new();
        let mut signals = Signals::new()?;
        let handle = shutdown.clone();
        tokio::spawn(async move {
            let name = signals.next().await;
            tracing::info!(signal = name, "draining; a second signal ends at once");
            handle.trigger();
            signals.next().await;
            tracing::warn!("ended by a second signal");
            std::process::exit(INTERRUPTED);
        });
        Ok(shutdown)
    }

    /// Cancelled when draining begins.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Whether draining has begun.
    pub fn draining(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Begins draining. Again is harmless.
    pub fn trigger(&self) {
        self.token.cancel();
    }

    /// Starts a task that [`wait`](Self::wait) waits for. The task watches the token by itself.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Waits until every task started by [`spawn`](Self::spawn) has ended, at most `deadline`. Tells whether they have.
    pub async fn wait(&self, deadline: Duration) -> bool {
        self.tasks.close();
        let ended = timeout(deadline, self.tasks.wait()).await.is_ok();
        if !ended {
            tracing::warn!(tasks = self.tasks.len(), "tasks did not end in time");
        }
        ended
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            Err(_) => std::future::pending().await,
        }
    }
}

/// How patient a server is with what it does not know yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// A client that has not sent its headers by then is disconnected; also the life of an idle kept-alive connection.
    pub header_timeout: Duration,
    /// More headers than this are refused with 431.
    pub headers: usize,
    /// More bytes of them likewise. At least 8192.
    pub header_bytes: usize,
}

impl ServeLimits {
    /// What the configuration asks for.
    pub fn of(config: &ServerConfig) -> Self {
        Self {
            header_timeout: config.header_timeout(),
            headers: config.max_headers,
            header_bytes: config.max_header_bytes,
        }
    }
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self { header_timeout: Duration::from_secs(30), headers: 100, header_bytes: 64 << 10 }
    }
}

/// [`serve_with`] the usual limits.
///
/// # Errors
/// The listener has no address any more.
pub async fn serve(listener: TcpListener, router: Router, shutdown: &Shutdown, drain: Duration) -> io::Result<()> {
    serve_with(listener, router, shutdown, drain, ServeLimits::default()).await
}

/// Serves HTTP until draining begins; then accepts nothing, lets requests in flight finish for at most `drain`, and
/// cuts off the rest. Handlers find the peer as `ConnectInfo<SocketAddr>`.
///
/// # Errors
/// The listener has no address any more.
pub async fn serve_with(
    listener: TcpListener,
    router: Router,
    shutdown: &Shutdown,
    drain: Duration,
    limits: ServeLimits,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    let (token, connections) = (shutdown.token(), TaskTracker::new());
    let (room, cut_off) = (Arc::new(Semaphore::new(MOST_CONNECTIONS)), CancellationToken::new());
    let begin = |stream, peer, permit: Option<OwnedSemaphorePermit>| {
        let connection = connection(stream, peer, router.clone(), token.clone(), limits);
        let connection = cut_off.clone().run_until_cancelled_owned(connection);
        connections.spawn(async move {
            connection.await;
            drop(permit);
        });
    };
    loop {
        let accepted = token.run_until_cancelled(async {
            let permit = room.clone().acquire_owned().await.expect("the semaphore is never closed");
            (permit, listener.accept().await)
        });
        let Some((permit, accepted)) = accepted.await else { break };
        match accepted {
            Ok((stream, peer)) => begin(stream, peer, Some(permit)),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    // Who has connected by now waits in the listener's queue, and may have sent a request already: it is answered.
    let listener = listener.into_std()?;
    while let Ok((stream, peer)) = listener.accept() {
        stream.set_nonblocking(true)?;
        begin(TcpStream::from_std(stream)?, peer, None);
    }
    drop(listener);
    connections.close();
    if timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "cut off after the drain time");
        cut_off.cancel();
        connections.wait().await;
    }
    tracing::info!(%address, "stopped");
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: std::net::SocketAddr,
    router: Router,
    token: CancellationToken,
    limits: ServeLimits,
) {
    // Answers are written whole; waiting for more only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let asked = Arc::new(Notify::new());
    let asks = asked.clone();
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        asks.notify_one();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.headers)
        .max_buf_size(limits.header_bytes.max(LEAST_HEADER_ROOM))
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // The first request may be on its way when the end comes, and has a right to its answer.
    let end = async {
        token.cancelled().await;
        drop(timeout(FIRST_REQUEST, asked.notified()).await);
    };
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = end => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, %peer, "connection ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::net::SocketAddr;

    const PATIENCE: Duration = Duration::from_secs(20);

    struct Server {
        address: SocketAddr,
        shutdown: Shutdown,
        entered: Arc<Notify>,
        release: Arc<Notify>,
        task: JoinHandle<io::Result<()>>,
    }

    /// A server whose `/slow` says that it has begun and answers when it is released.
    async fn server(drain: Duration) -> Server {
        let (entered, release, shutdown) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Shutdown::new());
        let (begun, go) = (entered.clone(), release.clone());
        let slow = move || async move {
            begun.notify_one();
            go.notified().await;
            "done"
        };
        let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
        let router = Router::new().route("/slow", get(slow)).route("/peer", get(peer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = shutdown.clone();
        let task = tokio::spawn(async move { serve(listener, router, &stop, drain).await });
        Server { address, shutdown, entered, release, task }
    }

    fn get_text(url: String) -> JoinHandle<reqwest::Result<String>> {
        tokio::spawn(async move { crate::http::client(PATIENCE)?.get(url).send().await?.text().await })
    }

    #[tokio::test]
    async fn requests_in_flight_finish_and_new_ones_are_refused() {
        let server = server(PATIENCE).await;
        let peer = get_text(format!("http://{}/peer", server.address)).await.unwrap().unwrap();
        assert_eq!(peer, "127.0.0.1");
        let slow = get_text(format!("http://{}/slow", server.address));
        server.entered.notified().await;
        server.shutdown.trigger();
        // The listener closes soon after; until then a connection may still be taken from the queue.
        let refused = async {
            while TcpStream::connect(server.address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, refused).await.unwrap();
        server.release.notify_one();
        assert_eq!(slow.await.unwrap().unwrap(), "done");
        server.task.await.unwrap().unwrap();
    }

    /// What comes back for bytes, until the server has closed the connection.
    async fn raw(address: SocketAddr, bytes: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may have closed it by then.
        drop(stream.write_all(bytes.as_bytes()).await);
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        read.expect("the server closes the connection").unwrap_or_default();
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn slow_many_and_long_headers_are_refused() {
        let router = Router::new().route("/", get(|| async { "here" }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
        let stop = shutdown.clone();
        let limits = ServeLimits { header_timeout: Duration::from_millis(300), headers: 20, header_bytes: 9000 };
        let task = tokio::spawn(async move { serve_with(listener, router, &stop, PATIENCE, limits).await });
        let with = |headers: &str| format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");

        let many = |count: usize| (0..count).map(|at| format!("x-{at}: 1\r\n")).collect::<String>();
        assert!(raw(address, &with(&many(18))).await.starts_with("HTTP/1.1 200"));
        assert!(raw(address, &with(&many(19))).await.starts_with("HTTP/1.1 431"));
        let long = |length: usize| format!("x-long: {}\r\n", "a".repeat(length));
        assert!(raw(address, &with(&long(7000))).await.starts_with("HTTP/1.1 200"));
        assert!(raw(address, &with(&long(20_000))).await.starts_with("HTTP/1.1 431"));
        // The rest never comes.
        assert!(!raw(address, "GET / HTTP/1.1\r\nhost: x\r\nx-").await.contains("here"));
        assert!(!raw(address, "").await.contains("here"));
        shutdown.trigger();
        task.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_has_connected_before_the_end_is_answered() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let router = Router::new().route("/", get(|| async { "here" }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
        let mut waiting = Vec::new();
        for _ in 0..20 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            waiting.push(stream);
        }
        shutdown.trigger();
        serve(listener, router, &shutdown, PATIENCE).await.unwrap();
        for mut stream in waiting {
            let mut said = String::new();
            stream.read_to_string(&mut said).await.unwrap();
            assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("here"), "{said}");
        }
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn what_outlasts_the_drain_time_is_cut_off() {
        let server = server(Duration::from_millis(20)).await;
        let slow = get_text(format!("http://{}/slow", server.address));
        server.entered.notified().await;
        server.shutdown.trigger();
        timeout(PATIENCE, server.task).await.unwrap().unwrap().unwrap();
        assert!(slow.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn tasks_are_waited_for() {
        let shutdown = Shutdown::new();
        let token = shutdown.token();
        let task = shutdown.spawn(async move { token.cancelled().await });
        assert!(!shutdown.draining());
        assert!(!shutdown.wait(Duration::from_millis(10)).await);
        shutdown.trigger();
        assert!(shutdown.draining() && shutdown.wait(PATIENCE).await);
        task.await.unwrap();
    }
}
