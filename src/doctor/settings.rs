//! What the configuration alone tells.

use std::iter;

use super::finding::Finding;
use crate::app::trusted;
use crate::config::{Config, TlsMode};
use crate::limits::Bucket;
use crate::service::caller::Role;
use crate::service::text::counted;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings =
        vec![encryption(config), anonymous(config), cors(config), limits(config), proxies(config)];
    findings.extend(trusted_documents(config));
    findings
}

fn trusted_documents(config: &Config) -> Option<Finding> {
    const CHECK: &str = "trusted_documents";
    config.graphql.trusted_documents.as_ref()?;
    Some(match trusted(&config.graphql) {
        Ok(_) => Finding::ok(CHECK, "the list of trusted documents can be read"),
        Err(fault) => Finding::error(
            CHECK,
            fault.to_string(),
            "filmgate does not start",
            "mend the file, or remove graphql.trusted_documents",
        ),
    })
}

fn encryption(config: &Config) -> Finding {
    const CHECK: &str = "tls";
    match config.tls.mode {
        _ if config.is_loopback() => {
            Finding::ok(CHECK, "only this machine can connect, so nothing needs to be encrypted")
        }
        Some(TlsMode::Off) | None => Finding::warning(
            CHECK,
            format!("filmgate listens on {} and nobody encrypts", config.listen),
            "whoever is on the way reads and changes everything, passwords and tokens too",
            "put a proxy with a certificate in front and set tls.mode = \"proxy\" and trusted_proxies = [\"ITS ADDRESS\"]; \
             keep \"off\" only on a network that you trust wholly",
        ),
        Some(TlsMode::Proxy) => Finding::ok(CHECK, "a proxy encrypts"),
        Some(TlsMode::SelfSigned) => Finding::warning(
            CHECK,
            "the certificate is self-signed",
            "no client can know it, and people who are used to clicking warnings away are easily deceived",
            "set tls.mode = \"cert\" with the certificate of an authority, or a proxy in front and \"proxy\"",
        ),
        Some(TlsMode::Cert) => Finding::ok(CHECK, "filmgate encrypts, with a certificate from files"),
    }
}

fn anonymous(config: &Config) -> Finding {
    const CHECK: &str = "anonymous_role";
    let role = config.auth.anonymous_role;
    match role {
        Some(role) if role >= Role::Editor && !config.is_loopback() => Finding::warning(
            CHECK,
            format!("anybody who reaches {} may add films", config.listen),
            "a catalogue that everybody can fill is filled with rubbish",
            "remove auth.anonymous_role (then it is voter), and give editors a credential",
        ),
        Some(role) => Finding::ok(CHECK, format!("an anonymous caller is {role}")),
        None => Finding::ok(
            CHECK,
            "an anonymous caller is voter; editor only for a direct call from this machine",
        ),
    }
}

fn cors(config: &Config) -> Finding {
    const CHECK: &str = "cors";
    match config.cors.allowed_origins.as_deref() {
        Some(origins) if origins.iter().any(|origin| origin == "*") => Finding::warning(
            CHECK,
            "every web page may call and read every answer",
            "a page that somebody happens to visit votes and reads on behalf of his address and his network",
            "name the pages that are yours: cors.allowed_origins = [\"https://films.example\"]",
        ),
        Some([]) => Finding::ok(CHECK, "no web page of another origin may call"),
        Some(origins) => {
            Finding::ok(CHECK, format!("web pages of {} may call", counted(origins.len(), "origin")))
        }
        None if config.is_loopback() => Finding::ok(CHECK, "web pages of this machine may call"),
        None => Finding::ok(CHECK, "no web page of another origin may call"),
    }
}

fn limits(config: &Config) -> Finding {
    const CHECK: &str = "limits";
    const WHY: &str = "one client can use up the service for all others, or vote without end";
    if !config.limits.enabled {
        return Finding::warning(CHECK, "nobody is limited, by nothing", WHY, "set limits.enabled = true");
    }
    let tiers = config.limits.of_tiers();
    let tiers = tiers.map(|(tier, policies)| (format!("limits.tiers.{}", tier.name()), policies));
    let mut open = Vec::new();
    for (section, policies) in iter::once(("limits".to_owned(), config.limits.policies())).chain(tiers) {
        // Which counts by address, whatever tier there is.
        let is_own = |bucket: Bucket| bucket != Bucket::Flood || section == "limits";
        let of_section =
            Bucket::ALL.into_iter().filter(|bucket| is_own(*bucket) && policies.of(*bucket).is_empty());
        open.extend(of_section.map(|bucket| format!("{section}.{}", bucket.name())));
    }
    if open.is_empty() {
        return Finding::ok(CHECK, "every bucket has a limit");
    }
    Finding::warning(
        CHECK,
        format!("no limit in {}", open.join(", ")),
        WHY,
        format!("give it one, such as {} = \"10/second\"", open[0]),
    )
}

fn proxies(config: &Config) -> Finding {
    const CHECK: &str = "trusted_proxies";
    if let Some(network) = config.trusted_proxies.iter().find(|network| network.prefix_len() == 0) {
        return Finding::error(
            CHECK,
            format!("{network} is everybody: whatever address a client claims is believed"),
            "with a new address in X-Forwarded-For for each request, nobody is limited",
            "set trusted_proxies to the addresses of your proxies, such as [\"10.0.0.5\"]",
        );
    }
    match config.trusted_proxies.len() {
        0 => Finding::ok(CHECK, "no proxy is trusted, so each peer is the client itself"),
        1 => Finding::ok(CHECK, "one address or network is trusted to name the client"),
        count => Finding::ok(CHECK, format!("{count} addresses or networks are trusted to name the client")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    fn found(text: &str) -> Vec<(&'static str, Level)> {
        let config: Config = toml::from_str(text).expect("a configuration");
        let findings = examine(&config);
        for finding in &findings {
            let told = finding.why.is_some() && finding.cure.is_some();
            assert_eq!(told, finding.level != Level::Ok, "{finding:?}");
        }
        findings
            .into_iter()
            .filter(|finding| finding.level != Level::Ok)
            .map(|finding| (finding.check, finding.level))
            .collect()
    }

    #[test]
    fn each_mistake_is_told_and_nothing_else() {
        const OPEN: &str = "listen = '0.0.0.0:3000'\n";
        for (text, finding) in [
            (String::new(), None),
            (format!("{OPEN}trusted_proxies = ['10.0.0.5']\n[tls]\nmode = 'proxy'"), None),
            ("[auth]\nanonymous_role = 'editor'".to_owned(), None),
            (format!("{OPEN}[tls]\nmode = 'off'"), Some(("tls", Level::Warning))),
            (
                format!(
                    "{OPEN}trusted_proxies = ['::1']\n[auth]\nanonymous_role = 'editor'\n[tls]\nmode = 'proxy'"
                ),
                Some(("anonymous_role", Level::Warning)),
            ),
            ("[cors]\nallowed_origins = ['*']".to_owned(), Some(("cors", Level::Warning))),
            ("[limits]\nenabled = false".to_owned(), Some(("limits", Level::Warning))),
            ("[limits]\nflood = []".to_owned(), Some(("limits", Level::Warning))),
            ("trusted_proxies = ['0.0.0.0/0']".to_owned(), Some(("trusted_proxies", Level::Error))),
            ("trusted_proxies = ['10.0.0.1', '::/0']".to_owned(), Some(("trusted_proxies", Level::Error))),
        ] {
            assert_eq!(found(&text), Vec::from_iter(finding), "{text}");
        }
    }
}
