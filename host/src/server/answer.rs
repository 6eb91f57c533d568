//! What goes wrong, in the words of HTTP: `{"error":{"code","message"}}`.

use axum::{
    Json,
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    branch::OpenError,
    door::DoorError,
    facts::FactsError,
    shop_client::ShopClientError,
    store::StoreError,
    xero_client::{ClientError, Failure},
};

/// Something that went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// What went wrong.
    error: Problem,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A word for programs; it does not change.
    #[schema(example = "not_found")]
    code: String,
    /// A sentence for people.
    message: String,
}

/// A refusal that a route can give.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after_secs: Option<u64>,
    /// What stands beside the error.
    more: Option<(&'static str, serde_json::Value)>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after_secs: None, more: None }
    }

    /// Something that is in the way as things stand, and that somebody can change.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// It is understood, and cannot be.
    pub(crate) fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// Shop or Xero did not give what was asked of them.
    pub(crate) fn bad_gateway(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, code, message)
    }

    /// With something beside the error.
    pub(crate) fn with(self, name: &'static str, value: &impl Serialize) -> Self {
        Self { more: serde_json::to_value(value).ok().map(|value| (name, value)), ..self }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn unsigned() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unsigned", "the signature does not fit")
    }

    pub(crate) fn unauthorized() -> Self {
        let message = "a good token is needed: Authorization: Bearer …";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(crate) fn too_many(secs: u64) -> Self {
        let message = "too many requests; come again later";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message).retry_after(secs)
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message).retry_after(1)
    }

    /// Something of ours broke: what exactly goes to the log only.
    pub(crate) fn internal() -> Self {
        let message = "something went wrong here; the log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// The word for programs.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    fn retry_after(self, secs: u64) -> Self {
        Self { retry_after_secs: Some(secs.max(1)), ..self }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        match error {
            StoreError::Database(_) => Self::unavailable("the database does not answer"),
            _ => Self::internal(),
        }
    }
}

impl From<ShopClientError> for ApiError {
    fn from(error: ShopClientError) -> Self {
        Self::bad_gateway("shop_unreachable", format!("the shop: {error}"))
    }
}

impl From<FactsError> for ApiError {
    fn from(error: FactsError) -> Self {
        Self::bad_gateway("shop_unreachable", format!("the shop: {error}"))
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        let code = match failure {
            Failure::Refused { .. } => "xero_refused",
            Failure::NotDone { .. } | Failure::Unknown { .. } => "xero_unreachable",
        };
        Self::bad_gateway(code, format!("Xero: {failure}"))
    }
}

impl From<DoorError> for ApiError {
    fn from(error: DoorError) -> Self {
        tracing::error!(%error, "the core could not be asked");
        Self::internal()
    }
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Core(error) => error.into(),
            OpenError::Shop(error) => error.into(),
            OpenError::Xero(failure) => failure.into(),
            OpenError::NoSettings(_) => {
                Self::conflict("not_ready", "the shop has no settings yet: save them first")
            }
            OpenError::NoConnection(_) => {
                Self::conflict("not_connected", "the shop is not connected to Xero yet")
            }
            error => {
                tracing::error!(%error, "a shop cannot be opened");
                Self::internal()
            }
        }
    }
}

impl From<ClientError> for ApiError {
    fn from(error: ClientError) -> Self {
        tracing::error!(%error, "no client for Xero");
        Self::internal()
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "send Content-Type: application/json",
            ),
            _ => Self::bad_request(rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem { code: self.code.to_owned(), message: self.message };
        let body = match self.more {
            None => Json(ErrorBody { error: problem }).into_response(),
            Some((name, value)) => {
                Json(serde_json::json!({ "error": problem, name: value })).into_response()
            }
        };
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        if let Some(secs) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

pub(crate) fn too_large() -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too large")
}

pub(crate) async fn not_found() -> ApiError {
    ApiError::not_found("there is nothing here")
}

pub(crate) async fn method_not_allowed() -> ApiError {
    let message = "this is not done here; `Allow` says what is";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
