//! Where the rows of a list come from: always in the order of their ids, some at a time.

use crate::entity::{Call, Contained};
use signet_kernel::{Failure, ObjectId};
use signet_store::{IndexKey, IndexMatch, ListQuery, Liveness, Row, TenantStore};
use std::collections::BTreeMap;

/// Rows that may be wanted.
pub(crate) enum Source {
    /// Stored objects of some kinds.
    Stored {
        kinds: Vec<&'static str>,
        state: Liveness,
        /// A field of their index, and the keys of which one must be there.
        index: Option<(&'static str, Vec<IndexKey>)>,
    },
    /// Objects of the first kind that its index says hang off one, and all of the other kinds.
    Joined { kind: &'static str, index: IndexMatch, also: Vec<&'static str> },
    /// The objects with these ids, in order.
    Known(Vec<ObjectId>),
}

/// Some rows, and where the next ones start, if there may be any.
pub(crate) struct Batch {
    pub(crate) rows: Vec<Row>,
    pub(crate) next: Option<ObjectId>,
}

impl Source {
    /// How many rows there are in all, where that is known without reading them.
    pub(crate) async fn total(&self, store: &TenantStore) -> Result<Option<usize>, Failure> {
        match self {
            Self::Stored { kinds, state, index: None } => {
                Ok(Some(usize::try_from(store.count(kinds, *state).await?).unwrap_or(usize::MAX)))
            }
            Self::Stored { .. } | Self::Known(_) | Self::Joined { .. } => Ok(None),
        }
    }

    /// These objects, whatever their order, each once.
    pub(crate) fn known(mut ids: Vec<ObjectId>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self::Known(ids)
    }

    /// What a collection under one object holds.
    pub(crate) async fn of_contained(
        call: &Call,
        contained: &dyn Contained,
        parent: ObjectId,
    ) -> Result<Self, Failure> {
        let ((kind, field), key) = (contained.stored(), IndexKey::uuid(parent.uuid()));
        let also = contained.also(call, parent).await?;
        Ok(if also.is_empty() {
            Self::Stored { kinds: vec![kind], state: Liveness::Live, index: Some((field, vec![key])) }
        } else {
            Self::Joined { kind, index: IndexMatch { field, key }, also }
        })
    }

    /// At most `limit` rows after one.
    pub(crate) async fn batch(
        &self,
        store: &TenantStore,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Batch, Failure> {
        match self {
            Self::Stored { kinds, state, index } => {
                let query = |index| ListQuery { kinds: kinds.clone(), liveness: *state, after, limit, index };
                match index {
                    None => {
                        let page = store.list(query(None)).await?;
                        Ok(Batch { rows: page.items, next: page.next })
                    }
                    Some((field, keys)) => {
                        let matching = |key: &IndexKey| query(Some(IndexMatch { field, key: key.clone() }));
                        union(store, keys.iter().map(matching), limit).await
                    }
                }
            }
            Self::Joined { kind, index, also } => {
                let query = |kinds, index| ListQuery { kinds, liveness: Liveness::Live, after, limit, index };
                let queries = [query(vec![*kind], Some(index.clone())), query(also.clone(), None)];
                union(store, queries.into_iter(), limit).await
            }
            Self::Known(ids) => {
                let mut rest = ids.iter().copied().filter(|id| after.is_none_or(|after| *id > after)).peekable();
                let chunk: Vec<ObjectId> = rest.by_ref().take(limit).collect();
                let next = chunk.last().copied().filter(|_| rest.peek().is_some());
                let mut rows = store.read_rows(&chunk).await?;
                rows.sort_unstable_by_key(|row| row.id);
                Ok(Batch { rows, next })
            }
        }
    }
}

/// The first `limit` rows of several lists.
async fn union(store: &TenantStore, queries: impl Iterator<Item = ListQuery>, limit: usize) -> Result<Batch, Failure> {
    let (mut rows, mut more) = (BTreeMap::new(), false);
    for query in queries {
        let page = store.list(query).await?;
        more |= page.next.is_some();
        rows.extend(page.items.into_iter().map(|row| (row.id, row)));
    }
    more |= rows.len() > limit;
    let rows: Vec<Row> = rows.into_values().take(limit).collect();
    let next = rows.last().map(|row| row.id).filter(|_| more);
    Ok(Batch { rows, next })
}
