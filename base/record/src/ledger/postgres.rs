//! The ledger in the directory's PostgreSQL database, which several nodes share, each with chains of its own.
//!
//! A batch is one transaction. It passes the gates of its tenants, holds their counters shared, compares, inserts
//! and commits. A change that takes a right away locks its tenant's gate before its counter (`signet-store` does):
//! shared holders that overlap without end would else keep it waiting for ever. A batch gives the gate back as soon as
//! it has passed, so a raise waits for the batches that were past it, and for no later one.

pub(crate) mod schema;
mod session;
mod statements;

use super::{Checkpoints, Storage};
use crate::checkpoint::Last;
use crate::connect::Connect;
use crate::error::{OpenError, StorageError};
use crate::frame::{Position, WriterId};
use crate::groups::Groups;
use crate::once::Once;
use crate::personal;
use crate::queue::Job;
use crate::record::Guard;
use session::Session;
use signet_kernel::{Revocation, TenantId, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Frame numbers taken at once. No sequence: not every engine has them, and gaps in them mean nothing here.
const BLOCK_BITS: u32 = 20;
const FORGET_EVERY_MICROS: i64 = 10 * 60 * 1_000_000;
/// How often the fate of a batch is asked for.
const ATTEMPTS: u32 = 8;

/// A writer's own connection.
pub(crate) struct Postgres {
    connect: Arc<dyn Connect>,
    runtime: Handle,
    session: Option<Session>,
    /// Written when the next batch begins.
    entering: Option<(WriterId, String, Timestamp)>,
    writer: WriterId,
    counters: HashMap<TenantId, Revocation>,
    /// Which records of the batch are of something that was recorded before.
    repeated: Vec<usize>,
    /// When names were last forgotten, in microseconds.
    forgotten: i64,
    /// Frame numbers that are left.
    next: i64,
    end: i64,
}

impl Postgres {
    /// Brings the schema up to date and enters the writer.
    pub(crate) async fn open(
        connect: Arc<dyn Connect>,
        (writer, node, started): (WriterId, &str, Timestamp),
    ) -> Result<Self, OpenError> {
        let session = Session::open(&*connect).await?;
        let mut opened = Self {
            connect,
            runtime: Handle::current(),
            session: None,
            entering: Some((writer, node.to_owned(), started)),
            writer,
            counters: HashMap::new(),
            repeated: Vec::new(),
            forgotten: 0,
            next: 0,
            end: 0,
        };
        opened.session = Some(opened.ready(session).await?);
        Ok(opened)
    }

    /// Runs on the connection; one that failed is not used again, and with it goes its transaction.
    fn on_session<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self, &Session) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let runtime = self.runtime.clone();
        runtime.block_on(async {
            let session = match self.session.take() {
                Some(session) if !session.client.is_closed() => session,
                _ => Session::open(&*self.connect).await?,
            };
            let session = self.ready(session).await?;
            let limit = session::LIMIT;
            let done = tokio::time::timeout(limit, work(self, &session)).await.map_err(|_| StorageError::Late)??;
            self.session = Some(session);
            Ok(done)
        })
    }

    /// Enters the writer and takes frame numbers, if need be.
    async fn ready(&mut self, session: Session) -> Result<Session, StorageError> {
        if let Some((writer, node, started)) = &self.entering {
            let id = Uuid::from_bytes(*writer.as_bytes());
            session.client.execute(statements::ENTER, &[&id, node, &started.micros()]).await?;
            self.entering = None;
        }
        // In a transaction of its own: what a batch that fails has taken must stay taken.
        if self.end - self.next < Position::MAX_ORDINALS as i64 {
            let row = session.client.query_one(statements::TAKE_BLOCK, &[]).await?;
            self.next = row.try_get::<_, i64>(0)? << BLOCK_BITS;
            self.end = self.next + (1 << BLOCK_BITS);
        }
        Ok(session)
    }

    async fn begin_batch(&mut self, session: &Session, tenants: &[Uuid]) -> Result<(), StorageError> {
        let (client, id) = (&session.client, Uuid::from_bytes(*self.writer.as_bytes()));
        self.counters.clear();
        let own: [&(dyn ToSql + Sync); 1] = [&id];
        let of: [&(dyn ToSql + Sync); 1] = [&tenants];
        if tenants.is_empty() {
            tokio::try_join!(client.batch_execute("BEGIN"), client.query(&session.own, &own))?;
            return Ok(());
        }
        // One round trip; the first transaction is rolled back, which needs no flush to disk.
        let (_, _, _, _, counters) = tokio::try_join!(
            client.batch_execute("BEGIN"),
            client.query(&session.gates, &of),
            client.batch_execute("ROLLBACK; BEGIN"),
            client.query(&session.own, &own),
            client.query(&session.counters, &of),
        )?;
        for row in counters {
            let counter = u64::try_from(row.try_get::<_, i64>(1)?).unwrap_or(0);
            self.counters.insert(TenantId::from_uuid(row.try_get(0)?), Revocation::from_u64(counter));
        }
        Ok(())
    }

    /// Takes the names of what may be recorded once. Another node's batch that takes the same is waited for. A record
    /// that is refused because a right was taken away takes none: it comes again.
    async fn take_names(&mut self, session: &Session, jobs: &[Job]) -> Result<(), StorageError> {
        self.repeated.clear();
        let held = |job: &Job| job.guard.is_none_or(|guard| !self.has_moved(&guard));
        let named = |(number, job): (usize, &Job)| Some((job.entry.tenant.uuid(), job.entry.once?, number));
        let named = jobs.iter().enumerate().filter(|(_, job)| held(job)).filter_map(named);
        let mut named: Vec<(Uuid, Once, usize)> = named.collect();
        if named.is_empty() {
            return Ok(());
        }
        named.sort_by_key(|(tenant, once, number)| (*tenant, *once.key.as_bytes(), *number));
        let tenants: Vec<Uuid> = named.iter().map(|(tenant, ..)| *tenant).collect();
        let names: Vec<&[u8]> = named.iter().map(|(_, once, _)| once.key.as_bytes().as_slice()).collect();
        let ends: Vec<i64> = named.iter().map(|(_, once, _)| once.until.micros()).collect();
        let taken = session.client.query(statements::ADD_ONCES, &[&tenants, &names, &ends]).await?;
        let mut free = HashSet::with_capacity(taken.len());
        for row in taken {
            free.insert((row.try_get::<_, Uuid>(0)?, row.try_get::<_, Vec<u8>>(1)?));
        }
        let is_repeated =
            |(tenant, once, _): &&(Uuid, Once, usize)| !free.remove(&(*tenant, once.key.as_bytes().to_vec()));
        self.repeated = named.iter().filter(is_repeated).map(|(.., number)| *number).collect();
        Ok(())
    }

    /// Learns what became of a batch whose COMMIT was not answered. Its transaction may still run; it holds its
    /// writer's row until it ends, so this waits for it.
    fn was_committed(&mut self, first: (TenantId, i64)) -> Result<bool, StorageError> {
        let mut attempt = 1;
        loop {
            let asked = self.on_session(async |ledger, session| ledger.ask_fate(session, first).await);
            match asked {
                Ok(committed) => return Ok(committed),
                Err(error) if attempt >= ATTEMPTS => {
                    tracing::error!(%error, "what became of a batch of records cannot be learnt");
                    return Err(StorageError::Unknown);
                }
                Err(_) => {
                    let pause = Duration::from_millis(20) * 2_u32.pow(attempt);
                    self.runtime.block_on(async { tokio::time::sleep(pause).await });
                }
            }
            attempt += 1;
        }
    }

    async fn ask_fate(&self, session: &Session, (tenant, frame): (TenantId, i64)) -> Result<bool, StorageError> {
        let (client, id) = (&session.client, Uuid::from_bytes(*self.writer.as_bytes()));
        client.batch_execute("BEGIN").await?;
        client.query(&session.own, &[&id]).await?;
        let found = client.query_opt(statements::FRAME_EXISTS, &[&tenant.uuid(), &frame]).await?;
        client.batch_execute("ROLLBACK").await?;
        Ok(found.is_some())
    }
}

