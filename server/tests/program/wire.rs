//! A connection to a server that can be interrupted: sent data is kept, and arrives after the repair. Neither side
//! notices.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) struct Wire {
    port: u16,
    is_cut: Arc<watch::Sender<bool>>,
}

impl Wire {
    /// A connection to this local port. It ends with the test.
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_cut = Arc::new(watch::Sender::new(false));
        let wire = Arc::clone(&is_cut);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let wire = wire.subscribe();
                tokio::spawn(connect(client, server, wire));
            }
        });
        Self { port, is_cut }
    }

    /// The port to connect to.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    pub(crate) fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

async fn connect(client: TcpStream, server: u16, mut is_cut: watch::Receiver<bool>) {
    let _ = is_cut.wait_for(|is_cut| !is_cut).await;
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::join!(
        pump(from_client, to_server, is_cut.clone()),
        pump(from_server, to_client, is_cut)
    );
}

/// Copies bytes until one side closes, and then closes the other side.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut is_cut: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or_default();
        let _ = is_cut.wait_for(|is_cut| !is_cut).await;
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            let _ = to.shutdown().await;
            return;
        }
    }
}
