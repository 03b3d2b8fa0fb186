//! The network between the console and a workspace: certificates, and an outgoing proxy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use demo_workspace::Running;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::{LIST, RunningConsole, demo, program, run_to_end};

/// A certificate authority, and the path of its certificate.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(dir: &Path) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let file = dir.join("ca.pem");
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            file,
        }
    }

    /// A TLS server with a certificate for `name` that is valid until the end of `year`. Forwards everything to the
    /// demo workspace. Returns its port.
    async fn serve(&self, name: &str, (from, until): (i32, i32), demo: &Running) -> u16 {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        // Two crypto providers are compiled in: that of the HTTP client, and that of the PostgreSQL client.
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let workspace = address_of(demo);
        listen(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                // The client may not accept the certificate.
                let Ok(mut client) = acceptor.accept(stream).await else {
                    return;
                };
                let mut server = TcpStream::connect(workspace).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        })
        .await
    }
}

fn address_of(demo: &Running) -> SocketAddr {
    let port = demo.url().rsplit(':').next().unwrap().parse::<u16>().unwrap();
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Handles every connection to a free port. Returns the port.
async fn listen<F>(handle: impl Fn(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream));
        }
    });
    port
}

/// A proxy that responds to CONNECT with `head`, and connects every host to `target` if that is a success.
async fn proxy(head: &'static str, target: u16) -> (u16, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let port = listen(move |mut client| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(client.read_u8().await.unwrap());
            }
            assert!(request.starts_with(b"CONNECT "));
            client.write_all(head.as_bytes()).await.unwrap();
            if head.starts_with("HTTP/1.1 200") {
                let mut server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        }
    })
    .await;
    (port, connections)
}

const ESTABLISHED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A port on which nothing listens.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

