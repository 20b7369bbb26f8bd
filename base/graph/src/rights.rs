//! Whether the caller holds what an operation declares.

use signet_kernel::{Caller, Failure, Fault};

/// A list of permissions of which any one suffices.
pub(crate) type AnyOf = &'static [&'static str];

/// Refuses a caller that holds none of the permissions in any of the lists; the sentence names those that would do.
pub(crate) fn require(caller: &Caller, lists: &[AnyOf]) -> Result<(), Failure> {
    if lists.iter().any(|list| caller.holds_any(list)) {
        return Ok(());
    }
    let mut names: Vec<&str> = lists.iter().flat_map(|list| list.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Err(no_such_operation());
    }
    let message = format!(
        "Insufficient privileges to complete the operation. One of these permissions would do: {}.",
        names.join(", ")
    );
    Err(Failure::new(Fault::Rights, "Authorization_RequestDenied", message))
}

/// Nobody may do this to objects of this type.
pub(crate) fn no_such_operation() -> Failure {
    Failure::new(
        Fault::Method,
        "Request_BadRequest",
        "This path does not take this method; the Allow header names those it takes.",
    )
}
