//! Everything put together: listeners over the routes of the capabilities, background work, and an orderly end.

mod alert_rules;
mod background;
mod directory;
mod exports;
mod graph_activity;
mod log_columns;
mod log_metrics;
mod log_retention;
mod metrics;
mod node_metrics;
mod readiness;
mod recorder;
mod refused_writes;
mod transparency;
mod view_age;
mod wording;

pub(crate) use readiness::free_bytes;

use crate::admin;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::node::Node;
use crate::telemetry::{note_route, span_of_request};
use axum::Router;
use axum::middleware::from_fn;
use prometheus_client::registry::Registry;
use signet_kernel::Context;
use signet_web::management::{self, Health};
use signet_web::{Front, Limits, Listener, LocalCa, RouteClasses, Stopper, TlsIdentity, Traffic, stop_signal};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinSet;

/// RSA key pairs that lie ready for new tenants and rotations.
const READY_PAIRS: usize = 4;

const ROUTES: RouteClasses = RouteClasses { names: &["token", "directory", "discovery", "other"], of: route_class };

fn route_class(path: &str) -> usize {
    if path.ends_with("/token") || path.ends_with("/introspect") {
        0
    } else if path.starts_with("/v1.0/") || path.starts_with("/beta/") {
        1
    } else if is_discovery(path) {
        2
    } else {
        3
    }
}

/// Metadata and keys, which say the same on every node.
fn is_discovery(path: &str) -> bool {
    path.contains("/.well-known/") || path.ends_with("/keys")
}

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    node: Arc<Node>,
    tls: TlsIdentity,
    health: Health,
    public: (Stopper, JoinSet<()>),
    /// The administration socket, the management listener and background work, which end after the public listener.
    private: (Stopper, JoinSet<()>),
}

impl Server {
    /// Opens the data directory and starts to listen. When it returns, requests are answered.
    pub(crate) async fn start(config: Config, context: Context) -> Result<Self, CommandError> {
        let node = Arc::new(Node::open(config, context, READY_PAIRS).await?);
        match Self::listen(node.clone()).await {
            Ok(server) => Ok(server),
            Err(error) => {
                node.close().await;
                Err(error)
            }
        }
    }

    async fn listen(node: Arc<Node>) -> Result<Self, CommandError> {
        let (config, context) = (&node.config, &node.context);
        let health = readiness::health();
        let mut registry = Registry::default();
        let traffic = Traffic::register(&mut registry, ROUTES);
        metrics::register(&mut registry, node.record.clone(), node.store.clone());
        node_metrics::register(&mut registry, &node, &health);
        log_metrics::register(&mut registry, node.transparency.clone());
        let exports = exports::open(&node, &mut registry)?;
        let columns = log_columns::open(&node)?;
        let watch = alert_rules::open(&node, &columns, &mut registry)?;
        let tls = tls_of(config, &node.data, context)?;
        let public = bind(config.listen, config.limits.listener()).await?.with_tls(&tls);
        let management = bind(config.management_listen, Limits::default()).await?;
        let socket = node.data.admin_socket();
        let admin = Listener::bind_unix(&socket, Limits { request: ADMIN_REQUEST, ..Limits::default() })
            .map_err(|error| CommandError::unavailable(format!("cannot listen on {}: {error}", socket.display())))?;

        directory::seed_roles(&node).await;
        let (refused, recorder) = refused_writes::refused_writes(context.clone(), node.record.clone());
        let (calls, call_recorder) = recorder::recorder(node.record.clone(), graph_activity::GATHER);
        log_metrics::register_storage(&mut registry, columns.storage().clone());
        let on_answered = graph_activity::calls(context.clone(), calls, node.audit.clone());
        let routes = signet_tokens::routes(node.server.clone())
            .merge(directory::routes(&node, refused, on_answered)?)
            .merge(transparency::routes(&node)?)
            .merge(signet_log_queries::routes(columns.queries(&node).observed_by(log_metrics::queries(&mut registry))));
        let (public_stopper, public_stop) = stop_signal();
        let mut public_tasks = JoinSet::new();
        let front = public_front(routes, &node).with_traffic(traffic);
        public_tasks.spawn(serve(public, front, public_stop));

        let (private_stopper, private_stop) = stop_signal();
        let mut private_tasks = JoinSet::new();
        let front = |router: Router| Front::new(router, context.clone());
        let registry = Arc::new(registry);
        private_tasks.spawn(serve(
            management,
            front(management::router(health.clone(), registry)),
            private_stop.clone(),
        ));
        private_tasks.spawn(serve(admin, front(admin::router(node.clone())), private_stop.clone()));
        private_tasks.spawn(recorder.run(private_stop.clone()));
        private_tasks.spawn(call_recorder.run(private_stop.clone()));
        exports::start(exports, private_stop.clone(), &mut private_tasks);
        private_tasks.spawn(watch.run(private_stop.clone()));
        columns.start(&node, private_stop.clone(), &mut private_tasks);
        transparency::start(&node, &private_stop, &mut private_tasks)?;
        log_retention::start(&node, private_stop.clone(), &mut private_tasks)?;
        background::start(&node, &tls, &health, &private_stop, &mut private_tasks);
        let server = Self {
            node,
            tls,
            health,
            public: (public_stopper, public_tasks),
            private: (private_stopper, private_tasks),
        };
        readiness::started(&server.health, &server.node);
        server.announce();
        Ok(server)
    }