impl Storage for Postgres {
    fn begin(&mut self, jobs: &[Job]) -> Result<(), StorageError> {
        let tenants: BTreeSet<Uuid> =
            jobs.iter().filter_map(|job| job.guard.as_ref()).map(|guard| guard.tenant.uuid()).collect();
        let tenants: Vec<Uuid> = tenants.into_iter().collect();
        self.on_session(async |ledger, session| {
            ledger.begin_batch(session, &tenants).await?;
            ledger.take_names(session, jobs).await
        })
    }

    fn is_repeated(&self, number: usize) -> bool {
        self.repeated.contains(&number)
    }

    fn forget(&mut self, now: Timestamp) -> Result<(), StorageError> {
        let (last, now) = (&mut self.forgotten, now.micros());
        if now < *last + FORGET_EVERY_MICROS {
            return Ok(());
        }
        *last = now;
        self.on_session(async |_, session| {
            Ok(session.client.execute(statements::FORGET_ONCES, &[&now]).await.map(drop)?)
        })
    }

    /// A tenant without a counter has nothing that could be held, so nothing may be issued in it.
    fn has_moved(&self, guard: &Guard) -> bool {
        self.counters.get(&guard.tenant) != Some(&guard.seen)
    }

    fn first_frame(&mut self, _: i64, count: usize) -> Result<i64, StorageError> {
        let first = self.next;
        self.next += i64::try_from(count).unwrap_or(i64::MAX);
        Ok(first)
    }

