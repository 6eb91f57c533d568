//! Which request does what.

mod batch;
mod catalogue;
mod order;
mod payments;
mod refund;
mod webhook;

use serde_json::{Value, json};

use super::access::Signed;
use super::clock::offset_hours;
use super::listing::{Listing, Rules, id_of};
use super::query::Params;
use super::reply::Reply;
use super::store::Shop;

/// A request after the transport has been taken off.
#[derive(Debug)]
pub(crate) struct Request {
    /// Upper-case method, after `X-HTTP-Method-Override` or `_method`.
    pub(crate) method: String,
    /// Route below the REST prefix, `/wc/v3/orders`.
    pub(crate) route: String,
    /// Path as it was asked for; what the client signed.
    pub(crate) path: String,
    /// Query parameters.
    pub(crate) params: Params,
    /// JSON body, or the fields of a form; null without one.
    pub(crate) body: Value,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
    /// Whether `WordPress` would take it for https.
    pub(crate) ssl: bool,
}

impl Shop {
    /// Answers one request.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        self.journal.push(format!("{} {}", request.method, request.route));
        let mut reply = self.admit(request).unwrap_or_else(|refusal| refusal);
        reply.keep_fields(&request.params.list("_fields"));
        reply
    }

    fn admit(&mut self, request: &Request) -> Result<Reply, Reply> {
        let segments: Vec<&str> =
            request.route.split('/').filter(|part| !part.is_empty()).collect();
        let rest = match segments.as_slice() {
            [] => return Ok(Reply::ok(self.index())),
            ["wc", "v3"] => return Ok(Reply::ok(json!({"namespace": "wc/v3", "routes": {}}))),
            ["wc", "v3", rest @ ..] => rest,
            _ => return Err(Reply::no_route()),
        };
        let scheme = if request.ssl { "https" } else { "http" };
        let home = self.home.split_once("://").map_or(self.home.as_str(), |(_, host)| host);
        let signed = Signed {
            method: &request.method,
            url: &format!("{scheme}://{home}{}", request.path),
            params: &request.params,
            authorization: request.authorization.as_deref(),
            ssl: request.ssl,
        };
        match self.doorkeeper.admit(&signed)? {
            Some(permission) => permission.check(&request.method)?,
            None => return Err(anonymous(&request.method, rest)),
        }
        self.route(request, rest)
    }

    fn route(&mut self, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
        match rest {
            ["orders", "batch"] => self.batch_orders(request),
            ["orders", ..] => self.route_orders(request, rest),
            ["refunds"] if request.method == "GET" && self.lists_refunds => {
                self.list_refunds(request, None)
            }
            ["payments", rest @ ..] => self.route_payments(request, rest),
            ["webhooks", rest @ ..] => self.route_webhooks(request, rest),
            _ => self.route_catalogue(request, rest),
        }
    }

    /// Reads one object as its webhook body: the REST answer to GET, also when it is an error.
    pub(crate) fn read_resource(&mut self, resource: &str, id: u64) -> Reply {
        let request = Request {
            method: "GET".to_owned(),
            route: String::new(),
            path: String::new(),
            params: Params::default(),
            body: Value::Null,
            authorization: None,
            ssl: false,
        };
        let (collection, id) = (format!("{resource}s"), id.to_string());
        self.route(&request, &[&collection, &id]).unwrap_or_else(|error| error)
    }

    /// Answers a list with its headers; `print` gives each object its answered form.
    pub(crate) fn list<'a>(
        &self,
        request: &Request,
        rules: Rules,
        items: impl Iterator<Item = &'a Value>,
        print: impl Fn(&Value) -> Value,
    ) -> Result<Reply, Reply> {
        let listing = Listing::read(&request.params, rules, self.zone)?;
        let (page, total) = listing.cut(items);
        let mut reply = Reply::ok(page.into_iter().map(print).collect());
        let url = self.rest_url(&request.route);
        listing.head(&mut reply, total, &url, &request.params);
        Ok(reply)
    }

    /// The REST index: who the site is and which zone it keeps; open to everybody.
    fn index(&self) -> Value {
        json!({
            "name": "Practice shop",
            "description": "",
            "url": self.home,
            "home": self.home,
            "gmt_offset": offset_hours(self.now(), self.zone),
            "timezone_string": self.zone.name(),
            "page_for_posts": 0,
            "page_on_front": 0,
            "show_on_front": "posts",
            "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc/store", "wp/v2"],
            "authentication": {"application-passwords": {"endpoints": {
                "authorization": format!("{}/wp-admin/authorize-application.php", self.home),
            }}},
            "routes": {},
        })
    }
}

/// Finds an object by the id in the route.
pub(crate) fn find<'a>(
    items: impl IntoIterator<Item = &'a Value>,
    id: &str,
    code: &str,
    message: &str,
) -> Result<&'a Value, Reply> {
    let wanted = id.parse::<u64>().map_err(|_| Reply::no_route())?;
    let mut items = items.into_iter();
    items.find(|item| id_of(item) == wanted).ok_or_else(|| Reply::unknown(code, message))
}

/// What a visitor without a key is told.
fn anonymous(method: &str, rest: &[&str]) -> Reply {
    let single = rest.last().is_some_and(|last| last.parse::<u64>().is_ok());
    let (code, message) = match method {
        "GET" | "HEAD" if single => {
            ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.")
        }
        "POST" if !single => {
            ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources.")
        }
        "POST" | "PUT" | "PATCH" => {
            ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.")
        }
        "DELETE" => (
            "woocommerce_rest_cannot_delete",
            "Sorry, you are not allowed to delete this resource.",
        ),
        _ => ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    };
    Reply::error(401, code, message)
}
