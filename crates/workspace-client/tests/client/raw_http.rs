//! A server that writes bytes instead of HTTP responses, so that it can break the protocol.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Raw {
    pub(crate) address: String,
    requests: Arc<AtomicUsize>,
}

impl Raw {
    /// Calls `respond` for each connection as soon as the head of its request has arrived, with the number of earlier
    /// requests. The bytes that it returns are written unchanged, and the connection is closed.
    pub(crate) async fn start<F, A>(respond: F) -> Self
    where
        F: Fn(usize) -> A + Send + Sync + 'static,
        A: Future<Output = Vec<u8>> + Send + 'static,
    {
        let respond = Arc::new(respond);
        Self::serve(move |mut stream, before| {
            let respond = Arc::clone(&respond);
            async move {
                let bytes = respond(before).await;
                // The client may have closed the connection.
                let _ = stream.write_all(&bytes).await;
            }
        })
        .await
    }

    /// Calls `respond` with each connection as soon as the head of its request has arrived, and with the number of
    /// earlier requests.
    async fn serve<F, A>(respond: F) -> Self
    where
        F: Fn(TcpStream, usize) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (respond, counter) = (Arc::new(respond), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (respond, counter) = (Arc::clone(&respond), Arc::clone(&counter));
                tokio::spawn(async move {
                    read_head(&mut stream).await;
                    respond(stream, counter.fetch_add(1, Ordering::SeqCst)).await;
                });
            }
        });
        Self { address, requests }
    }

    /// Responds with these parts, each in its own packet and followed by `pause`. The connection then stays open.
    pub(crate) async fn dripping(parts: Vec<Vec<u8>>, pause: Duration) -> Self {
        let parts = Arc::new(parts);
        Self::serve(move |mut stream, _| {
            let parts = Arc::clone(&parts);
            async move {
                stream.set_nodelay(true).unwrap();
                for part in parts.iter() {
                    if stream.write_all(part).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
                std::future::pending::<()>().await;
            }
        })
        .await
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

/// A complete response.
pub(crate) fn json(body: &str) -> Vec<u8> {
    truncated(body, body.len())
}

/// A response with the content length `length`, whatever the length of its body.
pub(crate) fn truncated(body: &str, length: usize) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}