    /// The open data directory.
    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Reads the TLS files again.
    pub(crate) fn reload_tls(&self) -> Result<(), CommandError> {
        self.tls.reload().map_err(CommandError::failed)
    }

    /// Ends without losing a request: the public listener drains, then the rest ends, then the record is closed.
    pub(crate) async fn stop(mut self) {
        readiness::stopping(&self.health);
        self.public.0.stop();
        while self.public.1.join_next().await.is_some() {}
        self.private.0.stop();
        while self.private.1.join_next().await.is_some() {}
        self.node.close().await;
        tracing::info!("stopped");
    }

    fn announce(&self) {
        let config = &self.node.config;
        tracing::info!(url = config.public_url, listen = %config.listen, management = %config.management_listen, "ready");
        if self.tls.is_local() {
            tracing::info!(ca = %self.node.data.ca().display(), "clients must trust this local authority");
        }
    }
}

/// The routes of the public listener with what surrounds them, spans only if somebody collects them.
fn public_front(routes: Router, node: &Arc<Node>) -> Front {
    let wording = wording::by_path(node.server.public_url());
    let routes = view_age::guarded(routes, node, wording.clone());
    let front = |routes| Front::new(routes, node.context.clone()).with_wording(wording);
    match node.config.telemetry.otlp_endpoint {
        Some(_) => front(routes.route_layer(from_fn(note_route))).with_spans(Arc::new(span_of_request)),
        None => front(routes),
    }
}

/// A verification of the record or a backup reads everything.
const ADMIN_REQUEST: std::time::Duration = std::time::Duration::from_mins(60);

/// The certificate that is configured, or one of a local authority in the data directory.
pub(crate) fn tls_of(config: &Config, data: &DataDir, context: &Context) -> Result<TlsIdentity, CommandError> {
    let identity = match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => TlsIdentity::from_files(certificate, key),
        _ => LocalCa::open(&data.tls(), &local_names(config), context.clone()).and_then(TlsIdentity::from_local_ca),
    };
    identity.map_err(CommandError::failed)
}

/// The host of the public URL belongs in the local certificate too.
fn local_names(config: &Config) -> Vec<String> {
    let host = url::Url::parse(&config.public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.map(|host| host.trim_matches(['[', ']']).to_owned());
    host.into_iter().chain(config.tls.extra_names.iter().cloned()).collect()
}

pub(crate) async fn bind(address: SocketAddr, limits: Limits) -> Result<Listener, CommandError> {
    let bound = Listener::bind(address, limits).await;
    bound.map_err(|error| CommandError::unavailable(format!("cannot listen on {address}: {error}")))
}

pub(crate) async fn serve(listener: Listener, front: Front, stop: signet_web::Stop) {
    let drained = listener.serve(front, stop).await;
    if drained.cut > 0 {
        tracing::warn!(connections = drained.cut, "cut connections whose requests took too long to end");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_counted_in_few_classes() {
        let class = |path| ROUTES.names[route_class(path)];
        assert_eq!(class("/t/oauth2/v2.0/token"), "token");
        assert_eq!(class("/v1.0/users"), "directory");
        assert_eq!(class("/t/v2.0/.well-known/openid-configuration"), "discovery");
        assert_eq!(class("/x"), "other");
    }
}
