//! The one signal that ends all listeners.

use tokio::sync::watch;

/// Asks everything that holds the matching [`Stop`] to end. Dropping it asks too.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Tells when to end.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A stop signal and the handle that raises it.
pub fn stop_signal() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks; asking again changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Ends when a stop is asked for, at once if it was.
    pub async fn requested(&mut self) {
        // A stopper that is gone can no longer ask, and whoever held it no longer serves.
        let _ = self.0.wait_for(|requested| *requested).await;
    }
}