    fn write(&mut self, writer: WriterId, at: Timestamp, groups: &Groups) -> Result<(), StorageError> {
        let Some(first) = groups.get(0).map(|group| (group.tenant, group.frame)) else { return Ok(()) };
        // Another connection than the one that holds the counters would commit without them.
        let session = self.session.take().ok_or(StorageError::Late)?;
        let frames = statements::Frames::of(writer, at, groups);
        let rows = statements::Rows::of(groups);
        let sent = async {
            let (frames, rows) = (frames.values(), rows.values());
            let commit = session.client.batch_execute("COMMIT");
            let inserts = async {
                tokio::try_join!(
                    session.client.query(&session.frames, &frames),
                    session.client.query(&session.rows, &rows)
                )
            };
            tokio::try_join!(inserts, commit)
        };
        let sent = self.runtime.block_on(async { tokio::time::timeout(session::LIMIT, sent).await });
        let error = match sent {
            Ok(Ok(_)) => {
                self.session = Some(session);
                return Ok(());
            }
            Ok(Err(error)) if session::is_definite(&error) => return Err(error.into()),
            Ok(Err(error)) => StorageError::from(error),
            Err(_) => StorageError::Late,
        };
        drop(session);
        tracing::warn!(%error, "the answer to a commit of records was lost; looking up what became of it");
        if self.was_committed(first)? { Ok(()) } else { Err(error) }
    }

    fn abandon(&mut self) {
        let ended = self.on_session(async |_, session| Ok(session.client.batch_execute("ROLLBACK").await?));
        if let Err(error) = ended {
            tracing::debug!(%error, "a batch without records ended with its connection");
        }
    }

    fn renew(&mut self, writer: WriterId, node: &str, started: Timestamp) {
        self.writer = writer;
        self.entering = Some((writer, node.to_owned(), started));
    }

    /// A tenant's statements follow each other whichever node makes them: each takes over what the last one says of
    /// other writers. Two nodes at once collide in the number, and one of them comes again.
    fn state(&mut self, made: &Checkpoints<'_>) -> Result<Vec<(TenantId, Last)>, StorageError> {
        let mut stated = Vec::with_capacity(made.due.len());
        for checkpoint in made.due {
            let mut attempt = 1;
            let last = loop {
                match self.on_session(async |_, session| statements::state(session, checkpoint, made.signer).await) {
                    Err(StorageError::Taken) if attempt < ATTEMPTS => attempt += 1,
                    done => break done?,
                }
            };
            stated.push((checkpoint.tenant, last));
        }
        Ok(stated)
    }

    fn erase(&mut self, tenant: TenantId, places: &[Position], fields: &[String]) -> Result<usize, StorageError> {
        self.on_session(async |_, session| {
            let client = &session.client;
            client.batch_execute("BEGIN").await?;
            let mut sum = 0;
            for place in places {
                let at = (tenant.uuid(), place.frame());
                let row = client.query_one(statements::LOCK_PERSONAL, &[&at.0, &at.1]).await?;
                let (erased, rest) = personal::erase_in(row.try_get(0)?, place.ordinal(), fields)?;
                client.execute(statements::PUT_PERSONAL, &[&at.0, &at.1, &rest]).await?;
                sum += erased;
            }
            client.batch_execute("COMMIT").await?;
            Ok(sum)
        })
    }

    fn probe(&mut self) -> Result<(), StorageError> {
        let id = Uuid::from_bytes(*self.writer.as_bytes());
        self.on_session(async |_, session| Ok(session.client.execute(statements::PROBE, &[&id]).await.map(drop)?))
    }

    fn tend(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), StorageError> {
        Ok(())
    }
}
