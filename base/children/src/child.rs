//! Children, as the server sees them.

use crate::message::{read_message, write_message};
use parking_lot::Mutex;
use std::ffi::OsString;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Bytes that go to a child at a time: as many as a pipe holds.
const AT_A_TIME: usize = 64 << 10;

/// How to start a child.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program: this one.
    pub program: PathBuf,
    /// What makes it a child.
    pub arguments: Vec<OsString>,
}

impl Program {
    /// This program, as it was when it started: children are of its version, though its file be replaced or removed meanwhile.
    pub fn this<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> io::Result<Self> {
        // What is running, whatever lies at its path by now.
        let running = PathBuf::from("/proc/self/exe");
        let program = if running.exists() { running } else { std::env::current_exe()? };
        Ok(Self { program, arguments: arguments.into_iter().map(Into::into).collect() })
    }
}

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// No child could be started.
    #[error("no process could be started: {0}")]
    Start(io::Error),
    /// The child ended, or said something that nobody understands.
    #[error("the process ended before its work did: it took more memory than allowed, or was ended")]
    Ended(#[source] io::Error),
}

/// Children: each with one piece of work at a time, and taken again for the next.
pub struct Children {
    program: Program,
    idle: Mutex<Vec<Running>>,
    turns: Semaphore,
}

/// The pipes to a child and from it.
#[derive(Debug)]
pub struct Pipes {
    to: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Pipes {
    /// Sends a message; it may be held back until [`Pipes::receive`].
    pub fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        write_message(&mut self.to, kind, body)
    }

    /// The next message of the child.
    pub fn receive(&mut self) -> io::Result<(u8, Vec<u8>)> {
        self.to.flush()?;
        read_message(&mut self.from)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// A child and its pipes.
struct Running {
    ends: Ends,
    pipes: Pipes,
}

/// Ends a child when nobody holds this any more.
#[derive(Clone)]
struct Ends(Arc<Process>);

struct Process(Mutex<Child>);

impl Drop for Process {
    fn drop(&mut self) {
        let mut child = self.0.lock();
        // One that has ended by itself is not there to be ended.
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Ends {
    fn now(&self) {
        let _ = self.0.0.lock().kill();
    }

    fn is_running(&self) -> bool {
        matches!(self.0.0.lock().try_wait(), Ok(None))
    }
}

/// Ends a child unless it is called off: then nobody waits for its work any more.
struct Late(Option<Ends>);

impl Drop for Late {
    fn drop(&mut self) {
        if let Some(ends) = &self.0 {
            ends.now();
        }
    }
}

impl Children {
    /// At most so many children at work at a time.
    pub fn new(program: Program, at_once: usize) -> Self {
        Self { program, idle: Mutex::default(), turns: Semaphore::new(at_once.max(1)) }
    }

    /// Has a piece of work done, which says what is sent and what is received, on a thread that may block. A child whose work
    /// failed, or that nobody waits for any more, is ended; another takes its place when one is needed.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Pipes) -> io::Result<T> + Send + 'static,
    ) -> Result<T, ChildError> {
        let _turn = self.turns.acquire().await.map_err(|error| ChildError::Start(io::Error::other(error)))?;
        let kept = std::iter::from_fn(|| self.idle.lock().pop()).find(|child| child.ends.is_running());
        let mut child = match kept {
            Some(child) => child,
            None => self.start().map_err(ChildError::Start)?,
        };
        let mut late = Late(Some(child.ends.clone()));
        let working = spawn_blocking(move || {
            let worked = work(&mut child.pipes);
            (child, worked)
        });
        let (child, worked) = working.await.map_err(|error| ChildError::Ended(io::Error::other(error)))?;
        let worked = worked.map_err(ChildError::Ended)?;
        late.0 = None;
        self.idle.lock().push(child);
        Ok(worked)
    }

    fn start(&self) -> io::Result<Running> {
        let mut child = Command::new(&self.program.program)
            .args(&self.program.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let ends = Ends(Arc::new(Process(Mutex::new(child))));
        let (to, from) = pipes.ok_or_else(|| io::Error::other("a child without pipes"))?;
        Ok(Running { ends, pipes: Pipes { to: BufWriter::with_capacity(AT_A_TIME, to), from: BufReader::new(from) } })
    }
}

impl std::fmt::Debug for Children {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Children").field("program", &self.program).finish_non_exhaustive()
    }
}
