//! Reading request bodies: bounded in size and time, and of the type the route expects.
//!
//! Handlers take [`axum::body::Body`] and call these, not axum's extractors: an extractor answers by itself, in no
//! dialect.

use crate::strict_json;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use signet_kernel::{Failure, Fault};
use std::time::Duration;

/// The limit for a route that has no reason for another one.
pub const DEFAULT_LIMIT: usize = 1024 * 1024;

/// How long a client may take to send a body.
pub const READ_TIME: Duration = Duration::from_secs(15);

/// Code of a body in a media type that the route does not take; answered 415.
pub const UNSUPPORTED_MEDIA_TYPE: &str = "UnsupportedMediaType";

/// Code of a body that took longer than [`READ_TIME`]; answered 408.
pub const REQUEST_TIMEOUT: &str = "RequestTimeout";

/// Code of a body that is larger than the route takes.
pub const TOO_LARGE: &str = "RequestEntityTooLarge";

/// Reads a body of at most `limit` bytes. One that says it is larger is refused before anything is read.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Failure> {
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    tokio::time::timeout(READ_TIME, collect(body, limit)).await.unwrap_or_else(|_| {
        Err(Failure::new(Fault::Input, REQUEST_TIMEOUT, "The request body did not arrive in time; send it again."))
    })
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, Failure> {
    // Nearly every body is one chunk, which is handed on without copying.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| incomplete(&error))?;
        let Ok(chunk) = frame.into_data() else { continue };
        if chunk.len() > limit.saturating_sub(first.len() + rest.len()) {
            return Err(too_large(limit));
        }
        if first.is_empty() {
            first = chunk;
        } else {
            rest.extend_from_slice(&chunk);
        }
    }
    if rest.is_empty() { Ok(first) } else { Ok([first, rest.freeze()].concat().into()) }
}

/// Reads a JSON body of at most `limit` bytes, by the rules of [`strict_json`].
pub async fn read_json(headers: &HeaderMap, body: Body, limit: usize) -> Result<serde_json::Value, Failure> {
    require_media_type(headers, "application/json")?;
    let bytes = read(body, limit).await?;
    strict_json::parse(&bytes).map_err(|error| {
        Failure::new(Fault::Input, "Request_BadRequest", format!("The request body is not acceptable JSON: {error}."))
    })
}

/// Refuses a request whose body is not of `media_type`.
pub fn require_media_type(headers: &HeaderMap, media_type: &str) -> Result<(), Failure> {
    if is_media_type(headers, media_type) {
        return Ok(());
    }
    let message = format!("Send the request body as {media_type} and say so in Content-Type.");
    Err(Failure::new(Fault::Input, UNSUPPORTED_MEDIA_TYPE, message).with_target("Content-Type"))
}

/// Whether `Content-Type` names `media_type`, whatever its parameters.
pub fn is_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    // SPEC: RFC 9110 8.3.1
    let essence = value.to_str().ok().and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}

fn too_large(limit: usize) -> Failure {
    Failure::new(
        Fault::TooLarge,
        TOO_LARGE,
        format!("The request body is larger than the {limit} bytes accepted here."),
    )
}

fn incomplete(error: &axum::Error) -> Failure {
    Failure::new(Fault::Input, "Request_BadRequest", "The request body ended before it was complete.")
        .with_detail(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    /// A body in the given chunks that then either ends or stays silent.
    struct Chunks(Vec<&'static [u8]>, bool);

    impl HttpBody for Chunks {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
            match self.0.is_empty() {
                false => Poll::Ready(Some(Ok(hyper::body::Frame::data(Bytes::from_static(self.0.remove(0)))))),
                true if self.1 => Poll::Ready(None),
                true => Poll::Pending,
            }
        }
    }

    fn chunks(chunks: &[&'static [u8]]) -> Body {
        Body::new(Chunks(chunks.to_vec(), true))
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_declared_or_not() {
        assert_eq!(read(Body::from("12345"), 4).await.unwrap_err().fault, Fault::TooLarge);
        assert_eq!(read(chunks(&[b"123", b"45"]), 4).await.unwrap_err().fault, Fault::TooLarge);
        assert_eq!(read(chunks(&[b"12", b"34"]), 4).await.unwrap(), "1234");
        assert_eq!(read(Body::from("1234"), 4).await.unwrap(), "1234");
        assert_eq!(read(Body::empty(), 0).await.unwrap(), "");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let failure = read(Body::new(Chunks(vec![b"1"], false)), 4).await.unwrap_err();
        assert_eq!((failure.fault, &*failure.code), (Fault::Input, REQUEST_TIMEOUT));
    }

    #[test]
    fn rfc9110_s8_3_1_media_types_compare_without_case_and_parameters() {
        let is_json = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_TYPE, value.parse().unwrap());
            }
            is_media_type(&headers, "application/json")
        };
        for wrong in [&[][..], &["text/plain"], &["application/jsonx"], &["application/json", "application/json"]] {
            assert!(!is_json(wrong), "{wrong:?}");
        }
        assert!(is_json(&["application/json"]));
        assert!(is_json(&["Application/JSON ; charset=utf-8"]));
    }
}
