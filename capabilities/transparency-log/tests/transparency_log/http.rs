//! Who may read a log, and in which form it is served.

use crate::house::{House, checkpoint, gather, tenant};
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use signet_graph::{Authenticate, Unauthenticated};
use signet_kernel::{AppId, Caller, Failure, Fault, ObjectId, Origin, TenantId};
use signet_store::TenantStore;
use signet_testkit::TestTenant;
use signet_transparency_log::{Access, routes, verify_static};
use signet_web::{Arrival, Peer};
use std::collections::BTreeSet;
use std::sync::Arc;
use tower::ServiceExt as _;
use uuid::Uuid;

/// The bearer token is `<tenant number> <permission>`.
struct Callers(TestTenant);

#[async_trait]
impl Authenticate for Callers {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        origin: Origin,
    ) -> Result<(Caller, TenantStore), Unauthenticated> {
        let Some(token) = headers.get(header::AUTHORIZATION) else {
            let failure = Failure::new(Fault::Unauthenticated, "InvalidAuthenticationToken", "Who are you?");
            return Err(Unauthenticated { failure, www_authenticate: "Bearer realm=\"x\"".to_owned() });
        };
        let (number, role) = token.to_str().unwrap().split_once(' ').unwrap();
        let caller = Caller {
            tenant: tenant(number.parse().unwrap()),
            object: ObjectId::from_uuid(Uuid::nil()),
            kind: "servicePrincipal",
            app: AppId::from_uuid(Uuid::nil()),
            display_name: "reader".to_owned(),
            roles: BTreeSet::from([role.to_owned()]),
            parent: None,
            origin,
        };
        Ok((caller, self.0.store.clone()))
    }
}

const READER: &str = "AuditLog.Read.All";

struct Served {
    house: House,
    router: Router,
}

async fn served(published: &[TenantId]) -> Served {
    let house = House::files().await;
    let (record, logs) = (house.record().await, house.logs());
    house.append_together(&record, tenant(1), 0..260).await;
    gather(&logs).await;
    house.append(&record, tenant(1), 300..306).await;
    house.append(&record, tenant(2), 0..1).await;
    gather(&logs).await;
    let authenticate = Arc::new(Callers(TestTenant::start().await));
    let access = Access { authenticate, published: published.iter().copied().collect() };
    Served { house, router: routes(logs, record, access) }
}

impl Served {
    async fn get(&self, path: &str, token: Option<&str>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Request::get(format!("/{}/log/{path}", tenant(1)));
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, token);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let (request_id, at) = (Uuid::from_u128(7), self.house.context.now());
        let arrival = Arrival { request_id, correlation_id: request_id, at, peer: Peer::Local { uid: 0 } };
        request.extensions_mut().insert(arrival);
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        (parts.status, parts.headers, to_bytes(body, 1 << 20).await.unwrap().to_vec())
    }

    async fn ok(&self, path: &str) -> Vec<u8> {
        let (status, _, body) = self.get(path, Some(&format!("1 {READER}"))).await;
        assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
        body
    }
}

const PATHS: [&str; 6] =
    ["checkpoint", "key", "tile/0/000", "tile/entries/000", "proof?leaf=0", "consistency?from=1&to=2"];

#[tokio::test(flavor = "multi_thread")]
async fn invariant_11_a_log_is_told_to_readers_of_its_tenants_audit_records_alone() {
    let served = served(&[]).await;
    for path in PATHS {
        let (status, headers, _) = served.get(path, None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(headers.contains_key(header::WWW_AUTHENTICATE));
        for (token, expected) in
            [(format!("2 {READER}"), StatusCode::NOT_FOUND), ("1 User.Read.All".to_owned(), StatusCode::FORBIDDEN)]
        {
            assert_eq!(served.get(path, Some(&token)).await.0, expected, "{path}: {token}");
        }
        let (_, headers, body) = served.get(path, Some(&format!("1 {READER}"))).await;
        assert!(!body.is_empty());
        let kept = headers[header::CACHE_CONTROL].to_str().unwrap();
        let forever = path.starts_with("tile/");
        assert_eq!(kept, if forever { "private, max-age=31536000, immutable" } else { "no-cache" }, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_published_is_for_everybody_and_no_other_is() {
    let served = served(&[tenant(1)]).await;
    for path in PATHS {
        assert_eq!(served.get(path, None).await.0, StatusCode::OK, "{path}");
    }
    let other = crate::http::served(&[tenant(2)]).await;
    assert_eq!(other.get("checkpoint", None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_makes_no_sense_is_said() {
    let served = served(&[]).await;
    let reader = format!("1 {READER}");
    for (path, expected) in [
        ("tile/0/001.p/11", StatusCode::NOT_FOUND),
        ("tile/0/001", StatusCode::NOT_FOUND),
        ("tile/0/x001/000", StatusCode::NOT_FOUND),
        ("tile/entries/001.p/11", StatusCode::NOT_FOUND),
        ("tile/9/000", StatusCode::NOT_FOUND),
        ("tile/0/1", StatusCode::NOT_FOUND),
        ("proof", StatusCode::BAD_REQUEST),
        ("proof?leaf=x", StatusCode::BAD_REQUEST),
        ("proof?leaf=0&table=SigninLogs", StatusCode::BAD_REQUEST),
        ("proof?leaf=266", StatusCode::NOT_FOUND),
        ("proof?table=SigninLogs&id=nothing", StatusCode::NOT_FOUND),
        ("consistency?to=5", StatusCode::BAD_REQUEST),
        ("consistency?from=9&to=5", StatusCode::BAD_REQUEST),
        ("consistency?from=1&to=267", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(served.get(path, Some(&reader)).await.0, expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_served_files_copied_are_a_log_that_verifies_and_any_changed_one_does_not() {
    let served = served(&[]).await;
    let copy = tempfile::tempdir().unwrap();
    let files =
        ["checkpoint", "tile/0/000", "tile/0/001.p/10", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/10"];
    for file in files {
        let to = copy.path().join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, served.ok(file).await).unwrap();
    }
    let logs = served.house.logs();
    let log = logs.log(tenant(1)).unwrap();
    let report = verify_static(copy.path(), |_| log.clone()).unwrap();
    assert_eq!((report.leaves, report.tiles), (266, 3));
    assert_eq!(served.ok("checkpoint").await, checkpoint(&logs, tenant(1)).await);
    for file in files {
        let (path, whole) = (copy.path().join(file), served.ok(file).await);
        for at in (0..whole.len()).step_by(whole.len().div_ceil(50)) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, changed).unwrap();
            verify_static(copy.path(), |_| log.clone()).expect_err(file);
        }
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        verify_static(copy.path(), |_| log.clone()).expect_err(file);
        std::fs::write(&path, whole).unwrap();
    }
    verify_static(copy.path(), |_| log.clone()).unwrap();
}
