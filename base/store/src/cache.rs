//! Decoded reads kept in memory, never stale.
//!
//! A read that misses notes the generation of its key's stripe, reads the backend, and keeps the answer only if
//! the generation has not moved. A commit moves the generation and drops the key before anyone is answered. So
//! an answer read before a commit can never be kept after it, whatever the cache has evicted in between.

mod key;

use crate::backend::Touched;
pub(crate) use key::CacheKey;
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use signet_kernel::TenantId;
use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// What the cache says of a key.
pub(crate) enum Lookup<T> {
    /// The value.
    Hit(Arc<T>),
    /// A value of another type: the object exists and is of another kind.
    OtherKind,
    /// Nothing.
    Miss,
}

type Value = Arc<dyn Any + Send + Sync>;

const STRIPES: usize = 1024;

/// A bounded cache of decoded reads.
pub(crate) struct ReadCache {
    values: Cache<CacheKey, Value>,
    stripes: Vec<Mutex<u64>>,
    hasher: RandomState,
}

/// The generation a read started in.
#[derive(Clone, Copy)]
pub(crate) struct Generation(u64);

impl ReadCache {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            values: Cache::new(capacity),
            stripes: (0..STRIPES).map(|_| Mutex::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// What is kept for `key`.
    pub(crate) fn get<T: Any + Send + Sync>(&self, key: &CacheKey) -> Lookup<T> {
        match self.values.get(key).map(|value| value.downcast()) {
            Some(Ok(value)) => Lookup::Hit(value),
            Some(Err(_)) => Lookup::OtherKind,
            None => Lookup::Miss,
        }
    }

    /// To be taken before the backend is read.
    pub(crate) fn generation(&self, key: &CacheKey) -> Generation {
        Generation(self.stripe(key).map_or(0, |stripe| *stripe.lock()))
    }

    /// Keeps `value` unless something under its stripe changed since `generation`.
    pub(crate) fn keep(&self, key: CacheKey, generation: Generation, value: Value) {
        let Some(stripe) = self.stripe(&key) else { return };
        let current = stripe.lock();
        if *current == generation.0 {
            self.values.insert(key, value);
        }
    }

    /// Drops what a commit made stale.
    pub(crate) fn invalidate(&self, tenant: TenantId, touched: &Touched) {
        if touched.everything {
            self.stripes.iter().for_each(|stripe| *stripe.lock() += 1);
            self.values.clear();
            return;
        }
        for id in &touched.objects {
            self.drop_key(&CacheKey::object(tenant, *id));
        }
        for (scope, space, key) in &touched.keys {
            self.drop_key(&CacheKey::unique(*scope, space, key));
        }
        for (kind, field, key) in &touched.index {
            self.drop_key(&CacheKey::index(tenant, kind, field, key));
        }
        for (end, relation) in &touched.links {
            self.drop_key(&CacheKey::links(tenant, *end, relation));
        }
    }

    fn drop_key(&self, key: &CacheKey) {
        let Some(stripe) = self.stripe(key) else { return };
        let mut generation = stripe.lock();
        *generation += 1;
        self.values.remove(key);
    }

    #[expect(clippy::cast_possible_truncation, reason = "only the low bits choose a stripe")]
    fn stripe(&self, key: &CacheKey) -> Option<&Mutex<u64>> {
        self.stripes.get(self.hasher.hash_one(key) as usize % STRIPES)
    }
}

impl std::fmt::Debug for ReadCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadCache").field("entries", &self.values.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_kernel::ObjectId;
    use uuid::Uuid;

    fn kept(cache: &ReadCache, key: &CacheKey) -> Option<u8> {
        match cache.get(key) {
            Lookup::Hit(value) => Some(*value),
            Lookup::OtherKind | Lookup::Miss => None,
        }
    }

    fn key() -> (TenantId, ObjectId, CacheKey) {
        let (tenant, id) = (TenantId::from_uuid(Uuid::from_u128(1)), ObjectId::from_uuid(Uuid::from_u128(2)));
        (tenant, id, CacheKey::object(tenant, id))
    }

    #[test]
    fn an_answer_read_before_a_commit_is_not_kept_after_it() {
        let cache = ReadCache::new(10);
        let (tenant, id, key) = key();
        let before = cache.generation(&key);
        cache.invalidate(tenant, &Touched { objects: vec![id], ..Touched::default() });
        cache.keep(key.clone(), before, Arc::new(1_u8));
        assert_eq!(kept(&cache, &key), None);
        cache.keep(key.clone(), cache.generation(&key), Arc::new(2_u8));
        assert_eq!(kept(&cache, &key), Some(2));
        assert!(matches!(cache.get::<String>(&key), Lookup::OtherKind));
    }

    #[test]
    fn touching_everything_empties_it() {
        let cache = ReadCache::new(10);
        let (tenant, _, key) = key();
        let before = cache.generation(&key);
        cache.keep(key.clone(), before, Arc::new(1_u8));
        cache.invalidate(tenant, &Touched { everything: true, ..Touched::default() });
        assert_eq!(kept(&cache, &key), None);
        cache.keep(key.clone(), before, Arc::new(1_u8));
        assert_eq!(kept(&cache, &key), None);
    }
}
