//! Children that answer queries, as the server sees them.

use std::{io, time::Duration};

use signet_children::{ChildError, Children, Pipes, Program};
use signet_kql::{Row, RunError};

use crate::job::{self, Job, Kind, Stopped};

/// Children that answer queries: each one query at a time.
#[derive(Debug)]
pub struct Workers(Children);

/// Rows, and why there are no more of them where that is not the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Worked {
    /// The rows.
    pub rows: Vec<Row>,
    /// Why they end early.
    pub stopped: Option<RunError>,
}

impl Workers {
    /// At most so many children at work at a time.
    pub fn new(program: Program, at_once: usize) -> Self {
        Self(Children::new(program, at_once))
    }

    /// Answers a query, which may take so long. A child that does not answer in time, or whose answer nobody waits
    /// for any more, is ended; another takes its place when one is needed.
    pub async fn answer(&self, job: Job, wait: Duration) -> Result<Worked, ChildError> {
        let late = || Ok(Worked { rows: Vec::new(), stopped: Some(RunError::Time) });
        let working = self.0.work(move |pipes| work(&job, pipes));
        tokio::time::timeout(wait, working).await.unwrap_or_else(|_| late())
    }
}

fn work(job: &Job, pipes: &mut Pipes) -> io::Result<Worked> {
    job.send(pipes)?;
    let mut rows = Vec::new();
    let stopped = loop {
        let (kind, body) = pipes.receive()?;
        match job::known(kind)? {
            Kind::Rows => job::rows(&body, &mut rows)?,
            Kind::Done => break None,
            Kind::Failed => break Some(serde_json::from_slice::<Stopped>(&body)?.error()),
            _ => return Err(io::Error::other("a message that no worker sends")),
        }
    };
    Ok(Worked { rows, stopped })
}
