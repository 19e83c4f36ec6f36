//! What `filmgate serve` says when it begins.

use std::net::SocketAddr;

use super::certificate::Certificate;
use crate::app::App;
use crate::config::{Config, Limits};
use crate::limits::{Bucket, Policy};
use crate::playground;
use crate::service::starter_catalogue::Outcome;
use crate::service::text::counted;

/// Where it listens.
pub(super) struct Addresses {
    pub main: SocketAddr,
    /// For plain HTTP beside TLS.
    pub plain: Option<SocketAddr>,
    /// For whoever runs it.
    pub admin: Option<SocketAddr>,
}

pub(super) fn greeting(
    config: &Config,
    addresses: &Addresses,
    certificate: Option<&Certificate>,
    app: &App,
) -> String {
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let base = format!("{scheme}://{}", host(config, addresses.main, certificate));
    let catalogue = match app.starter_catalogue {
        Outcome::Loaded(_) => "new, with the starter catalogue",
        Outcome::Declined => "new and empty",
        Outcome::DecidedBefore => "from an earlier start",
    };
    let pages = if playground::built() {
        // Not begun with a backslash, which would swallow the spaces that come first.
        format!(
            "  GraphiQL      {base}/playground
  REST tester   {base}/playground/rest
  for people    {base}/playground/films"
        )
    } else {
        format!("  playground    {base}/playground")
    };
    let plain = addresses.plain.map_or_else(String::new, |plain| {
        format!("\n  plain HTTP    {plain} leads pages to HTTPS and refuses calls")
    });
    let admin =
        addresses.admin.map_or_else(String::new, |admin| format!("\n  metrics       http://{admin}/metrics"));
    let fingerprint = certificate.and_then(|certificate| certificate.fingerprint.as_ref());
    // Nobody vouches for it, so a browser warns, and curl has to be told not to ask.
    let (curl, vouched) = match fingerprint {
        Some(fingerprint) => (
            "curl -k",
            format!(
                "\nThe certificate is self-signed and lasts as long as this run. A browser warns; its SHA-256 is\n\
                 {fingerprint}\n"
            ),
        ),
        None => ("curl", String::new()),
    };
    format!(
        "\
filmgate {version}: {films} in {database} ({catalogue})

  random film   {base}/
  GraphQL       {base}/graphql
  OpenAPI       {base}/openapi.json
{pages}{plain}{admin}
  limits        {limits}
{vouched}
Try it:

  {curl} {base}/
  {curl} '{base}/v1/films?sort=newest&first=2'
  {curl} {base}/graphql -H 'Content-Type: application/json' -d '{{\"query\":\"{{ films(first: 2) {{ edges {{ node {{ id name likes }} }} }} }}\"}}'

Stop with Ctrl-C.
",
        version = env!("CARGO_PKG_VERSION"),
        films = counted(app.films, "film"),
        database = config.database_url,
        limits = limits(&config.limits),
    )
}

/// What each client may do, in a line.
fn limits(limits: &Limits) -> String {
    if !limits.enabled {
        return "none: limits.enabled = false".to_owned();
    }
    let policies = limits.policies();
    let of = |bucket: Bucket| {
        let all = policies.of(bucket).iter().map(Policy::to_string).collect::<Vec<_>>().join(", ");
        format!("{} {}", bucket.name(), if all.is_empty() { "without a limit" } else { &all })
    };
    Bucket::ALL.map(of).join("; ")
}

/// As it is reached from here; beyond loopback, by the name that a certificate from files is for.
fn host(config: &Config, address: SocketAddr, certificate: Option<&Certificate>) -> String {
    let named = certificate.filter(|certificate| certificate.fingerprint.is_none() && !config.is_loopback());
    let name = named.and_then(|certificate| config.allowed_hosts.first().or(certificate.name.as_ref()));
    match name {
        Some(name) => format!("{name}:{}", address.port()),
        None if address.ip().is_unspecified() => format!("localhost:{}", address.port()),
        None => address.to_string(),
    }
}
