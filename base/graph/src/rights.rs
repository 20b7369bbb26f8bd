//! Whether the caller holds what an operation declares.

use signet_kernel::{Caller, Failure, Fault};

/// Refuses a caller that holds none of the permissions; the sentence names those that would do.
pub(crate) fn require(caller: &Caller, lists: &[&[&str]]) -> Result<(), Failure> {
    if lists.iter().any(|list| caller.holds_any(list)) {
        return Ok(());
    }
    let mut names: Vec<&str> = lists.iter().flat_map(|list| list.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    let message = if names.is_empty() {
        "This operation does not exist for objects of this type.".to_owned()
    } else {
        format!(
            "Insufficient privileges to complete the operation. One of these permissions would do: {}.",
            names.join(", ")
        )
    };
    Err(Failure::new(Fault::Rights, "Authorization_RequestDenied", message))
}
