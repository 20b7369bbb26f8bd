//! Statements sent together: one wait for many answers.

use super::fault::{Broken, engine};
use crate::backend::BackendError;
use deadpool_postgres::{HookError, Object, Pool, PoolError, TimeoutType};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

/// A value of a statement.
pub(super) type Value = Arc<dyn ToSql + Send + Sync>;

/// A statement with its values.
#[derive(Clone)]
pub(super) struct Step {
    sql: &'static str,
    values: Vec<Value>,
}

impl Step {
    pub(super) fn plain(sql: &'static str) -> Self {
        Self { sql, values: Vec::new() }
    }

    pub(super) fn of<const N: usize>(sql: &'static str, values: [Value; N]) -> Self {
        Self { sql, values: values.into() }
    }
}

/// A value of a statement.
pub(super) fn value(value: impl ToSql + Send + Sync + 'static) -> Value {
    Arc::new(value)
}

/// A connection in use, and how long it may take to answer.
pub(super) struct Session {
    pub(super) client: Object,
    pub(super) limit: Duration,
}

impl Session {
    /// A connection from the pool.
    pub(super) async fn acquire(pool: &Pool, limit: Duration) -> Result<Self, BackendError> {
        let client = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => engine(error),
            PoolError::Timeout(TimeoutType::Wait) => BackendError::Busy,
            PoolError::Timeout(_) => BackendError::Unreachable("no connection was made in time".to_owned()),
            PoolError::Closed => BackendError::Closed,
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => BackendError::Engine(error.to_string()),
        })?;
        Ok(Self { client, limit })
    }

    /// Closes the connection, and with it rolls its transaction back: nobody knows what state it is in.
    pub(super) fn discard(self) {
        drop(Object::take(self.client));
    }
}

/// Sends all steps at once and waits for all answers, or for the first failure; inside a transaction the server
/// skips what follows one.
pub(super) async fn send(session: &Session, steps: &[Step]) -> Result<Vec<Vec<Row>>, Broken> {
    let all = async {
        let mut statements = Vec::with_capacity(steps.len());
        for step in steps {
            statements.push(session.client.prepare_cached(step.sql).await?);
        }
        let client = &session.client;
        let answers = steps.iter().zip(&statements).map(|(step, statement)| answer(client, statement, &step.values));
        in_order(answers).await.into_iter().collect::<Result<_, Error>>()
    };
    tokio::time::timeout(session.limit, all).await.map_err(|_| Broken::Late)?.map_err(Broken::Failed)
}

/// Sends steps whose failure needs no closer look.
pub(super) async fn ask(session: &Session, steps: &[Step]) -> Result<Vec<Vec<Row>>, BackendError> {
    send(session, steps).await.map_err(Into::into)
}

async fn answer(client: &Object, statement: &Statement, values: &[Value]) -> Result<Vec<Row>, Error> {
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
    client.query(statement, &values).await
}

/// Polls each once in turn, which is what sends a statement, before it waits for any.
async fn in_order<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for (future, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            match future.as_mut().poll(context) {
                std::task::Poll::Ready(ready) => *output = Some(ready),
                std::task::Poll::Pending => waiting = true,
            }
        }
        if waiting { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}
