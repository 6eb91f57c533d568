//! Who the host is to a shop.

use std::fmt;

/// Keys to a shop. Secrets print as `***`.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A REST API key of WooCommerce → Settings → Advanced → REST API.
    ConsumerKey {
        /// `ck_…`.
        key: String,
        /// `cs_…`.
        secret: String,
    },
    /// A `WordPress` application password; it acts as the whole user.
    ApplicationPassword {
        /// User name.
        user: String,
        /// The password, with or without its spaces.
        password: String,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConsumerKey { .. } => formatter
                .debug_struct("ConsumerKey")
                .field("key", &"***")
                .field("secret", &"***")
                .finish(),
            Self::ApplicationPassword { user, .. } => formatter
                .debug_struct("ApplicationPassword")
                .field("user", user)
                .field("password", &"***")
                .finish(),
        }
    }
}

/// How a REST API key signs in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignIn {
    /// Basic over https, OAuth 1.0a over http, as WooCommerce wants it.
    #[default]
    Auto,
    /// Basic, also over http: for a shop that knows its proxy ends TLS.
    Basic,
    /// OAuth 1.0a, also over https: for a shop behind a proxy that ends TLS without telling
    /// `WordPress`, which then believes it is asked over http.
    OAuth1,
}
