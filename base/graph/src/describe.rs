//! The API described for programs, from the declarations alone.

mod csdl;
mod openapi;
mod service;
mod values;

use crate::catalog::Catalog;
use crate::version::Version;
use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use std::sync::OnceLock;

/// The address of OpenAPI that names no version.
pub(crate) const ROOT_OPENAPI: &str = "/openapi.json";

/// What describes a version of the API, made when it is first asked for.
pub(crate) struct Description {
    version: Version,
    kind: Kind,
    text: OnceLock<Bytes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csdl,
    OpenApi,
    Service,
}

impl Description {
    /// All there are.
    pub(crate) fn all() -> Vec<Self> {
        let kinds = [Kind::Csdl, Kind::OpenApi, Kind::Service];
        let of = |version| kinds.map(|kind| Self { version, kind, text: OnceLock::new() });
        [Version::V1, Version::Beta].into_iter().flat_map(of).collect()
    }

    pub(crate) fn is_at(&self, path: &str) -> bool {
        let name = match self.kind {
            Kind::Csdl => "$metadata",
            Kind::OpenApi => "openapi.json",
            Kind::Service => "",
        };
        let rest = path.strip_prefix(self.version.prefix());
        let prefixed = rest.and_then(|rest| if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') });
        // Where tools look for it: the released version.
        let at_root = self.version == Version::V1 && self.kind == Kind::OpenApi && path == ROOT_OPENAPI;
        prefixed == Some(name) || at_root
    }

    pub(crate) fn answer(&self, catalog: &Catalog, public_url: &str) -> Response<Body> {
        let text = self.text.get_or_init(|| match self.kind {
            Kind::Csdl => csdl::csdl(catalog, self.version).into(),
            Kind::OpenApi => openapi::openapi(catalog, self.version, public_url).into(),
            Kind::Service => service::service(catalog, self.version, public_url).into(),
        });
        let media_type = match self.kind {
            Kind::Csdl => "application/xml",
            Kind::OpenApi | Kind::Service => "application/json",
        };
        let mut response = Response::new(Body::from(text.clone()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        response
    }
}
