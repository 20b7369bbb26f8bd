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
use crate::entry::span_of_keys;
use crate::error::{OpenError, StorageError, is_said};
use crate::frame::{Position, WriterId};
use crate::groups::Groups;
use crate::once::{self, Got, Wanted};
use crate::personal;
use crate::queue::Job;
use crate::record::Guard;
use crate::retain::postgres::{KEYS, NOTE_ERASURE, REMOVE};
use session::Session;
use signet_kernel::{Revocation, TenantId, Timestamp};
use statements::UsedUp;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Frame numbers taken at once. No sequence: not every engine has them, and gaps in them mean nothing here.
pub(crate) const BLOCK_BITS: u32 = 20;
/// How often the fate of a batch is asked for.
const ATTEMPTS: u32 = 8;

/// A writer's own connection.
pub(crate) struct Postgres {
    connect: Arc<dyn Connect>,
    /// The writer thread's own, made and dropped there: the program's may end first.
    runtime: Option<Runtime>,
    session: Option<Session>,
    /// Written when the next batch begins.
    entering: Option<(WriterId, String, Timestamp)>,
    writer: WriterId,
    counters: HashMap<TenantId, Revocation>,
    got: Got,
    /// Frame numbers that are left.
    next: i64,
    end: i64,
    /// A frame of the last batch.
    last: Option<(TenantId, i64)>,
    /// Whether the session is new: the database behind it may have been restored, or another server lead.
    unchecked: bool,
}

impl Postgres {
    /// Checks the tables and enters the writer.
    pub(crate) async fn open(
        connect: Arc<dyn Connect>,
        (writer, node, started): (WriterId, &str, Timestamp),
    ) -> Result<Self, OpenError> {
        let session = Session::open(&*connect).await?;
        let mut opened = Self {
            connect,
            runtime: None,
            session: None,
            entering: Some((writer, node.to_owned(), started)),
            writer,
            counters: HashMap::new(),
            got: Got::new(),
            next: 0,
            end: 0,
            last: None,
            unchecked: false,
        };
        // The writer's own session is made on its own thread: this one is driven by the caller's runtime.
        drop(opened.ready(session).await?);
        Ok(opened)
    }

