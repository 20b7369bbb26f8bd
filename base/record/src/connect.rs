//! How the record comes to its connections.

use std::future::Future;
use std::pin::Pin;
/// A connection.
pub use tokio_postgres::Client;

/// Makes connections to the database in which the directory lies, with its address, certificates and timeouts.
pub trait Connect: Send + Sync + 'static {
    /// A connection whose driver runs already; otherwise a sentence that says why not.
    fn connect(&self) -> Pin<Box<dyn Future<Output = Result<Client, String>> + Send + '_>>;
}
