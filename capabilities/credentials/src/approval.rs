//! A second pair of eyes on the credentials of blueprints.
//!
//! Who holds a blueprint's credentials speaks for all its agents. So every change of them raises an alert, and where the
//! organization says so it needs a second approver: the first call leaves a [`CredentialChangeRequest`] and is refused
//! with the code [`APPROVAL_REQUIRED`]; another administrator approves it; then the same call by the same caller does
//! it, once. Nothing of a secret is kept meanwhile: it is made by the last call, and shown to who asked for it.
//!
//! [`admit`] is the one place that decides: every operation on credentials asks it last.

mod admit;
mod request;
mod setting;

pub use admit::{APPROVAL_REQUIRED, admit};
pub use request::{AskedChange, ChangeKind, CredentialChangeRequest, Decided, State};
pub use setting::ApprovalSetting;
