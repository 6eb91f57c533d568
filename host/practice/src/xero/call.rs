//! One call and its answer, apart from any HTTP library.

use bytes::Bytes;
use uuid::Uuid;

use super::json::{Fields, Json, WireStyle};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    /// A header by its name, without regard to case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(held, _)| held.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A query parameter by its name, without regard to case; decoded.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(held, _)| held.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.into_owned())
    }

    /// A boolean query parameter; none when it is absent.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.param(name).map(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The members of a form body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// Whether the call may change something.
    pub(crate) fn is_write(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "POST" | "PATCH" | "DELETE")
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// An answer without a body.
    pub(crate) const fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// A JSON answer.
    pub(crate) fn json(status: u16, body: &Json, style: WireStyle) -> Self {
        Self::empty(status)
            .header("Content-Type", "application/json; charset=utf-8")
            .body(body.write(style))
    }

    /// A plain text answer.
    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::empty(status)
            .header("Content-Type", "text/plain; charset=utf-8")
            .body(text.to_owned())
    }

    /// What an unknown address or record answers: HTML without a byte.
    pub(crate) fn not_found() -> Self {
        Self::empty(404).header("Content-Type", "text/html; charset=utf-8")
    }

    /// The problem shape of 401 and 403.
    pub(crate) fn problem(status: u16, title: &str, detail: &str, instance: Uuid) -> Self {
        let mut fields = Fields::default();
        fields
            .put("Type", Json::Null)
            .put("Title", title)
            .put("Status", status)
            .put("Detail", detail)
            .put("Instance", instance)
            .put("Extensions", Fields::default());
        Self::json(status, &fields.into(), WireStyle::Compact)
    }

    /// The exception shape of 400.
    pub(crate) fn exception(number: u32, kind: &str, message: &str) -> Self {
        let mut fields = Fields::default();
        fields.put("ErrorNumber", number).put("Type", kind).put("Message", message);
        Self::json(400, &fields.into(), WireStyle::Compact)
    }

    /// 400 for a body that cannot be read.
    pub(crate) fn bad_post_data(reason: &str) -> Self {
        let message = format!("JSON for post data was invalid,{reason}");
        Self::exception(17, "PostDataInvalidException", &message)
    }

    /// 400 for a filter, order or parameter that cannot be read.
    pub(crate) fn bad_query(reason: &str) -> Self {
        Self::exception(16, "QueryParseException", reason)
    }

    /// 501 for what Xero has and the simulator does not, and for what neither has.
    pub(crate) fn not_implemented() -> Self {
        Self::text(501, "The Api Method called is not implemented")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

impl From<Fields> for Reply {
    fn from(fields: Fields) -> Self {
        Self::json(200, &fields.into(), WireStyle::Compact)
    }
}
