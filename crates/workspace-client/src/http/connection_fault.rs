//! Why a connection could not be made, from the error of the HTTP client.

use std::error::Error as StdError;
use std::io;

use domain::ConnectionFault;
use rustls::CertificateError;

/// The prefix of the errors of `hyper-util` about the tunnel through a proxy. Only their text tells them apart, since
/// their type is private
/// (<https://github.com/hyperium/hyper-util/blob/v0.1.21/src/client/legacy/connect/proxy/tunnel.rs>).
const TUNNEL_ERROR: &str = "tunnel error: ";

/// Why there was no connection, or why it broke.
pub(crate) fn connection_fault(error: &reqwest::Error) -> ConnectionFault {
    if !error.is_connect() {
        return ConnectionFault::Broken;
    }
    let mut tunnel_errors = causes(error).map(ToString::to_string);
    if let Some(text) = tunnel_errors.find(|text| text.starts_with(TUNNEL_ERROR)) {
        return match text.trim_start_matches(TUNNEL_ERROR) {
            "failed to create underlying connection" => ConnectionFault::ProxyUnreachable,
            "proxy authorization required" => ConnectionFault::ProxyAuthentication,
            _ => ConnectionFault::ProxyRefused,
        };
    }
    if error.is_dns() {
        return ConnectionFault::UnknownHost;
    }
    if error.is_timeout() {
        return ConnectionFault::NoResponse;
    }
    if let Some(error) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return tls_fault(error);
    }
    let mut kinds = causes(error).filter_map(|cause| Some(cause.downcast_ref::<io::Error>()?.kind()));
    match kinds.any(|kind| kind == io::ErrorKind::ConnectionRefused) {
        true => ConnectionFault::Refused,
        false => ConnectionFault::Broken,
    }
}

fn tls_fault(error: &rustls::Error) -> ConnectionFault {
    let rustls::Error::InvalidCertificate(reason) = error else {
        return ConnectionFault::Tls;
    };
    match reason {
        CertificateError::UnknownIssuer => ConnectionFault::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ConnectionFault::WrongName
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => ConnectionFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => ConnectionFault::NotYetValid,
        _ => ConnectionFault::BadCertificate,
    }
}

/// An error and what caused it. `source` of an I/O error leaves out the error inside of it
/// (<https://doc.rust-lang.org/std/io/struct.Error.html#method.get_ref>).
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |&error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}
