//! What can go wrong between host and shop, and what to do about it.

use std::time::Duration;

/// A request to the shop did not give what was asked for.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ShopClientError {
    /// The address cannot be one of a shop.
    #[error("`{url}` is not the address of a shop: {why}")]
    #[diagnostic(
        code(shop::address),
        help("enter the Site Address of WordPress → Settings → General, `https://shop.example`")
    )]
    Address {
        /// What was entered.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The HTTP client could not be set up.
    #[error("no HTTP client: {0}")]
    #[diagnostic(code(shop::client), help("the machine's certificates may be missing or broken"))]
    Client(#[source] reqwest::Error),
    /// No answer came: no connection, a cut one, or too late. All tries are used up.
    #[error("the shop did not answer after {attempts} tries")]
    #[diagnostic(
        code(shop::unreachable),
        help("check that the shop's address opens from this machine; it is tried again later")
    )]
    Unreachable {
        /// Tries made.
        attempts: u32,
        /// The last failure.
        #[source]
        source: reqwest::Error,
    },
    /// The shop or a server before it is in trouble. All tries are used up.
    #[error("the shop answered {status} after {attempts} tries")]
    #[diagnostic(
        code(shop::unavailable),
        help("the shop is down or in maintenance; it is tried again later")
    )]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// Tries made.
        attempts: u32,
    },
    /// A host or firewall limits requests.
    #[error("the shop's host asks for fewer requests")]
    #[diagnostic(
        code(shop::too_many_requests),
        help(
            "it is tried again later; WooCommerce has no such limit, so ask the hosting company \
              or firewall to allow this machine"
        )
    )]
    TooManyRequests {
        /// How long to stay away, when it said so.
        retry_after: Option<Duration>,
    },
    /// The shop does not know the key, or does not take it so.
    #[error("the shop refused the key: {message}")]
    #[diagnostic(code(shop::unauthorised), help("{help}"))]
    Unauthorised {
        /// HTTP status, 401 or 403.
        status: u16,
        /// WooCommerce's code.
        code: String,
        /// WooCommerce's words.
        message: String,
        /// What to do.
        help: &'static str,
    },
    /// The object does not exist, or not any more.
    #[error("the shop has no such object: {message}")]
    #[diagnostic(code(shop::not_found))]
    NotFound {
        /// WooCommerce's code.
        code: String,
        /// WooCommerce's words.
        message: String,
    },
    /// `WordPress` answers, but WooCommerce's API does not.
    #[error("the site has no WooCommerce REST API v3")]
    #[diagnostic(
        code(shop::no_woocommerce),
        help("activate WooCommerce, or allow `/wp-json/wc/v3` in the plugin that hides it")
    )]
    NoWooCommerce,
    /// The shop refused the request itself.
    #[error("the shop refused the request ({status} {code}): {message}")]
    #[diagnostic(code(shop::refused))]
    Refused {
        /// HTTP status.
        status: u16,
        /// WooCommerce's code.
        code: String,
        /// WooCommerce's words.
        message: String,
    },
    /// The shop lives elsewhere.
    #[error("`{from}` redirects to `{to}`")]
    #[diagnostic(
        code(shop::redirected),
        help(
            "enter the address that the shop redirects to; a redirect to itself is a fault of \
              the shop's https or cache settings"
        )
    )]
    Redirected {
        /// What was asked, without its query.
        from: String,
        /// Where it points, without its query.
        to: String,
    },
    /// A page came where data was asked for.
    #[error("the shop answered {status} with a web page instead of data: {title}")]
    #[diagnostic(
        code(shop::html),
        help(
            "a maintenance page, login wall or firewall stands before `/wp-json/`; allow this \
              machine, or save WordPress → Settings → Permalinks once"
        )
    )]
    Html {
        /// HTTP status.
        status: u16,
        /// The page's title.
        title: String,
    },
    /// The answer is no JSON, or not of the expected shape.
    #[error("the shop's answer cannot be read: {why}")]
    #[diagnostic(
        code(shop::shape),
        help(
            "something prints into the shop's answers: turn off WP_DEBUG_DISPLAY, then look for \
              the plugin whose warning stands there"
        )
    )]
    Shape {
        /// What is wrong, with the beginning of the answer.
        why: String,
    },
    /// The answer is larger than is read.
    #[error("the shop's answer is larger than {bytes_max} bytes")]
    #[diagnostic(
        code(shop::too_large),
        help("an order holds unusually much meta data; find the plugin that writes it")
    )]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// A list of orders does not move on from page to page.
    #[error("the shop ignores the date in `modified_after`")]
    #[diagnostic(
        code(shop::dates_ignored),
        help("a cache or plugin drops the parameters of `/wp-json/`; exclude it from caching")
    )]
    DatesIgnored,
    /// A list goes on beyond all reason.
    #[error("the list `{route}` has more than {pages_max} pages")]
    #[diagnostic(code(shop::list_too_long))]
    ListTooLong {
        /// Route below `/wc/v3/`.
        route: String,
        /// The limit.
        pages_max: u64,
    },
}

impl ShopClientError {
    /// Whether waiting may cure it; everything else needs a person.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Unavailable { .. } | Self::TooManyRequests { .. }
        )
    }

    /// Makes an error of WooCommerce's own error object.
    pub(super) fn from_answer(status: u16, code: String, message: String) -> Self {
        match (status, code.as_str()) {
            (_, "rest_no_route") => Self::NoWooCommerce,
            (401 | 403, _) => {
                let help = help_for(&code, &message);
                Self::Unauthorised { status, code, message, help }
            }
            (404 | 410, _) => Self::NotFound { code, message },
            _ => Self::Refused { status, code, message },
        }
    }
}

/// What to do about a refused key; WooCommerce tells the reasons apart only by its words.
fn help_for(code: &str, message: &str) -> &'static str {
    if message.contains("signature") {
        "the shop's address must be entered exactly as its Site Address (https or http, www, port); \
         then check the key's secret"
    } else if message.contains("timestamp") {
        "the clocks of this machine and of the shop are more than 15 minutes apart"
    } else if message.contains("permissions") {
        "give the key the permission Read/Write under WooCommerce → Settings → Advanced → REST API"
    } else if code.contains("password") || code.contains("username") {
        "create an application password under WordPress → Users → Profile for an administrator or \
         shop manager"
    } else {
        "create a REST API key under WooCommerce → Settings → Advanced → REST API for an \
         administrator or shop manager. If the key is right, the web server drops the \
         Authorization header, or a proxy ends TLS without telling WordPress: then sign in by \
         OAuth 1.0a"
    }
}
