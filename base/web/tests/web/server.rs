//! A server to talk to, and a client that sends bytes as given.

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use signet_kernel::{Context, Origin};
use signet_web::{Arrival, Drained, Front, Limits, Listener, RequestOrigin, Stopper, body, dialect, stop_signal};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Limits that a test does not have to wait for.
pub(crate) fn limits() -> Limits {
    let linger = Duration::from_secs(3600);
    Limits { header_bytes: 8192, idle_grace: Duration::ZERO, linger, ..Limits::default() }
}

/// Gates of the route `/gate`: how many requests are in it, and how many may leave.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) entered: Arc<Semaphore>,
    pub(crate) leave: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn closed() -> Self {
        Self { entered: Arc::new(Semaphore::new(0)), leave: Arc::new(Semaphore::new(0)) }
    }

    async fn pass(self) -> &'static str {
        self.entered.add_permits(1);
        self.leave.acquire().await.unwrap().forget();
        "passed"
    }
}

pub(crate) fn router(gate: Gate) -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/origin", get(origin))
        .route("/panic", get(panics))
        .route("/json", post(json))
        .route("/gate", post(move || gate.clone().pass()))
}

#[expect(clippy::panic, reason = "that is what this handler is for")]
async fn panics() -> &'static str {
    panic!("the abacus broke")
}

async fn origin(RequestOrigin(origin): RequestOrigin) -> String {
    let Origin { request_id, correlation_id, address, user_agent } = origin;
    format!("{request_id} {correlation_id} {address:?} {user_agent:?}")
}

async fn json(arrival: Arrival, headers: axum::http::HeaderMap, body: Body) -> axum::response::Response {
    match body::read_json(&headers, body, 64).await {
        Ok(value) => value.to_string().into_response(),
        Err(failure) => dialect::graph(&failure, &arrival.origin(&headers), arrival.at),
    }
}

/// A server that runs until it is stopped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) gate: Gate,
    pub(crate) stopper: Stopper,
    serving: JoinHandle<Drained>,
}

impl Server {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::serve(Listener::bind(([127, 0, 0, 1], 0).into(), limits).await.unwrap())
    }

    pub(crate) fn serve(listener: Listener) -> Self {
        let address = listener.local_address().unwrap_or(([0, 0, 0, 0], 0).into());
        let gate = Gate::closed();
        let (stopper, stop) = stop_signal();
        let front = Front::new(router(gate.clone()), Context::system());
        Self { address, gate, stopper, serving: tokio::spawn(listener.serve(front, stop)) }
    }

    pub(crate) async fn connect(&self) -> Client<TcpStream> {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    pub(crate) async fn ended(self) -> Drained {
        self.stopper.stop();
        self.serving.await.unwrap()
    }
}

/// A connection that sends exactly what it is told to.
pub(crate) struct Client<S>(pub(crate) S);

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.0.write_all(text.as_ref()).await.unwrap();
    }

    /// One answer with `Content-Length`.
    pub(crate) async fn answer(&mut self) -> Answer {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.expect("an answer's head"));
        }
        let mut answer = Answer { head: String::from_utf8(head).unwrap(), body: String::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// Everything until the server closes; a reset fails the test.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.expect("an orderly close");
        String::from_utf8(rest).unwrap()
    }

    pub(crate) async fn ask(&mut self, text: impl AsRef<[u8]>) -> Answer {
        self.send(text).await;
        self.answer().await
    }
}

pub(crate) struct Answer {
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    pub(crate) fn error(&self) -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(&self.body).unwrap()["error"].clone()
    }
}
