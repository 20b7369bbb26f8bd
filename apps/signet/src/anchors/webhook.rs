//! Anchors as signed messages to an HTTPS server, which keeps them.

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::json;
use signet_exports::SignedPost;
use signet_kernel::{Context, TenantId};
use signet_transparency_log::AnchorSink;
use std::collections::HashMap;

pub(super) struct Webhook {
    post: SignedPost,
    context: Context,
    /// What was taken last. After a start it is sent again: the receiver knows a repetition by its id.
    taken: Mutex<HashMap<TenantId, String>>,
}

impl Webhook {
    pub(super) fn new(post: SignedPost, context: Context) -> Self {
        Self { post, context, taken: Mutex::default() }
    }
}

#[async_trait]
impl AnchorSink for Webhook {
    /// Without what may be a secret.
    fn name(&self) -> String {
        let url = self.post.url();
        format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
    }

    async fn has(&self, tenant: TenantId, beginning: &str) -> Result<bool, String> {
        Ok(self.taken.lock().get(&tenant).is_some_and(|name| name.starts_with(beginning)))
    }

    async fn put(&self, tenant: TenantId, name: &str, note: &[u8]) -> Result<(), String> {
        let body = json!({
            "type": "transparencyLog.anchored",
            "timestamp": self.context.now(),
            "data": { "tenantId": tenant, "name": name, "checkpoint": String::from_utf8_lossy(note) },
        });
        let sent = self.post.send(&format!("anchor_{tenant}_{name}"), "application/json", body.to_string()).await;
        sent.map_err(|error| error.to_string())?;
        self.taken.lock().insert(tenant, name.to_owned());
        Ok(())
    }
}
