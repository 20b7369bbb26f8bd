//! Children that answer queries, as the server sees them.

use std::{
    ffi::OsString,
    io::{self, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use signet_kql::{Row, RunError};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::job::{self, Job, Kind, Stopped};

/// How to start a child.
#[derive(Debug, Clone)]
pub struct WorkerProgram {
    /// The program: this one.
    pub program: PathBuf,
    /// What makes it a worker.
    pub arguments: Vec<OsString>,
}

/// Children that answer queries: each one query at a time, and taken again for the next.
pub struct Workers {
    program: WorkerProgram,
    idle: Mutex<Vec<Worker>>,
    turns: Arc<Semaphore>,
}

impl std::fmt::Debug for Workers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workers").field("program", &self.program).finish_non_exhaustive()
    }
}

/// Rows, and why there are no more of them where that is not the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Worked {
    /// The rows.
    pub rows: Vec<Row>,
    /// Why they end early.
    pub stopped: Option<RunError>,
}

/// Why a query was not answered.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// No child could be started.
    #[error("no process could be started for the query: {0}")]
    Start(io::Error),
    /// The child ended.
    #[error("the process that answered the query ended: it took more memory than allowed, or was ended")]
    Ended(#[source] io::Error),
}

/// A child and its pipes.
struct Worker {
    ends: Ends,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// Ends a child when nobody holds this any more.
#[derive(Clone)]
struct Ends(Arc<Running>);

struct Running(Mutex<Child>);

impl Drop for Running {
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

/// Ends a child unless it is called off: then nobody waits for its answer any more.
struct Late(Option<Ends>);

impl Drop for Late {
    fn drop(&mut self) {
        if let Some(ends) = &self.0 {
            ends.now();
        }
    }
}

impl Workers {
    /// At most so many children at work at a time.
    pub fn new(program: WorkerProgram, at_once: usize) -> Self {
        Self { program, idle: Mutex::default(), turns: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// Answers a query, which may take so long. A child that does not answer in time, or whose answer nobody waits
    /// for any more, is ended; another takes its place when one is needed.
    pub async fn answer(&self, job: Job, wait: Duration) -> Result<Worked, WorkerError> {
        let late = || Ok(Worked { rows: Vec::new(), stopped: Some(RunError::Time) });
        tokio::time::timeout(wait, self.in_turn(job)).await.unwrap_or_else(|_| late())
    }

    async fn in_turn(&self, job: Job) -> Result<Worked, WorkerError> {
        let _turn = self.turns.acquire().await.map_err(|error| WorkerError::Start(io::Error::other(error)))?;
        let kept = std::iter::from_fn(|| self.idle.lock().pop()).find(|worker| worker.ends.is_running());
        let mut worker = match kept {
            Some(worker) => worker,
            None => self.start().map_err(WorkerError::Start)?,
        };
        let mut late = Late(Some(worker.ends.clone()));
        let working = spawn_blocking(move || {
            let worked = worker.work(&job);
            (worker, worked)
        });
        let (worker, worked) = working.await.map_err(|error| WorkerError::Ended(io::Error::other(error)))?;
        let worked = worked.map_err(WorkerError::Ended)?;
        late.0 = None;
        self.idle.lock().push(worker);
        Ok(worked)
    }

    fn start(&self) -> io::Result<Worker> {
        let mut child = Command::new(&self.program.program)
            .args(&self.program.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let ends = Ends(Arc::new(Running(Mutex::new(child))));
        let (to, from) = pipes.ok_or_else(|| io::Error::other("a child without pipes"))?;
        Ok(Worker { ends, to, from: BufReader::new(from) })
    }
}

impl Worker {
    fn work(&mut self, job: &Job) -> io::Result<Worked> {
        self.to.write_all(&job.messages()?)?;
        self.to.flush()?;
        let mut rows = Vec::new();
        let stopped = loop {
            match job::read(&mut self.from)?.ok_or(io::ErrorKind::UnexpectedEof)? {
                (Kind::Rows, body) => job::rows(&body, &mut rows)?,
                (Kind::Done, _) => break None,
                (Kind::Failed, body) => break Some(serde_json::from_slice::<Stopped>(&body)?.error()),
                _ => return Err(io::Error::other("a message that no worker sends")),
            }
        };
        Ok(Worked { rows, stopped })
    }
}
