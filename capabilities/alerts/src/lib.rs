//! Alerts: what somebody should look at, raised in the same unit of work as the change that it is about.
//!
//! Whoever makes a change that matters calls [`raise`] and, once it is durable, [`Raised::tell`]: the alert is an object
//! that is read at `/security/alerts`, an audit entry of the category [`CATEGORY`], and a warning in the log. An alert
//! stays when what it is about is deleted.
//!
//! Start with [`NewAlert`] and [`raise`]. Absent: rules that watch for patterns (`signet-alert-rules`), and delivery to
//! anybody (`signet-exports`).

mod alert;
mod http;
mod raise;

pub use alert::{Alert, Severity, Status};
pub use http::{ALERT, Alerts, PERMISSIONS};
pub use raise::{CATEGORY, NewAlert, RAISED, Raised, raise, raise_by, raised_so_far};