    /// Runs on the connection; one that failed is not used again, and with it goes its transaction.
    fn on_session<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self, &Session) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.on_runtime(async |ledger| {
            let session = match ledger.session.take() {
                Some(session) if !session.client.is_closed() => session,
                _ => {
                    ledger.unchecked = true;
                    Session::open(&*ledger.connect).await?
                }
            };
            let session = ledger.ready(session).await?;
            let limit = session::LIMIT;
            let done = tokio::time::timeout(limit, work(ledger, &session)).await.map_err(|_| StorageError::Late)??;
            ledger.session = Some(session);
            Ok(done)
        })
    }

    fn on_runtime<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let made = self.runtime.take().map_or_else(|| Builder::new_current_thread().enable_all().build(), Ok);
        let runtime = made.map_err(|error| StorageError::Unreachable(error.to_string()))?;
        let done = runtime.block_on(work(self));
        self.runtime = Some(runtime);
        done
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
            let id = Uuid::from_bytes(*self.writer.as_bytes());
            let row = session.client.query_one(statements::TAKE_BLOCK, &[&id]).await?;
            self.next = row.try_get(0)?;
            self.end = self.next + (1 << BLOCK_BITS);
        }
        Ok(session)
    }

    async fn begin_batch(
        &mut self,
        session: &Session,
        tenants: &[Uuid],
        (wanted, at): (&Wanted, Timestamp),
    ) -> Result<(), StorageError> {
        self.look_back(session).await?;
        self.hold(session, tenants).await?;
        self.got.clear();
        if wanted.is_empty() {
            return Ok(());
        }
        for row in session.client.query(&session.use_up, &UsedUp::of(wanted, at).values()).await? {
            let key: Vec<u8> = row.try_get(1)?;
            if let Ok(key) = key.try_into() {
                self.got.insert((TenantId::from_uuid(row.try_get(0)?), key, row.try_get(2)?));
            }
        }
        Ok(())
    }

    /// Makes sure, on a new session, that what this writer wrote is there.
    async fn look_back(&mut self, session: &Session) -> Result<(), StorageError> {
        if !self.unchecked {
            return Ok(());
        }
        let (id, last) =
            (Uuid::from_bytes(*self.writer.as_bytes()), self.last.map(|(tenant, frame)| (tenant.uuid(), frame)));
        let (tenant, frame) = last.unzip();
        let found = session.client.query_opt(statements::STILL_THERE, &[&id, &tenant, &frame]).await?;
        found.map(|_| self.unchecked = false).ok_or(StorageError::Lost)
    }

    async fn hold(&mut self, session: &Session, tenants: &[Uuid]) -> Result<(), StorageError> {
        let (client, id) = (&session.client, Uuid::from_bytes(*self.writer.as_bytes()));
        self.counters.clear();
        let own: [&(dyn ToSql + Sync); 1] = [&id];
        let of: [&(dyn ToSql + Sync); 1] = [&tenants];
        if tenants.is_empty() {
            let (_, own) = tokio::try_join!(client.batch_execute("BEGIN"), client.query(&session.own, &own))?;
            return check_open(&own);
        }
        // One round trip; the first transaction is rolled back, which needs no flush to disk.
        let (_, _, _, own, counters) = tokio::try_join!(
            client.batch_execute("BEGIN"),
            client.query(&session.gates, &of),
            client.batch_execute("ROLLBACK; BEGIN"),
            client.query(&session.own, &own),
            client.query(&session.counters, &of),
        )?;
        check_open(&own)?;
        for row in counters {
            let counter = u64::try_from(row.try_get::<_, i64>(1)?).unwrap_or(0);
            self.counters.insert(TenantId::from_uuid(row.try_get(0)?), Revocation::from_u64(counter));
        }
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
                Err(_) => std::thread::sleep(Duration::from_millis(20) * 2_u32.pow(attempt)),
            }
            attempt += 1;
        }
    }

    /// Says now and then that this writer writes: whoever gathers ends those that have long been silent.
    fn be_seen(&mut self, made: &Checkpoints<'_>) {
        let (id, at) = (Uuid::from_bytes(*self.writer.as_bytes()), made.due.first().map(|due| due.at.micros()));
        let seen =
            self.on_session(async |_, session| Ok(session.client.execute(statements::SEEN, &[&id, &at]).await?));
        if let Err(error) = seen {
            tracing::debug!(%error, "that this writer writes could not be noted");
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

/// Whether the writer's row came back.
fn check_open(own: &[Row]) -> Result<(), StorageError> {
    if own.is_empty() { Err(StorageError::Ended) } else { Ok(()) }
}

impl Storage for Postgres {
    fn begin(&mut self, jobs: &[Job], at: Timestamp) -> Result<(), StorageError> {
        let tenants: BTreeSet<Uuid> =
            jobs.iter().filter_map(|job| job.guard.as_ref()).map(|guard| guard.tenant.uuid()).collect();
        let tenants: Vec<Uuid> = tenants.into_iter().collect();
        let wanted = once::wanted(jobs);
        // A connection that ended while nothing was written is found out here, where nothing is lost by another.
        let idle = self.session.is_some();
        let begun = self.on_session(async |ledger, session| ledger.begin_batch(session, &tenants, (&wanted, at)).await);
        match begun {
            Err(StorageError::Postgres(error)) if idle && !is_said(&error) => {
                self.on_session(async |ledger, session| ledger.begin_batch(session, &tenants, (&wanted, at)).await)
            }
            begun => begun,
        }
    }

    /// A tenant without a counter has nothing that could be held, so nothing may be issued in it.
    fn has_moved(&self, guard: &Guard) -> bool {
        self.counters.get(&guard.tenant) != Some(&guard.seen)
    }

    fn is_used(&self, job: &Job) -> bool {
        once::is_used(&self.got, job)
    }

    fn forget(&mut self, now: Timestamp) -> Result<usize, StorageError> {
        self.on_session(async |_, session| {
            let forgotten =
                session.client.execute(statements::FORGET, &[&now.micros(), &once::FORGOTTEN_AT_ONCE]).await?;
            Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
        })
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
        let send = async |_: &mut Self| {
            let (frames, rows) = (frames.values(), rows.values());
            let commit = session.client.batch_execute("COMMIT");
            let inserts = async {
                tokio::try_join!(
                    session.client.query(&session.frames, &frames),
                    session.client.query(&session.rows, &rows)
                )
            };
            let sent = async { tokio::try_join!(inserts, commit) };
            Ok(tokio::time::timeout(session::LIMIT, sent).await)
        };
        let error = match self.on_runtime(send)? {
            Ok(Ok(_)) => {
                (self.session, self.last) = (Some(session), Some(first));
                return Ok(());
            }
            Ok(Err(error)) if is_said(&error) => return Err(error.into()),
            Ok(Err(error)) => StorageError::from(error),
            Err(_) => StorageError::Late,
        };
        drop(session);
        tracing::warn!(%error, "the answer to a commit of records was lost; looking up what became of it");
        if !self.was_committed(first)? {
            return Err(error);
        }
        self.last = Some(first);
        Ok(())
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
        // A database that was restored may give the numbers that are left to others.
        (self.last, self.next, self.end) = (None, 0, 0);
    }

    /// A tenant's statements follow each other whichever node makes them: each takes over what the last one says of
    /// other writers. Two nodes at once collide in the number, and one of them comes again.
    fn state(&mut self, made: &Checkpoints<'_>) -> Result<Vec<(TenantId, Last)>, StorageError> {
        let mut stated = Vec::with_capacity(made.due.len());
        for checkpoint in made.due {
            let mut attempt = 1;
            let last = loop {
                let stated = self.on_session(async |ledger, session| {
                    ledger.look_back(session).await?;
                    statements::state(session, checkpoint, made.signer).await
                });
                match stated {
                    Err(StorageError::Taken) if attempt < ATTEMPTS => attempt += 1,
                    done => break done?,
                }
            };
            stated.push((checkpoint.tenant, last));
        }
        self.be_seen(made);
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
            client.execute(NOTE_ERASURE, &[&tenant.uuid()]).await?;
            client.batch_execute("COMMIT").await?;
            Ok(sum)
        })
    }

    fn remove(&mut self, tenant: TenantId, frames: &[i64]) -> Result<usize, StorageError> {
        self.on_session(async |_, session| {
            let (mut ids, mut froms, mut untils) = (Vec::new(), Vec::new(), Vec::new());
            for row in session.client.query(KEYS, &[&tenant.uuid(), &frames]).await? {
                let (from, until) = span_of_keys(row.try_get(1)?);
                ids.push(row.try_get::<_, i64>(0)?);
                froms.push(from);
                untils.push(until);
            }
            let row = session.client.query_one(REMOVE, &[&tenant.uuid(), &ids, &froms, &untils]).await?;
            Ok(usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0))
        })
    }

    fn probe(&mut self) -> Result<(), StorageError> {
        let id = Uuid::from_bytes(*self.writer.as_bytes());
        self.on_session(async |_, session| Ok(session.client.execute(statements::PROBE, &[&id]).await.map(drop)?))
    }

    fn tend(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    /// The writer ends: whoever gathers need not look for more of it. If that cannot be said, its silence says it later.
    fn finish(&mut self) -> Result<(), StorageError> {
        let id = Uuid::from_bytes(*self.writer.as_bytes());
        let ended = self.on_session(async |_, session| Ok(session.client.execute(statements::END, &[&id]).await?));
        if let Err(error) = ended {
            tracing::debug!(%error, "the end of this writer could not be noted");
        }
        Ok(())
    }
}
