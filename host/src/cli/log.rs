//! The log: lines or JSON on standard error, and spans to a collector where that is built in.
//!
//! No field may hold what names a person: ids, counts, plans, times and reasons only. A test runs a
//! sync with the log wide open and looks for every name.

use tillbook::config::{LogConfig, LogFormat};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt,
};

/// What must live as long as the log does.
pub(crate) struct Log {
    #[cfg(feature = "otel")]
    spans: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

/// Starts it; `TILLBOOK_LOG` (such as `tillbook=debug`) goes over `-v`.
pub(crate) fn start(verbose: u8, config: &LogConfig) -> Log {
    let level = match verbose {
        0 => "tillbook=error",
        1 => "tillbook=info",
        // Libraries below may quote addresses and bodies: they are not asked.
        _ => "tillbook=debug",
    };
    let filter = EnvFilter::try_from_env("TILLBOOK_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match config.format {
        LogFormat::Text => Box::new(lines.with_filter(filter)),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).with_filter(filter)),
    };
    begin(lines, config)
}

#[cfg(not(feature = "otel"))]
fn begin(lines: Box<dyn Layer<Registry> + Send + Sync>, config: &LogConfig) -> Log {
    tracing_subscriber::registry().with(lines).init();
    if !config.otlp_url.is_empty() {
        tracing::warn!("`log.otlp_url` is set, but this program was built without `otel`");
    }
    Log {}
}

#[cfg(feature = "otel")]
fn begin(lines: Box<dyn Layer<Registry> + Send + Sync>, config: &LogConfig) -> Log {
    let spans = match spans(&config.otlp_url) {
        Ok(spans) => spans,
        Err(error) => {
            eprintln!("`log.otlp_url` cannot be used: {error}");
            None
        }
    };
    let traced = spans.as_ref().map(|spans| {
        use opentelemetry::trace::TracerProvider as _;
        let ours = EnvFilter::new("tillbook=info");
        tracing_opentelemetry::layer().with_tracer(spans.tracer("tillbook")).with_filter(ours)
    });
    tracing_subscriber::registry().with(lines).with(traced).init();
    Log { spans }
}

/// What sends spans to a collector; none without an address.
#[cfg(feature = "otel")]
fn spans(
    address: &str,
) -> Result<
    Option<opentelemetry_sdk::trace::SdkTracerProvider>,
    opentelemetry_otlp::ExporterBuildError,
> {
    use opentelemetry_otlp::WithExportConfig as _;
    use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
    if address.is_empty() {
        return Ok(None);
    }
    // A second call finds it installed; both are the same provider.
    rustls::crypto::ring::default_provider().install_default().ok();
    let exporter =
        opentelemetry_otlp::SpanExporter::builder().with_http().with_endpoint(address).build()?;
    let resource = opentelemetry_sdk::Resource::builder().with_service_name("tillbook").build();
    // On our own runtime: the thread of the usual one could not drive the client.
    let processor =
        BatchSpanProcessor::builder(exporter, opentelemetry_sdk::runtime::Tokio).build();
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_span_processor(processor)
        .with_resource(resource)
        .build();
    Ok(Some(provider))
}

#[cfg(feature = "otel")]
impl Drop for Log {
    fn drop(&mut self) {
        if let Some(spans) = self.spans.take() {
            // What could not be sent is lost; nothing waits for it.
            spans.shutdown().ok();
        }
    }
}
