//! Why a workspace cannot be reached.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::variants::all;

/// Why a workspace cannot be reached, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, VariantArray)]
pub enum ConnectionFault {
    /// The connection broke, or could not be made for another reason.
    Broken,
    /// The name of the host could not be looked up.
    UnknownHost,
    /// The host refused the connection: nothing listens on this port.
    Refused,
    /// No connection was established in time.
    NoResponse,
    /// The issuer of the certificate is not one that this machine trusts.
    UnknownIssuer,
    /// The certificate is for another host.
    WrongName,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is not valid for another reason.
    BadCertificate,
    /// TLS negotiation failed.
    Tls,
    /// The outgoing proxy could not be reached.
    ProxyUnreachable,
    /// The outgoing proxy asks for a username and a password (407).
    ProxyAuthentication,
    /// The outgoing proxy did not connect to the workspace.
    ProxyRefused,
}

impl ConnectionFault {
    /// Every fault.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// The name in logs and in the activity log, where it is stored. Never change one of these texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "no connection",
            Self::UnknownHost => "host name not found",
            Self::Refused => "connection refused",
            Self::NoResponse => "no connection in time",
            Self::UnknownIssuer => "certificate of an unknown issuer",
            Self::WrongName => "certificate of another host",
            Self::Expired => "certificate expired",
            Self::NotYetValid => "certificate not valid yet",
            Self::BadCertificate => "certificate not valid",
            Self::Tls => "TLS failed",
            Self::ProxyUnreachable => "outgoing proxy unreachable",
            Self::ProxyAuthentication => "outgoing proxy asks for a password",
            Self::ProxyRefused => "outgoing proxy refused",
        }
    }

    /// What the fault means and what to do, in sentences.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Broken => "Check the network and the configured URL.",
            Self::UnknownHost => {
                "Its host name was not found. Check the configured URL and this machine's DNS, or set HTTPS_PROXY if \
                 a proxy has to be used."
            }
            Self::Refused => "Its host refused the connection. Check the configured URL and the firewall.",
            Self::NoResponse => {
                "The connection timed out. Check the firewall and, if a proxy has to be used, HTTPS_PROXY."
            }
            Self::UnknownIssuer => {
                "The certificate comes from an issuer that the console's machine does not trust. If a proxy inspects \
                 the traffic, name the file with its CA certificate in SSL_CERT_FILE."
            }
            Self::WrongName => {
                "The certificate is for another host. Check the configured URL; a proxy or firewall may have responded \
                 instead of the workspace."
            }
            Self::Expired => "The certificate has expired, or the clock of the console's machine is wrong.",
            Self::NotYetValid => "The certificate is not valid yet, or the clock of the console's machine is wrong.",
            Self::BadCertificate => {
                "The certificate is not a server certificate. A proxy or firewall may have responded instead of the \
                 workspace."
            }
            Self::Tls => "An encrypted connection could not be established. A proxy or firewall may be in the way.",
            Self::ProxyUnreachable => "The outgoing proxy could not be reached. Check HTTPS_PROXY.",
            Self::ProxyAuthentication => {
                "The outgoing proxy asks for a username and a password (407). Add them to HTTPS_PROXY."
            }
            Self::ProxyRefused => {
                "The outgoing proxy did not connect to it. Allow the host in the proxy, or add it to NO_PROXY if it \
                 can be reached without one."
            }
        }
    }

    /// Whether a retry can succeed without anyone changing anything.
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Broken | Self::UnknownHost | Self::Refused | Self::ProxyUnreachable | Self::ProxyRefused
        )
    }
}
