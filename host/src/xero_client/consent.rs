//! A person's consent: an address to open, and a callback on this machine that waits for the code.
//!
//! (RFC 7636 for the proof of the code, RFC 8252 for the callback on a loopback port.)

use std::{io, net::Ipv6Addr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::Html,
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::{net::TcpListener, sync::mpsc};
use url::Url;

/// How long a person may take.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// No consent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// The address of the consent page is none.
    #[error("`xero.authorise_url` is `{0}`, which is no address")]
    Address(String),
    /// This machine gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(String),
    /// The port cannot be listened on.
    #[error(
        "port {port} of this machine cannot be used: {error}; choose another with --port, and add \
         its address to the app's redirect URIs"
    )]
    Port {
        /// The port.
        port: u16,
        /// Why not.
        error: io::Error,
    },
    /// The person, or Xero, said no.
    #[error("Xero gave no consent: {0}")]
    Denied(String),
    /// Nobody came back in time.
    #[error("nobody came back from Xero within ten minutes")]
    TimedOut,
}

/// One consent that is asked for.
#[derive(Debug)]
pub struct Consent {
    /// What a person opens in a browser.
    pub address: Url,
    /// Where Xero sends the person back to.
    pub redirect_uri: String,
    /// Proves that whoever brings the code also asked for it.
    pub verifier: String,
    state: String,
}

impl Consent {
    /// Asks for scopes. The proof goes along with every app: those with a secret need none, and it
    /// does them no harm.
    ///
    /// # Errors
    /// [`ConsentError::Address`] or [`ConsentError::Random`].
    pub fn ask(
        authorise_url: &str,
        client_id: &str,
        scopes: &[&str],
        port: u16,
    ) -> Result<Self, ConsentError> {
        let redirect_uri = format!("http://localhost:{port}/callback");
        Self::ask_to(authorise_url, client_id, scopes, redirect_uri)
    }

    /// The same, with the address that Xero sends the person back to.
    ///
    /// # Errors
    /// [`ConsentError::Address`] or [`ConsentError::Random`].
    pub fn ask_to(
        authorise_url: &str,
        client_id: &str,
        scopes: &[&str],
        redirect_uri: String,
    ) -> Result<Self, ConsentError> {
        let mut address = Url::parse(authorise_url)
            .map_err(|_| ConsentError::Address(authorise_url.to_owned()))?;
        let (verifier, state) = (random()?, random()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", &redirect_uri),
            ("scope", &scopes.join(" ")),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(Self { address, redirect_uri, verifier, state })
    }
}

impl Consent {
    /// What Xero brings back, so that it is known which consent it is.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }
}

/// 256 random bits as text.
fn random() -> Result<String, ConsentError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| ConsentError::Random(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The callback on this machine.
#[derive(Debug)]
pub struct Callback {
    listener: TcpListener,
    port: u16,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

#[derive(Debug)]
struct Waiting {
    state: String,
    came: mpsc::Sender<Result<String, String>>,
}

impl Callback {
    /// Listens on a port of this machine; 0 takes a free one.
    ///
    /// # Errors
    /// [`ConsentError::Port`].
    pub async fn open(port: u16) -> Result<Self, ConsentError> {
        let fail = |error| ConsentError::Port { port, error };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(fail)?;
        let port = listener.local_addr().map_err(fail)?.port();
        Ok(Self { listener, port })
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the code that a consent brings. Whoever comes with another state is sent away.
    ///
    /// # Errors
    /// [`ConsentError::Denied`] or [`ConsentError::TimedOut`].
    pub async fn wait(self, consent: &Consent, patience: Duration) -> Result<String, ConsentError> {
        let (came, mut coming) = mpsc::channel(1);
        let waiting = Arc::new(Waiting { state: consent.state.clone(), came });
        let router = Router::new().route("/callback", get(receive)).with_state(waiting);
        // A browser may take `localhost` for either address.
        let other = TcpListener::bind((Ipv6Addr::LOCALHOST, self.port)).await;
        let mut tasks = tokio::task::JoinSet::new();
        for listener in [Some(self.listener), other.ok()].into_iter().flatten() {
            let router = router.clone();
            tasks.spawn(async move { axum::serve(listener, router).await });
        }
        let came = tokio::time::timeout(patience, coming.recv()).await;
        // The page that says so is still on its way.
        tokio::time::sleep(Duration::from_millis(200)).await;
        match came {
            Ok(Some(Ok(code))) => Ok(code),
            Ok(Some(Err(words))) => Err(ConsentError::Denied(words)),
            Ok(None) | Err(_) => Err(ConsentError::TimedOut),
        }
    }
}

async fn receive(
    State(waiting): State<Arc<Waiting>>,
    Query(answer): Query<Answer>,
) -> (StatusCode, Html<&'static str>) {
    if !bool::from(answer.state.as_bytes().ct_eq(waiting.state.as_bytes())) {
        let page = "<p>This is not the consent that Tillbook waits for. Open the address that it \
             shows.</p>";
        return (StatusCode::BAD_REQUEST, Html(page));
    }
    let (came, page) = if answer.code.is_empty() {
        let words = if answer.error_description.is_empty() {
            answer.error
        } else {
            format!("{}: {}", answer.error, answer.error_description)
        };
        (Err(words), "<p>Xero gave no consent. Go back to Tillbook, which says more.</p>")
    } else {
        (Ok(answer.code), "<p>Thank you. You may close this window and go back to Tillbook.</p>")
    };
    // The first one counts; whoever comes later has nothing to add.
    waiting.came.try_send(came).ok();
    (StatusCode::OK, Html(page))
}
