//! Where a database or a storage is: a text that may hold a password, and never shows it.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize, Serializer};

use super::error::Error;
use crate::service::database::check_url;

/// Stands for a password.
const MASK: &str = "***";
/// The one parameter that may carry a password: the one that the driver of PostgreSQL knows.
const PASSWORD: &str = "password";
/// The driver takes the text of a private key in the place of a file's name.
const KEY_BEGINS: &str = "-----";

/// `sqlite://FILE`, `postgres://USER:PASSWORD@HOST/NAME`, `redis://:PASSWORD@HOST`. Whoever prints it, logs it or writes
/// it out gets it with its passwords masked; only who connects asks for it as it is.
///
/// What is not a good URL is masked too, rather too much than too little: a password with a `/`, `?` or `@` that nobody
/// encoded makes a URL that cannot be used, and ends in an error message just then.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The text as it was given, passwords included. For connecting, and for nothing that is written anywhere.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether something is masked, so that what is shown does not connect.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        !secrets(&self.0).is_empty()
    }

    /// Read as the driver of the database will read it. Whether a file or a server is there is told only when it is opened.
    ///
    /// The driver logs a parameter that it does not know, value and all. The fault does not even name the parameter:
    /// what looks like a name may be the end of a password that nobody encoded.
    pub(super) fn check_database(&self, key: &str) -> Result<(), Error> {
        check_url(&self.0).map_err(|fault| {
            Error(format!("configuration key {}", fault.to_string().replace("database_url", key)))
        })?;
        let query = self.0.split_once('?').map_or("", |(_, query)| query);
        if !is_sqlite(&self.0) && has_stray_at(&self.0) {
            return Err(Error::value(
                key,
                "an @ stands behind the host: percent-encode the special characters of the password, as %40 for @, %2F for /, %3F for ? and %23 for #, and an @ in the name of the database",
            ));
        }
        let mut names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
        if names.any(|name| name != PASSWORD && is_password(&name.to_ascii_lowercase())) {
            return Err(Error::value(
                key,
                "a password is the parameter \"password\", under no other name, or stands as in postgres://USER:PASSWORD@HOST/NAME with its special characters percent-encoded",
            ));
        }
        Ok(())
    }

    fn masked(&self) -> String {
        let mut text = self.0.clone();
        for secret in secrets(&self.0).into_iter().rev() {
            text.replace_range(secret, MASK);
        }
        text
    }
}

impl From<String> for SecretUrl {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.masked(), f)
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.collect_str(self)
    }
}

/// What is to be masked, in order and apart from each other.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = parameters(text)
        .filter(|(name, value)| is_password(name) || text[value.clone()].contains(KEY_BEGINS))
        .map(|(_, value)| value)
        .chain(authority_secret(text))
        .filter(|secret| !secret.is_empty())
        .collect();
    all.sort_by_key(|secret| secret.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for secret in all {
        match apart.last_mut() {
            Some(last) if secret.start <= last.end => last.end = last.end.max(secret.end),
            _ => apart.push(secret),
        }
    }
    apart
}

/// From the first `:` behind the scheme up to the last `@` of all. A SQLite URL is a path, in which both are letters
/// like others.
fn authority_secret(text: &str) -> Option<Range<usize>> {
    let end = text.rfind('@').filter(|_| !is_sqlite(text))?;
    // Without a scheme nobody can say where the password begins.
    let start = match text[..end].split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
        Some((scheme, rest)) => scheme.len() + "://".len() + rest.find(':')? + 1,
        None => 0,
    };
    Some(start..end)
}

/// Each parameter: its name as a driver reads it (`p%61ssword` is `password`), and where its value stands.
fn parameters(text: &str) -> impl Iterator<Item = (String, Range<usize>)> {
    let begin = text.find('?').unwrap_or(text.len());
    text[begin..].match_indices('=').map(move |(place, _)| {
        let equals = begin + place;
        let name = text[begin..equals].rsplit(['?', '&', '=']).next().unwrap_or_default();
        let end = text[equals..].find('&').map_or(text.len(), |length| equals + length);
        let name = form_urlencoded::parse(name.as_bytes()).next().map(|(name, _)| name.to_ascii_lowercase());
        (name.unwrap_or_default(), equals + 1..end)
    })
}

/// Passwords under whatever name.
fn is_password(name: &str) -> bool {
    name != "passfile" && ["pass", "pwd", "secret", "token"].iter().any(|part| name.contains(part))
}

/// Whether an @ stands where no driver looks for the end of a password: one with a `/`, `?` or `#` that nobody encoded may
/// end there. The value of a parameter may have one.
fn has_stray_at(text: &str) -> bool {
    let behind = text.split_once("://").and_then(|(_, rest)| Some(&rest[rest.find(['/', '?', '#'])?..]));
    let (behind, fragment) = behind.map_or(("", ""), |behind| behind.split_once('#').unwrap_or((behind, "")));
    let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
    let mut names = query.split('&').filter_map(|parameter| parameter.split('=').next());
    path.contains('@') || fragment.contains('@') || names.any(|name| name.contains('@'))
}

