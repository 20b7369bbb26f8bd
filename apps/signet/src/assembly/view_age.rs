//! Where several nodes write, each knows how old its view of the others' changes is. Past the bound it refuses, and says
//! that it is not ready: what it knows may have been taken back elsewhere. (No token leaves such a node anyhow, since its
//! record could not commit; introspection and the directory answer from the view.)

use crate::node::Node;
use crate::storage::Storage;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::middleware::{Next, from_fn_with_state};
use signet_kernel::{Failure, Timestamp};
use signet_web::Arrival;
use signet_web::dialect::Wording;
use std::sync::Arc;
use std::time::Duration;

/// A view that is too old, in the log's words and in readiness's.
pub(super) fn trouble(node: &Node) -> Option<String> {
    let (age, bound) = (node.store.age_of_view(), node.config.storage.max_view_age());
    (age > bound).then(|| {
        let since = Duration::from_millis(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        format!("changes of other nodes have not been seen for {since:?}; is the database reachable?")
    })
}

#[derive(Clone)]
struct Guard {
    node: Arc<Node>,
    wording: Arc<Wording>,
}

/// The routes, refused while the view is too old. Metadata and keys are answered all the same: verifying tokens elsewhere
/// must not end because this node lost its database, and a key is published long before it signs.
pub(super) fn guarded(routes: Router, node: &Arc<Node>, wording: Arc<Wording>) -> Router {
    match node.storage {
        Storage::Embedded => routes,
        Storage::Postgres(_) => routes.layer(from_fn_with_state(Guard { node: node.clone(), wording }, guard)),
    }
}

async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path();
    let Some(detail) = trouble(&guard.node).filter(|_| !super::is_discovery(path)) else {
        return next.run(request).await;
    };
    let arrival = request.extensions().get::<Arrival>();
    let (origin, at) = match arrival {
        Some(arrival) => (arrival.origin(request.headers()), arrival.at),
        None => (signet_kernel::Origin::internal(guard.node.context.new_uuid()), Timestamp::from_seconds(0)),
    };
    (guard.wording)(path, &Failure::busy(detail), &origin, at)
}
