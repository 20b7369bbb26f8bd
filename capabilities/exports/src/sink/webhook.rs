//! Any HTTPS server. What it gets is signed, so that it can tell who sent it.

use super::signed::SignedPost;
use super::{Sink, Undelivered};
use crate::event::Event;
use crate::exports::Outside;
use crate::format::Format;
use crate::secret::Secret;
use async_trait::async_trait;
use url::Url;

pub(super) struct Webhook {
    post: SignedPost,
    format: Format,
}

impl Webhook {
    pub(super) fn new(outside: Outside, url: Url, secret: Secret, format: Format) -> Self {
        Self { post: SignedPost::new(outside, url, secret), format }
    }
}

#[async_trait]
impl Sink for Webhook {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let body = self.format.array(events, &self.post.outside().source);
        self.post.send(&message_id(events), self.format.content_type(), body).await
    }
}

/// The same for the same events, so that a receiver knows a repetition.
fn message_id(events: &[Event]) -> String {
    let mut name = Vec::new();
    for event in events {
        name.extend_from_slice(event.id.as_bytes());
        name.push(0);
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &name);
    let half: [u8; 16] = digest.as_ref().first_chunk().copied().unwrap_or_default();
    format!("msg_{}", uuid::Builder::from_custom_bytes(half).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_message_is_that_of_its_events() {
        assert_eq!(message_id(&[]), message_id(&[]));
        assert!(uuid::Uuid::parse_str(message_id(&[]).trim_start_matches("msg_")).is_ok());
    }
}
