//! Who draws from which budget.

use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// A budget with policies of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, ToSchema)]
#[schema(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Bucket {
    /// Random films and votes.
    Film,
    /// Adding films, changing them and taking them away.
    AddFilm,
    /// All other reads, and changes of accounts and keys.
    Browse,
    /// Attempts to sign in, and changes of a password.
    Login,
    /// Every request, before anything is parsed: what protects a server, each counts by itself.
    Flood,
}

impl Bucket {
    /// All of them, in the order of [`Bucket::index`].
    pub const ALL: [Self; 5] = [Self::Film, Self::AddFilm, Self::Browse, Self::Login, Self::Flood];

    /// Its name in the configuration, in headers and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

/// A set of buckets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Buckets(u8);

impl Buckets {
    /// How many sets there are.
    pub(super) const SETS: usize = 1 << Bucket::ALL.len();

    /// In the order of headers: `flood` is drawn from first, whatever else a request costs.
    const IN_HEADERS: [Bucket; Bucket::ALL.len()] =
        [Bucket::Flood, Bucket::Film, Bucket::AddFilm, Bucket::Browse, Bucket::Login];

    pub(super) fn all() -> Self {
        Self(u8::MAX >> (u8::BITS as usize - Bucket::ALL.len()))
    }

    pub(super) fn add(&mut self, bucket: Bucket) {
        self.0 |= 1 << bucket.index();
    }

    pub(super) fn has(self, bucket: Bucket) -> bool {
        self.0 & 1 << bucket.index() != 0
    }

    /// Whether one of them is counted by several servers together, where they do.
    pub(super) fn is_shared(self) -> bool {
        self.0 & !(1 << Bucket::Flood.index()) != 0
    }

    /// Its number among all sets.
    pub(super) fn number(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn in_headers(self) -> impl Iterator<Item = Bucket> {
        Self::IN_HEADERS.into_iter().filter(move |bucket| self.has(*bucket))
    }
}

impl std::ops::BitOrAssign for Buckets {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What a call costs: so much from each bucket. Nothing by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price([u32; Bucket::ALL.len()]);

impl Price {
    /// So much from one bucket.
    #[must_use]
    pub fn of(bucket: Bucket, amount: u32) -> Self {
        let mut price = Self::default();
        price.add(bucket, amount);
        price
    }

    /// Adds to what is drawn from a bucket.
    pub fn add(&mut self, bucket: Bucket, amount: u32) {
        let drawn = &mut self.0[bucket.index()];
        *drawn = drawn.saturating_add(amount);
    }

    /// What is drawn from a bucket.
    #[must_use]
    pub fn from(&self, bucket: Bucket) -> u32 {
        self.0[bucket.index()]
    }

    /// The same, but nothing from this bucket.
    #[must_use]
    pub fn without(mut self, bucket: Bucket) -> Self {
        self.0[bucket.index()] = 0;
        self
    }

    /// Whether nothing is drawn.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.0.iter().all(|amount| *amount == 0)
    }

    /// `film=2,browse=1`, for logs. Without the machinery of formatting, since each line has one.
    pub(crate) fn text(self) -> String {
        let mut text = String::with_capacity("flood=1,browse=1".len());
        for bucket in Bucket::ALL.into_iter().filter(|bucket| self.from(*bucket) > 0) {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(bucket.name());
            text.push('=');
            text.push_str(itoa::Buffer::new().format(self.from(bucket)));
        }
        text
    }
}

impl std::ops::AddAssign for Price {
    fn add_assign(&mut self, other: Self) {
        for bucket in Bucket::ALL {
            self.add(bucket, other.from(bucket));
        }
    }
}
