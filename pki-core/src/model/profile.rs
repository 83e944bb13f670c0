//! What a kind of certificate may say, as one table.

use std::fmt;

use super::algorithm::KeyAlgorithm;
use super::usage::{KeyUsage, Purpose};

/// A kind of certificate.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Profile {
    /// A CA.
    Authority,
    /// A program that is dialled.
    Server,
    /// A program that dials and shows who it is.
    Client,
    /// Both in one certificate, only where it is asked for.
    Peer,
}

impl Profile {
    /// The row of the table.
    pub const fn rules(self) -> &'static Rules {
        match self {
            Self::Authority => &AUTHORITY,
            Self::Server => &SERVER,
            Self::Client => &CLIENT,
            Self::Peer => &PEER,
        }
    }

    /// The word used in commands and output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Server => "server",
            Self::Client => "client",
            Self::Peer => "peer",
        }
    }

    /// Whether certificates of this kind are what a client accepts from a server.
    pub const fn serves(self) -> bool {
        matches!(self, Self::Server | Self::Peer)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What one kind of certificate says, extension by extension.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rules {
    /// BasicConstraints cA; always present and critical (RFC 5280 4.2.1.9;
    /// OpenSSL `X509_V_FLAG_X509_STRICT` error 89 when not critical).
    pub is_ca: bool,
    /// KeyUsage bits for every key; critical (RFC 5280 4.2.1.3).
    pub key_usage: KeyUsage,
    /// KeyUsage bits added for RSA keys: key transport of TLS 1.2 (RFC 5246 7.4.2).
    pub key_usage_rsa: KeyUsage,
    /// ExtendedKeyUsage; none on a CA, where Go reads it as a limit of the
    /// whole chain (RFC 5280 4.2.1.12).
    pub purposes: &'static [Purpose],
    /// SubjectAltName (RFC 5280 4.2.1.6, RFC 9525 2).
    pub names: Names,
    /// Subject commonName: who reads no other name of a client (MinIO STS, Vault).
    pub needs_common_name: bool,
}

/// Whether a certificate carries SubjectAltName.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Names {
    /// Never.
    None,
    /// When there are names.
    Optional,
    /// At least one.
    Required,
}

impl Rules {
    /// KeyUsage for a key of this kind.
    pub fn key_usage_for(&self, key: KeyAlgorithm) -> KeyUsage {
        if key.is_rsa() {
            self.key_usage.with(self.key_usage_rsa)
        } else {
            self.key_usage
        }
    }
}

//                             AUTHORITY                     SERVER                 CLIENT                 PEER
// BasicConstraints  4.2.1.9   critical CA:TRUE, pathlen     critical CA:FALSE      critical CA:FALSE      critical CA:FALSE
// KeyUsage          4.2.1.3   critical certSign, cRLSign    critical signature*    critical signature*    critical signature*
// ExtendedKeyUsage  4.2.1.12  –                             serverAuth             clientAuth             serverAuth, clientAuth
// SubjectAltName    4.2.1.6   –                             required               where named            required
// SubjectKeyId      4.2.1.2   present                       present                present                present
// AuthorityKeyId    4.2.1.1   present unless self-signed    present                present                present
// NameConstraints   4.2.1.10  critical, where `permit`      –                      –                      –
// * digitalSignature; with keyEncipherment for RSA keys only.

const AUTHORITY: Rules = Rules {
    is_ca: true,
    key_usage: KeyUsage::KEY_CERT_SIGN.with(KeyUsage::CRL_SIGN),
    key_usage_rsa: KeyUsage::from_bits(0),
    purposes: &[],
    names: Names::None,
    needs_common_name: false,
};

const SERVER: Rules = Rules {
    is_ca: false,
    key_usage: KeyUsage::DIGITAL_SIGNATURE,
    key_usage_rsa: KeyUsage::KEY_ENCIPHERMENT,
    purposes: &[Purpose::ServerAuth],
    names: Names::Required,
    needs_common_name: false,
};

const CLIENT: Rules = Rules {
    purposes: &[Purpose::ClientAuth],
    names: Names::Optional,
    needs_common_name: true,
    ..SERVER
};

const PEER: Rules = Rules {
    purposes: &[Purpose::ServerAuth, Purpose::ClientAuth],
    ..SERVER
};
