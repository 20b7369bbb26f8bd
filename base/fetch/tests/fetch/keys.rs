//! How often an issuer is asked, and what is answered meanwhile.

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use signet_fetch::{Fetch, FetchError, FetchOptions, Fetched, KeyCache, KeyCacheSettings, KeyError};
use signet_kernel::{Context, MockClock, SeededRandomness, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

const ISSUER: &str = "https://issuer.example/tenant";
const METADATA: &str = "https://issuer.example/tenant/.well-known/openid-configuration";
const KEYS: &str = "https://keys.example/jwks";
const MINUTE: Duration = Duration::from_secs(60);

/// Documents by URL, asked for through a gate and counted.
struct Outside {
    documents: Mutex<HashMap<String, Result<Fetched, FetchError>>>,
    asked: Mutex<Vec<String>>,
    gate: Semaphore,
}

#[async_trait]
impl Fetch for Outside {
    async fn get_json(&self, url: &Url, _: &FetchOptions) -> Result<Fetched, FetchError> {
        self.asked.lock().push(url.to_string());
        let _open = self.gate.acquire().await.unwrap();
        self.documents.lock().get(url.as_str()).cloned().unwrap_or(Err(FetchError::Status(404)))
    }
}

struct World {
    outside: Arc<Outside>,
    clock: Arc<MockClock>,
    cache: Arc<KeyCache<String>>,
}

fn text(bytes: &[u8]) -> Result<String, String> {
    match std::str::from_utf8(bytes) {
        Ok("bad") => Err("no keys".to_owned()),
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl World {
    fn new() -> Self {
        let gate = Semaphore::new(Semaphore::MAX_PERMITS);
        let outside = Arc::new(Outside { documents: Mutex::default(), asked: Mutex::default(), gate });
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SeededRandomness::new(1)));
        let cache = Arc::new(KeyCache::new(outside.clone(), text, KeyCacheSettings::default(), context));
        let world = Self { outside, clock, cache };
        world.serve(METADATA, &format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"{KEYS}"}}"#), None);
        world.serve(KEYS, "first", None);
        world
    }

    fn serve(&self, url: &str, body: &str, max_age: Option<Duration>) {
        let fetched = Fetched { body: Bytes::from(body.to_owned()), max_age };
        self.outside.documents.lock().insert(url.to_owned(), Ok(fetched));
    }

    fn fail(&self) {
        self.outside.documents.lock().insert(KEYS.to_owned(), Err(FetchError::Timeout));
    }

    async fn keys(&self) -> Result<String, KeyError> {
        self.cache.keys(ISSUER).await.map(|keys| keys.to_string())
    }

    async fn refresh(&self) -> Result<String, KeyError> {
        self.cache.refresh_for_unknown_kid(ISSUER).await.map(|keys| keys.to_string())
    }

    /// How often the key set was asked for.
    fn asked(&self) -> usize {
        self.outside.asked.lock().iter().filter(|url| *url == KEYS).count()
    }
}

fn timeout() -> KeyError {
    KeyError::Fetch { what: "the key set", source: FetchError::Timeout }
}

