//! What a certificate says of itself.

use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

/// A certificate is near its end when less is left than this, or than a third of its time where that is shorter.
const NEAR: i64 = 14 * 24 * 60 * 60;

/// What is of use to us.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    subject: Vec<u8>,
    issuer: Vec<u8>,
    pub term: Term,
    /// Host names; those of `subjectAltName`, since nothing else counts any more.
    pub names: Vec<String>,
    /// Whether it names anything, a host or an address.
    pub names_something: bool,
}

impl Certificate {
    pub(super) fn read(der: &CertificateDer<'_>) -> Result<Self, Fault> {
        let (_, parsed) = parse_x509_certificate(der).map_err(|error| Fault(error.to_string()))?;
        let alternatives = alternatives(&parsed);
        Ok(Self {
            subject: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
            term: Term {
                not_before: parsed.validity().not_before.timestamp(),
                not_after: parsed.validity().not_after.timestamp(),
            },
            names_something: alternatives
                .iter()
                .any(|name| matches!(name, GeneralName::DNSName(_) | GeneralName::IPAddress(_))),
            names: alternatives
                .iter()
                .filter_map(|name| match name {
                    GeneralName::DNSName(name) => Some((*name).to_owned()),
                    _ => None,
                })
                .collect(),
        })
    }

    /// Whether that one may have signed this one.
    pub(super) fn is_issued_by(&self, other: &Self) -> bool {
        self.issuer == other.subject
    }
}

fn alternatives<'a>(parsed: &'a X509Certificate<'_>) -> &'a [GeneralName<'a>] {
    match parsed.subject_alternative_name() {
        Ok(Some(extension)) => &extension.value.general_names,
        _ => &[],
    }
}

/// SHA-256 of the whole certificate, as browsers and `openssl x509 -fingerprint` show it.
pub(super) fn fingerprint(der: &CertificateDer<'_>) -> String {
    let bytes: Vec<String> = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// When a certificate is valid, in seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Term {
    not_before: i64,
    not_after: i64,
}

impl Term {
    /// Why it cannot be used now.
    pub(super) fn fault(self, now: Duration) -> Option<String> {
        let now = seconds(now);
        if self.not_before > now {
            let begin = date(self.not_before);
            Some(format!("is not valid before {begin}; or is the clock of this machine wrong?"))
        } else if self.not_after < now {
            Some(format!("has expired, on {}: renew it", self.end()))
        } else {
            None
        }
    }

    /// Says so when it has ended or is near its end.
    pub(super) fn warning(self, now: Duration) -> Option<String> {
        let now = seconds(now);
        let near = NEAR.min((self.not_after - self.not_before) / 3);
        if self.not_after < now {
            Some(format!("the certificate has expired, on {}: clients refuse it", self.end()))
        } else if self.not_after - now < near {
            Some(format!("the certificate ends on {}: renew it before", self.end()))
        } else {
            None
        }
    }

    /// Its end, for people.
    pub(super) fn end(self) -> String {
        date(self.not_after)
    }
}

fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// Of the clock, which tells no time before the epoch.
pub(super) fn seconds(now: Duration) -> i64 {
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

/// Why a certificate cannot be used: one sentence, for whoever runs the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub(super) String);
