//! The policies of each bucket: of addresses, of a role, and what a key has of its own.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use strum::IntoStaticStr;
use utoipa::ToSchema;

use super::bucket::Bucket;
use super::policy::{ParseError, Policy};

/// What has policies of its own beside addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, ToSchema)]
#[schema(as = RateLimitTier, rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Tier {
    Voter,
    Editor,
    Admin,
    /// One key.
    Key,
}

impl Tier {
    /// Those of roles.
    pub const OF_ROLES: [Self; 3] = [Self::Voter, Self::Editor, Self::Admin];

    /// Its name in the configuration, and before those of its windows.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The policies of each bucket. A bucket without a policy is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    pub film: Vec<Policy>,
    pub add_film: Vec<Policy>,
    pub browse: Vec<Policy>,
    pub login: Vec<Policy>,
    pub flood: Vec<Policy>,
}

impl Policies {
    /// Those of one bucket in a configuration, at most.
    pub const MOST: usize = 8;

    /// Those of one bucket.
    #[must_use]
    pub fn of(&self, bucket: Bucket) -> &[Policy] {
        match bucket {
            Bucket::Film => &self.film,
            Bucket::AddFilm => &self.add_film,
            Bucket::Browse => &self.browse,
            Bucket::Login => &self.login,
            Bucket::Flood => &self.flood,
        }
    }

    fn of_mut(&mut self, bucket: Bucket) -> &mut Vec<Policy> {
        match bucket {
            Bucket::Film => &mut self.film,
            Bucket::AddFilm => &mut self.add_film,
            Bucket::Browse => &mut self.browse,
            Bucket::Login => &mut self.login,
            Bucket::Flood => &mut self.flood,
        }
    }
}

/// Two policies of one bucket with the same window: the larger one would never count, and so is a mistake.
#[must_use]
pub fn twin(policies: &[Policy]) -> Option<&Policy> {
    let mut windows = HashSet::new();
    policies.iter().find(|policy| !windows.insert(policy.window()))
}

/// What a key has of its own: `film=20/second, 1000/hour, browse=50/second`. Displayed in one form, in which it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLimits(Policies);

/// What is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoLimits {
    #[error(transparent)]
    NoPolicy(#[from] ParseError),
    #[error(
        "{0:?} has no bucket; write one before the policies, such as \"film=20/second, 1000/hour, browse=50/second\" (film, add_film, browse)"
    )]
    NoBucket(String),
    #[error("{0:?} is no bucket of a key; there are film, add_film and browse, and flood counts by address")]
    UnknownBucket(String),
    #[error("{0} has the same window as another policy of its bucket; keep the smaller one")]
    Twin(String),
    #[error("must have at most {most} characters", most = OwnLimits::LONGEST)]
    TooLong,
    #[error("{0} has more than {most} policies", most = OwnLimits::MOST)]
    TooMany(&'static str),
}

impl OwnLimits {
    /// Policies of one bucket.
    pub const MOST: usize = 4;
    /// Characters; all that there can be takes a third of them.
    const LONGEST: usize = 1_000;

    /// Those of a budget that has these, and the others where it has none.
    #[must_use]
    pub fn over(&self, others: &Policies) -> Policies {
        let mut all = others.clone();
        for bucket in Bucket::ALL {
            if !self.0.of(bucket).is_empty() {
                self.0.of(bucket).clone_into(all.of_mut(bucket));
            }
        }
        all
    }
}

impl FromStr for OwnLimits {
    type Err = NoLimits;

    fn from_str(text: &str) -> Result<Self, NoLimits> {
        if text.len() > Self::LONGEST {
            return Err(NoLimits::TooLong);
        }
        let (mut policies, mut bucket) = (Policies::default(), None);
        for part in text.split([',', ';', '|']) {
            let policy = match part.split_once('=') {
                Some((name, policy)) => {
                    let known = name.trim().parse().ok().filter(|bucket| *bucket != Bucket::Flood);
                    bucket = Some(known.ok_or_else(|| NoLimits::UnknownBucket(name.trim().to_owned()))?);
                    policy
                }
                None => part,
            };
            let bucket: Bucket = bucket.ok_or_else(|| NoLimits::NoBucket(part.trim().to_owned()))?;
            policies.of_mut(bucket).push(policy.trim().parse()?);
        }
        for bucket in Bucket::ALL {
            let of_bucket = policies.of(bucket);
            if let Some(twin) = twin(of_bucket) {
                return Err(NoLimits::Twin(twin.to_string()));
            }
            if of_bucket.len() > Self::MOST {
                return Err(NoLimits::TooMany(bucket.name()));
            }
        }
        Ok(Self(policies))
    }
}

/// As it is read.
impl fmt::Display for OwnLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for bucket in Bucket::ALL {
            for (place, policy) in self.0.of(bucket).iter().enumerate() {
                f.write_str(separator)?;
                if place == 0 {
                    write!(f, "{}=", bucket.name())?;
                }
                policy.fmt(f)?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_has_of_its_own_is_read_and_written_in_one_form() {
        for (text, one_form) in [
            ("film=20/second", "film=20/second"),
            (" film = 20 per second ", "film=20/second"),
            ("film=20/second,1000/hour; browse=5/2 seconds", "film=20/second, 1000/hour, browse=5/2 seconds"),
            ("login=5/minute|add_film=1/second, film=2/day", "film=2/day, add_film=1/second, login=5/minute"),
            ("film=1/second, browse=1/day, film=2/hour", "film=1/second, 2/hour, browse=1/day"),
        ] {
            let limits: OwnLimits = text.parse().expect(text);
            assert_eq!(limits.to_string(), one_form);
            assert_eq!(one_form.parse(), Ok(limits));
        }
        for (text, fault) in [
            ("", "has no bucket"),
            ("20/second", "has no bucket"),
            ("film", "has no bucket"),
            ("film=", "is not a rate limit"),
            ("film=20", "is not a rate limit"),
            ("film=20/second,", "is not a rate limit"),
            ("film=20/second, =5/day", "is no bucket"),
            ("films=20/second", "is no bucket"),
            ("Film=20/second", "is no bucket"),
            ("flood=20/second", "flood counts by address"),
            ("film=1/minute, 2/minute", "same window"),
            ("film=60/hour, 1/60 minutes", "same window"),
            ("film=1/second, 2/minute, 3/hour, 4/day, 5/month", "film has more than 4"),
            (&"y".repeat(60_000), "at most 1000 characters"),
        ] {
            let told = text.parse::<OwnLimits>().expect_err(text).to_string();
            assert!(told.contains(fault), "{text}: {told}");
        }
    }

    #[test]
    fn what_a_key_does_not_name_is_that_of_its_account() {
        let policies = |text: &str| text.parse::<OwnLimits>().expect(text).0;
        let account = policies("film=1/second, 5/hour, browse=2/second");
        let own = OwnLimits(policies("film=9/day, login=3/day")).over(&account);
        assert_eq!(own, policies("film=9/day, browse=2/second, login=3/day"));
    }
}