#[tokio::test]
async fn oidc_discovery_s4_3_the_document_must_name_the_issuer_exactly() {
    let world = World::new();
    for other in ["https://issuer.example/tenant/", "https://ISSUER.example/tenant", "https://issuer.example"] {
        world.serve(METADATA, &format!(r#"{{"issuer":"{other}","jwks_uri":"{KEYS}"}}"#), None);
        assert_eq!(world.keys().await, Err(KeyError::OtherIssuer(other.to_owned())));
        world.clock.advance(MINUTE);
    }
    assert_eq!(world.asked(), 0);
}

#[tokio::test]
async fn unusable_documents_are_told_apart() {
    let world = World::new();
    assert_eq!(world.cache.keys("not a url").await.err(), Some(KeyError::NotAnIssuer));
    world.serve(KEYS, "bad", None);
    assert_eq!(world.keys().await, Err(KeyError::Keys("no keys".to_owned())));
    world.clock.advance(MINUTE);
    world.serve(METADATA, &format!(r#"{{"issuer":"{ISSUER}"}}"#), None);
    assert!(matches!(world.keys().await, Err(KeyError::Discovery(_))));
}

#[tokio::test]
async fn keys_stay_for_the_issuers_max_age_within_bounds() {
    for (said, minutes) in
        [(None, 60), (Some(Duration::ZERO), 5), (Some(10 * MINUTE), 10), (Some(9_999 * MINUTE), 1_440)]
    {
        let world = World::new();
        world.serve(KEYS, "first", said);
        assert_eq!(world.keys().await.as_deref(), Ok("first"));
        world.serve(KEYS, "second", said);
        world.clock.advance(minutes * MINUTE - Duration::from_secs(1));
        assert_eq!((world.keys().await.as_deref(), world.asked()), (Ok("first"), 1));
        world.clock.advance(Duration::from_secs(1));
        assert_eq!((world.keys().await.as_deref(), world.asked()), (Ok("second"), 2));
    }
}

#[tokio::test]
async fn many_who_want_the_keys_at_once_ask_once() {
    let world = World::new();
    world.outside.gate.forget_permits(Semaphore::MAX_PERMITS);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let cache = world.cache.clone();
            tokio::spawn(async move { cache.keys(ISSUER).await })
        })
        .collect();
    tokio::task::yield_now().await;
    world.outside.gate.add_permits(10);
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().as_str(), "first");
    }
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn an_unknown_key_id_asks_once_in_a_while() {
    let world = World::new();
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
    world.serve(KEYS, "second", None);
    assert_eq!((world.refresh().await.as_deref(), world.asked()), (Ok("second"), 2));
    world.serve(KEYS, "third", None);
    for _ in 0..100 {
        assert_eq!(world.refresh().await.as_deref(), Ok("second"));
    }
    assert_eq!(world.asked(), 2);
    world.clock.advance(MINUTE);
    assert_eq!((world.refresh().await.as_deref(), world.asked()), (Ok("third"), 3));
}

#[tokio::test]
async fn unknown_key_ids_at_once_ask_once() {
    let world = World::new();
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
    world.serve(KEYS, "second", None);
    let refreshes = (0..50).map(|_| {
        let cache = world.cache.clone();
        tokio::spawn(async move { cache.refresh_for_unknown_kid(ISSUER).await })
    });
    for task in refreshes.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap().unwrap().as_str(), "second");
    }
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_failure_stands_for_a_short_time() {
    let world = World::new();
    world.fail();
    for _ in 0..10 {
        assert_eq!(world.keys().await, Err(timeout()));
        assert_eq!(world.refresh().await, Err(timeout()));
    }
    assert!(world.asked() <= 2, "{}", world.asked());
    world.serve(KEYS, "first", None);
    assert_eq!(world.keys().await, Err(timeout()));
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
}

#[tokio::test]
async fn stale_keys_serve_while_the_issuer_is_away_but_not_for_ever() {
    let world = World::new();
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
    world.fail();
    assert_eq!(world.refresh().await.as_deref(), Ok("first"));
    world.clock.advance(60 * MINUTE);
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
    assert_eq!((world.keys().await.as_deref(), world.asked()), (Ok("first"), 3));
    world.clock.advance(24 * 60 * MINUTE);
    assert_eq!(world.keys().await, Err(timeout()));
}

#[tokio::test]
async fn stale_keys_serve_others_while_one_asks() {
    let world = World::new();
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
    world.clock.advance(60 * MINUTE);
    world.serve(KEYS, "second", None);
    world.outside.gate.forget_permits(Semaphore::MAX_PERMITS);
    let cache = world.cache.clone();
    let asking = tokio::spawn(async move { cache.keys(ISSUER).await });
    tokio::task::yield_now().await;
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
    world.outside.gate.add_permits(10);
    assert_eq!(asking.await.unwrap().unwrap().as_str(), "second");
}

#[tokio::test]
async fn one_who_gives_up_leaves_the_asking_to_the_next() {
    let world = World::new();
    world.outside.gate.forget_permits(Semaphore::MAX_PERMITS);
    let cache = world.cache.clone();
    let asking = tokio::spawn(async move { cache.keys(ISSUER).await });
    tokio::task::yield_now().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    world.outside.gate.add_permits(10);
    assert_eq!(world.keys().await.as_deref(), Ok("first"));
}