fn is_sqlite(text: &str) -> bool {
    text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sqlite:"))
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> SecretUrl {
        text.to_owned().into()
    }

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        for (given, shown) in [
            ("postgres://me:PW@host:5432/films", "postgres://me:***@host:5432/films"),
            ("redis://:PW@host:6379/0", "redis://:***@host:6379/0"),
            ("rediss://me:P/W#@host", "rediss://me:***@host"),
            ("postgresql://me:P:W@host/films", "postgresql://me:***@host/films"),
            ("POSTGRES://:PW@host", "POSTGRES://:***@host"),
            ("postgress://me:PW@host/films", "postgress://me:***@host/films"),
            ("postgres://host/films?password=PW", "postgres://host/films?password=***"),
            ("postgres://host/films?a=b&PassWord=PW&c=d", "postgres://host/films?a=b&PassWord=***&c=d"),
            ("postgres://host/films?p%61ssword=PW", "postgres://host/films?p%61ssword=***"),
            ("postgres://host/films?sslpassword=PW#PW", "postgres://host/films?sslpassword=***"),
            ("postgres://host/films?sslkey=-----BEGIN%20PW", "postgres://host/films?sslkey=***"),
            ("postgres://me:PW@host/films?password=PW", "postgres://me:***@host/films?password=***"),
            ("sqlite://films.db?password=PW", "sqlite://films.db?password=***"),
            // Not encoded as it should be.
            ("postgres://me:P@W/P?W#PW@host/films", "postgres://me:***@host/films"),
            ("postgres://host:5432/films?password=P@W", "postgres://host:***"),
            ("postgres://me:PW@host/films?password=P@W?PW", "postgres://me:***"),
            ("postgres://host/films?a=b?password=PW&c=d", "postgres://host/films?a=b?password=***&c=d"),
            ("postgres://host/films?password=P:P@W", "postgres://host/films?password=***"),
            // Not a URL at all.
            ("me:PW@host/films", "***@host/films"),
            ("postgres:me:PW@host", "***@host"),
            (" postgres://me:PW@host/films", "***@host/films"),
        ] {
            let given = url(given);
            assert_eq!(given.to_string(), shown);
            assert_eq!(format!("{given:?}"), format!("{shown:?}"));
            assert_eq!(serde_json::to_value(&given).expect("a text"), shown);
            assert!(given.has_secret(), "{shown}");
        }
    }

    #[test]
    fn what_holds_no_password_is_shown_as_it_is() {
        for text in [
            "sqlite://filmgate.db",
            "sqlite:///data/me:you@home.db?mode=rwc",
            "postgres://host/films",
            "postgres://me@host:5432/films?sslmode=require",
            "postgres://me:@host/films",
            "postgres://host/films?passfile=.pgpass&password=",
            "",
            "?",
            "@",
            "ü",
        ] {
            assert_eq!(url(text).to_string(), text);
            assert!(!url(text).has_secret(), "{text}");
            assert_eq!(url(text).expose(), text);
        }
    }

    #[test]
    fn another_database_is_refused() {
        for good in
            ["sqlite://films.db", "SQLITE:films.db", "postgres://host/films", "PostgreSQL://host/films"]
        {
            url(good).check_database("database_url").expect(good);
        }
        for bad in [
            "mysql://me:SECRET@host/films",
            "postgress://host/films",
            "postgres:films",
            "films.db",
            "",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://films.db?mode=memory",
            "sqlite://films.db?mode=SECRET",
            "sqlite://films.db?SECRET=1",
            "sqlite+aiosqlite:///films.db",
            "sqlite://file:films.db?mode=rwc",
            "sqlite://%3Amemory%3A",
            "sqlite://%00",
        ] {
            let fault = url(bad).check_database("copy_to").expect_err(bad).to_string();
            assert!(fault.contains("copy_to ") && fault.contains("sqlite://FILE"), "{fault}");
            assert!(!fault.contains("SECRET"), "{fault}");
        }
    }

    #[test]
    fn a_password_that_nobody_encoded_is_refused() {
        for good in ["u:p%40ss%2Fw@h/d", "u@h/d?user=me@corp&host=/run/a@b", "/d?host=/run", "h"] {
            url(&format!("postgres://{good}")).check_database("copy_to").expect(good);
        }
        for bad in
            ["u:p@ss/SECRET@h/d", "u:5/SECRET=a@h/d", "u:p@ss?SECRET@h/d", "u:p@ss#SECRET@h/d", "h/SECRET@b"]
        {
            let fault = url(&format!("postgres://{bad}"));
            let fault = fault.check_database("database_url").expect_err(bad).to_string();
            assert!(fault.contains("database_url") && fault.contains("%40"), "{fault}");
            assert!(!fault.contains("SECRET"), "{fault}");
        }
    }

    #[test]
    fn a_password_under_a_name_that_the_driver_does_not_know_is_refused() {
        for good in ["password=SECRET&sslmode=require", "options=-c a.token=b", "password=SECRETpass=SECRET"]
        {
            url(&format!("postgres://host/films?{good}")).check_database("copy_to").expect(good);
        }
        for bad in ["sslPassword=SECRET", "a=b&Password=SECRET", "password=SECRET&SECRETpass=SECRET"] {
            let fault = url(&format!("postgres://host/films?{bad}"));
            let fault = fault.check_database("database_url").expect_err(bad).to_string();
            assert!(fault.contains("database_url") && !fault.contains("SECRET"), "{fault}");
        }
    }
}
