//! What carries a request to Xero and its answer back: HTTPS, or something else in its place.
//!
//! Everything above knows requests and answers only, so a test may stand where the network is.

use std::time::Duration;

use axum::http::{Request, Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use url::Url;

use super::failure::describe;
use crate::http::{self, BodyError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Carries one request and brings its answer.
pub trait Wire: std::fmt::Debug + Send + Sync {
    /// Sends a request and gives the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`WireError`], classed by what may have happened at the other end.
    fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, WireError>>;
}

/// No answer came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Nothing was sent: there was nobody to send it to.
    #[error("{0}")]
    Connect(String),
    /// It may have been sent: the answer did not come, or did not come whole.
    #[error("{0}")]
    Broken(String),
    /// An answer came that is longer than what is read.
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
}

/// The network.
#[derive(Debug)]
pub(super) struct Https {
    client: reqwest::Client,
    response_bytes_max: usize,
}

impl Https {
    /// Makes it for an address. No redirects: a token goes only to the configured address.
    pub(super) fn open(
        address: &Url,
        timeout: Duration,
        response_bytes_max: usize,
    ) -> reqwest::Result<Self> {
        let client = http::client(address, timeout, CONNECT_TIMEOUT)?;
        Ok(Self { client, response_bytes_max })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        let request = reqwest::Request::try_from(request).map_err(|error| classed(&error))?;
        let answer = self.client.execute(request).await.map_err(|error| classed(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = http::read_body(answer, self.response_bytes_max).await;
        let body = body.map_err(|error| match error {
            BodyError::Torn(error) => WireError::Broken(describe(&error)),
            BodyError::TooLarge => WireError::TooLarge(self.response_bytes_max),
        })?;
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

impl Wire for Https {
    fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, WireError>> {
        Box::pin(self.send(request))
    }
}

fn classed(error: &reqwest::Error) -> WireError {
    let words = describe(error);
    if error.is_connect() || error.is_builder() {
        WireError::Connect(words)
    } else {
        WireError::Broken(words)
    }
}
