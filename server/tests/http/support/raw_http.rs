//! Requests that no HTTP library sends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Sends these bytes, and reads until the server closes the connection. The answer is empty where there is none.
pub(crate) async fn raw(address: SocketAddr, bytes: Vec<u8>) -> String {
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // A server that has read enough may close before everything is written.
        let _ = stream.write_all(&bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

/// Sends these bytes and closes the connection after `delay`, without reading: a client that leaves in the middle.
pub(crate) async fn abandon(address: SocketAddr, bytes: &[u8], delay: Duration) {
    use tokio::io::AsyncWriteExt as _;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    tokio::time::sleep(delay).await;
}