/// What `check-config` prints about a workspace with this URL, in this environment.
async fn check(url: &str, environment: &[(&str, &str)]) -> (bool, String) {
    let data = tempfile::tempdir().unwrap();
    let workspace = format!("acme={url}");
    let data_dir = data.path().to_str().unwrap();
    let mut command = program(&["check-config", "--workspace", &workspace, "--data-dir", data_dir]);
    command.envs(environment.iter().copied());
    // The servers run in this process.
    tokio::task::spawn_blocking(move || run_to_end(command)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_connection_is_named() {
    let (demo, dir) = (demo().await, tempfile::tempdir().unwrap());
    let authority = Authority::new(dir.path());
    let trusted = [("SSL_CERT_FILE", authority.file.to_str().unwrap())];
    let now = (2020, 2099);
    let valid = authority.serve("localhost", now, &demo).await;
    let other_name = authority.serve("other.example", now, &demo).await;
    let expired = authority.serve("localhost", (2020, 2021), &demo).await;
    let early = authority.serve("localhost", (2098, 2099), &demo).await;
    let plain = address_of(&demo).port();
    let refused = free_port().await;
    for (port, environment, fault) in [
        (valid, &[][..], "certificate of an unknown issuer"),
        (other_name, &trusted, "certificate of another host"),
        (expired, &trusted, "certificate expired"),
        (early, &trusted, "certificate not valid yet"),
        (plain, &[], "TLS failed"),
        (refused, &[], "connection refused"),
    ] {
        let (succeeded, text) = check(&format!("https://localhost:{port}"), environment).await;
        assert!(
            !succeeded && text.contains(&format!("FAILED: unreachable: {fault}. ")),
            "{fault}: {text}"
        );
    }
    let (_, text) = check("https://workspace.invalid", &[]).await;
    assert!(text.contains("FAILED: unreachable: host name not found. "), "{text}");
    let (_, text) = check(&format!("https://localhost:{valid}"), &trusted).await;
    assert!(
        text.contains("ca.pem (SSL_CERT_FILE)") && !text.contains("unreachable"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_certificates_that_cannot_be_used_stops_the_console() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    for (path, reason) in [
        ("/nowhere/ca.pem", "No such file"),
        (dir.path().to_str().unwrap(), "directory"),
        (empty.to_str().unwrap(), "contains no certificate"),
    ] {
        let (succeeded, text) = check("https://acme.example", &[("SSL_CERT_FILE", path)]).await;
        let expected = format!("Cannot read CA certificates from {path}, the file in SSL_CERT_FILE: ");
        assert!(
            !succeeded && text.contains(&expected) && text.contains(reason),
            "{text}"
        );
    }
    let (succeeded, text) = check("https://acme.example", &[("HTTPS_PROXY", "socks5://mia:s3cret@proxy")]).await;
    assert!(
        !succeeded && text.contains("HTTPS_PROXY is not the URL of an HTTP proxy"),
        "{text}"
    );
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_an_outgoing_proxy_is_named() {
    let unreachable = free_port().await;
    let (asking, _) = proxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", 0).await;
    let (refusing, _) = proxy("HTTP/1.1 502 Bad Gateway\r\n\r\n", 0).await;
    for (port, fault) in [
        (unreachable, "outgoing proxy unreachable"),
        (asking, "outgoing proxy asks for a password"),
        (refusing, "outgoing proxy refused"),
    ] {
        let url = format!("http://mia:s3cret@127.0.0.1:{port}");
        let (succeeded, text) = check("https://acme.example", &[("HTTPS_PROXY", &url)]).await;
        assert!(
            !succeeded && text.contains(&format!("FAILED: unreachable: {fault}. ")),
            "{text}"
        );
        assert!(
            text.contains(&format!("http://127.0.0.1:{port} (HTTPS_PROXY)")),
            "{text}"
        );
        assert!(!text.contains("s3cret"), "{text}");
    }
    let unknown = "http://proxy.invalid:3128";
    let (_, text) = check("https://acme.example", &[("HTTPS_PROXY", unknown)]).await;
    assert!(text.contains("outgoing proxy unreachable"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_reaches_its_workspace_through_a_proxy_with_a_certificate_of_its_own() {
    let (demo, dir) = (demo().await, tempfile::tempdir().unwrap());
    let authority = Authority::new(dir.path());
    let workspace = authority.serve("acme.example", (2020, 2099), &demo).await;
    let (port, connections) = proxy(ESTABLISHED, workspace).await;
    let proxy_url = format!("http://127.0.0.1:{port}");
    let ca_file = authority.file.to_str().unwrap();
    let environment = [("SSL_CERT_FILE", ca_file), ("HTTPS_PROXY", proxy_url.as_str())];
    let data = dir.path().join("data");
    let console = RunningConsole::in_environment("https://acme.example", &data, &environment).await;
    let cookie = console.sign_in(demo.credentials().admin.pat.as_ref().unwrap()).await;
    assert_eq!(console.status(LIST, &cookie).await, 200);
    assert!(connections.load(Ordering::SeqCst) > 0);
    let (_, log) = console.stop();
    assert!(log.contains("reached through an outgoing proxy"), "{log}");

    // A host in NO_PROXY is contacted directly, by its name only.
    let environment = [environment[0], environment[1], ("NO_PROXY", "acme.example")];
    let (_, text) = check("https://acme.example", &environment).await;
    assert!(text.contains("outgoing proxy         none"), "{text}");
    assert!(text.contains("host name not found"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_on_this_machine_is_never_reached_through_a_proxy() {
    let (demo, dir) = (demo().await, tempfile::tempdir().unwrap());
    let (port, connections) = proxy("HTTP/1.1 502 Bad Gateway\r\n\r\n", 0).await;
    let proxy_url = format!("http://127.0.0.1:{port}");
    let environment = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, proxy_url.as_str()));
    let console = RunningConsole::in_environment(demo.url(), dir.path(), &environment).await;
    let cookie = console.sign_in(demo.credentials().admin.pat.as_ref().unwrap()).await;
    assert_eq!(console.status(LIST, &cookie).await, 200);
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_log_say_why_a_connection_fails() {
    let (demo, dir) = (demo().await, tempfile::tempdir().unwrap());
    let authority = Authority::new(dir.path());
    let port = authority.serve("localhost", (2020, 2099), &demo).await;
    let data = dir.path().join("data");
    let console = RunningConsole::in_environment(&format!("https://localhost:{port}"), &data, &[]).await;
    let pat = demo.credentials().admin.pat.clone().unwrap();
    let form = [("workspace", "acme"), ("token", pat.as_str()), ("next", "")];
    let page = console.post("/api/sign_in/with_token", "", &form).await;
    let page = console.page(&page, "").await;
    assert!(page.contains("Cannot connect to acme"), "{page}");
    assert!(page.contains("The certificate comes from an issuer that"), "{page}");
    let (_, log) = console.stop();
    assert!(log.contains("unreachable: certificate of an unknown issuer"), "{log}");
}
