//! OpenTelemetry traces, sent to a collector as OTLP over HTTP: off unless the configuration names one.
//!
//! One span for each request of the public listener: its method, route, status, tenant and request id. No path as it
//! was sent, no query, no header, no body: nothing of a request in which a secret may stand.

mod headers;
mod sender;
mod spans;

pub(crate) use spans::{TracedCallers, note_route, span_of_request};

use crate::command_error::CommandError;
use crate::config::TelemetryConfig;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use std::time::Duration;
use url::Url;

/// How long a collector may take to accept what is sent to it.
const WITHIN: Duration = Duration::from_secs(10);

/// What makes and sends spans.
#[derive(Debug)]
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Starts to send, if the configuration says where. Needs the runtime.
    pub(crate) fn start(config: &TelemetryConfig) -> Result<Self, CommandError> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(Self(None)) };
        let headers = config.headers_file.as_deref().map(headers::read).transpose()?.unwrap_or_default();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(sender::Sender::new(&config.extra_ca, WITHIN)?)
            .with_endpoint(traces_endpoint(endpoint))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(WITHIN)
            .with_headers(headers)
            .build()
            .map_err(|error| CommandError::usage(format!("telemetry: {error}")))?;
        let resource = Resource::builder()
            .with_service_name(config.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.sample_ratio)));
        // Spans wait in a bounded queue; what finds it full is left out, and no request waits for the collector.
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        Ok(Self(Some(provider)))
    }

    /// What logging hands spans to.
    pub(crate) fn tracer(&self) -> Option<SdkTracer> {
        self.0.as_ref().map(|provider| provider.tracer("signet"))
    }

    /// Sends what waits, and ends. A collector that does not answer delays the end by seconds at most.
    pub(crate) async fn stop(self) {
        let Some(provider) = self.0 else { return };
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(WITHIN)).await;
        if let Ok(Err(error)) = stopped {
            tracing::warn!(%error, "the last spans could not be sent to the collector");
        }
    }
}

/// SPEC: OTLP 1.x, endpoint configuration: the path of the signal is added to the base URL.
fn traces_endpoint(base: &Url) -> String {
    format!("{}/v1/traces", base.as_str().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_traces_is_added_to_the_base() {
        for base in ["https://c.example:4318", "https://c.example:4318/"] {
            assert_eq!(traces_endpoint(&Url::parse(base).unwrap()), "https://c.example:4318/v1/traces");
        }
        let below = Url::parse("https://c.example/otlp/").unwrap();
        assert_eq!(traces_endpoint(&below), "https://c.example/otlp/v1/traces");
    }
}
