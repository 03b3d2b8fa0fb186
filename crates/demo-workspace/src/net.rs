//! Listens on localhost. Its connections can be reset during a call.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// How often to try to find a port that is free in both address families.
const ATTEMPTS: usize = 20;

/// Binds 127.0.0.1, and [::1] if the machine has it, on the same port; 0 picks one that is free on both. Returns the
/// listeners and the port.
pub(crate) async fn bind_localhost(port: u16) -> io::Result<(Vec<Listener>, u16)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let bound = v4.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, bound)).await {
            Ok(v6) => return Ok((vec![Listener(v4), Listener(v6)], bound)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                if port != 0 || attempt == ATTEMPTS {
                    return Err(error);
                }
            }
            Err(_) => return Ok((vec![Listener(v4)], bound)),
        }
    }
}

/// A listener whose connections respond immediately (no Nagle delay) and can be reset.
#[derive(Debug)]
pub(crate) struct Listener(TcpListener);

impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.0).await;
        // If this fails, responses are only slower.
        let _ = stream.set_nodelay(true);
        (
            Stream {
                inner: stream,
                reset: ResetHandle::default(),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Resets one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResetHandle(Arc<AtomicBool>);

impl ResetHandle {
    pub(crate) fn reset(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connected<IncomingStream<'_, Listener>> for ResetHandle {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.io().reset.clone()
    }
}

/// A connection. After [`ResetHandle::reset`], its next write fails and it ends with a TCP reset.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: TcpStream,
    reset: ResetHandle,
}

impl Stream {
    fn ensure_not_reset(&self) -> io::Result<()> {
        if self.reset.0.load(Ordering::Relaxed) {
            self.inner.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.ensure_not_reset()?;
        Pin::new(&mut self.inner).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.ensure_not_reset()?;
        Pin::new(&mut self.inner).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
