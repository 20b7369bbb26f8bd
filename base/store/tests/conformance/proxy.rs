//! A socket before the server's that can lose the answer to a COMMIT.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

const SOCKET: &str = ".s.PGSQL.5432";
const OPEN: u8 = 0;
const ARMED: u8 = 1;
const ARMED_FOR_GOOD: u8 = 2;
const SHUT: u8 = 3;

pub struct Proxy {
    directory: tempfile::TempDir,
    state: Arc<AtomicU8>,
}

impl Proxy {
    /// In front of the server that `url` names.
    pub fn before(url: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let server = PathBuf::from(socket_of(url)).join(SOCKET);
        let state = Arc::new(AtomicU8::new(OPEN));
        let (seen, path) = (state.clone(), server);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if seen.load(Ordering::SeqCst) != SHUT {
                    tokio::spawn(forward(client, path.clone(), seen.clone()));
                }
            }
        });
        Self { directory, state }
    }

    /// `url` by way of this.
    pub fn through(&self, url: &str) -> String {
        url.replace(socket_of(url), &self.directory.path().display().to_string())
    }

    /// The next answer to a COMMIT is lost with its connection.
    pub fn lose_an_answer(&self) {
        self.state.store(ARMED, Ordering::SeqCst);
    }

    /// The next answer to a COMMIT is lost, and the server cannot be reached from then on.
    pub fn lose_the_server(&self) {
        self.state.store(ARMED_FOR_GOOD, Ordering::SeqCst);
    }
}

fn socket_of(url: &str) -> &str {
    url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).unwrap()
}

async fn forward(mut client: UnixStream, server: impl AsRef<Path>, state: Arc<AtomicU8>) {
    let Ok(mut server) = UnixStream::connect(server).await else { return };
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => match read {
                Ok(count) if count > 0 => if server.write_all(&up[..count]).await.is_err() { return },
                _ => return,
            },
            read = server.read(&mut down) => match read {
                Ok(count) if count > 0 => {
                    let answer = &down[..count];
                    if answer.windows(7).any(|tag| tag == b"COMMIT\0") {
                        let next = match state.load(Ordering::SeqCst) { ARMED => OPEN, ARMED_FOR_GOOD => SHUT, now => now };
                        if state.swap(next, Ordering::SeqCst) != next {
                            return;
                        }
                    }
                    if client.write_all(answer).await.is_err() { return }
                }
                _ => return,
            },
        }
    }
}
