//! A certificate of our own making, for trying.
//!
//! It lives in memory and ends with the process. A file would have to be kept secret, has no natural place beside a
//! PostgreSQL or in a read-only container, and tempts to be used for longer than a try; the price is that a browser asks
//! anew after each start.

use std::net::IpAddr;
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;

use super::certificate::{Fault, seconds};
use super::pair::Pair;

/// For this machine, the address that is listened on and the names under which the server is known. Valid for a year.
///
/// # Errors
/// For a name that is none.
pub fn self_signed(address: IpAddr, hosts: &[String], now: Duration) -> Result<Pair, Fault> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !address.is_unspecified() {
        names.push(address.to_canonical().to_string());
    }
    names.extend(hosts.iter().map(|host| host.trim_start_matches('[').trim_end_matches(']').to_owned()));
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    make(names, now).map_err(|error| Fault(format!("no certificate can be made: {error}")))
}

fn make(names: Vec<String>, now: Duration) -> Result<Pair, Box<dyn std::error::Error>> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "filmgate, self-signed");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let today = TimeZone::UTC.to_datetime(Timestamp::from_second(seconds(now))?).date();
    // From yesterday on: the clock of a client may be behind.
    let (from, to) = (today.checked_sub(1.day())?, today.checked_add(1.year())?);
    let day = |date: jiff::civil::Date| {
        Ok::<_, Box<dyn std::error::Error>>(date_time_ymd(
            date.year().into(),
            date.month().try_into()?,
            date.day().try_into()?,
        ))
    };
    (params.not_before, params.not_after) = (day(from)?, day(to)?);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Pair::new(vec![certificate.der().clone()], key).map_err(|unfit| format!("{unfit:?}").into())
}
