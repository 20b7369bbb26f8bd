//! References to objects, and type names in bodies.

use signet_kernel::ObjectId;

/// The object that an `@odata.id` or a bound reference names: the tail of the URL, whatever its host, since clients
/// write the vendor's.
pub fn object_reference(reference: &str) -> Option<ObjectId> {
    let tail = reference.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?;
    let id = tail.strip_suffix("')").and_then(|head| head.rsplit('\'').next()).unwrap_or(tail);
    id.parse().ok()
}

/// The type that `@odata.type` names, without sign and namespace.
pub fn type_name(annotation: &str) -> Option<&str> {
    let text = annotation.strip_prefix('#').unwrap_or(annotation);
    let (namespace, name) = text.rsplit_once('.')?;
    (namespace.eq_ignore_ascii_case("microsoft.graph") && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tail_counts() {
        let id = "4c390976-b2b7-42e0-9187-c6be3bead001";
        for reference in [
            format!("https://graph.microsoft.com/v1.0/users/{id}"),
            format!("https://localhost:8443/beta/directoryObjects/{id}/"),
            format!("users/{id}"),
            format!("https://x/v1.0/users('{id}')"),
        ] {
            assert_eq!(object_reference(&reference).map(|id| id.to_string()).as_deref(), Some(id), "{reference}");
        }
        assert_eq!(object_reference("https://x/users/me"), None);
        assert_eq!(type_name("#microsoft.graph.agentIdentity"), Some("agentIdentity"));
        assert_eq!(type_name("Microsoft.Graph.AgentIdentity"), Some("AgentIdentity"));
        assert_eq!(type_name("agentIdentity"), None);
    }
}
