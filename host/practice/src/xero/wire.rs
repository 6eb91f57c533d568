//! A listener whose connections can be cut in the middle of an answer.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What is still let through to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// Everything.
    Open,
    /// The headers of the answer and so many bytes of its body.
    Body(usize),
    /// Nothing.
    Shut,
}

/// Cuts one connection.
#[derive(Debug, Clone)]
pub(crate) struct Scissors(Arc<Mutex<Flow>>);

impl Scissors {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Flow::Open)))
    }

    /// Closes the connection before another byte.
    pub(crate) fn cut_now(&self) {
        self.set(Flow::Shut);
    }

    /// Closes the connection after the answer's headers and so many bytes of its body.
    pub(crate) fn cut_in_body(&self, bytes: usize) {
        self.set(Flow::Body(bytes));
    }

    fn set(&self, flow: Flow) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = flow;
    }

    /// How many bytes of `buffer` may go out now.
    fn allow(&self, buffer: &[u8]) -> Option<usize> {
        let mut flow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *flow {
            Flow::Open => Some(buffer.len()),
            Flow::Shut => None,
            Flow::Body(bytes) => {
                *flow = Flow::Shut;
                let head = buffer.windows(4).position(|four| four == b"\r\n\r\n");
                let end = head.map_or(0, |at| at + 4).saturating_add(bytes);
                Some(end.min(buffer.len()))
            }
        }
    }
}

/// A TCP listener with [`Scissors`] for each connection.
pub(crate) struct CuttableListener(pub(crate) TcpListener);

/// One connection.
pub(crate) struct CuttableStream {
    stream: TcpStream,
    scissors: Scissors,
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (CuttableStream { stream, scissors: Scissors::new() }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.io().scissors.clone()
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.scissors.allow(buffer) {
            Some(bytes) => {
                let allowed = buffer.get(..bytes).unwrap_or(buffer);
                Pin::new(&mut self.stream).poll_write(context, allowed)
            }
            None => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
