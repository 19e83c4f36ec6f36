//! How settings are declared: each once, with its meaning, name, type, default and range.

use std::ops::RangeInclusive;

use super::error::Error;

/// A day, in seconds.
pub(super) const DAY: u64 = 24 * 60 * 60;

/// Stands for the end of a range that has none: the largest number that TOML can write.
pub(super) const ANY: u64 = i64::MAX.unsigned_abs();

/// A setting, as an operator knows it.
#[derive(Debug)]
pub struct Setting {
    /// Its name with those of its sections: `http.max_body`.
    pub key: &'static str,
    pub meaning: &'static str,
    /// What a number may be.
    pub range: Option<RangeInclusive<u64>>,
}

impl Setting {
    /// The range in words; none where every value of the type will do.
    #[must_use]
    pub fn range_text(&self) -> Option<String> {
        match self.range.as_ref().map(|range| (*range.start(), *range.end()))? {
            (0, ANY) => None,
            (least, ANY) => Some(format!("at least {least}")),
            (least, most) => Some(format!("{least} to {most}")),
        }
    }

    pub(super) fn check(&self, number: u64) -> Result<(), Error> {
        if self.range.as_ref().is_none_or(|range| range.contains(&number)) {
            return Ok(());
        }
        let right = self.range_text().filter(|_| number <= ANY);
        let right = right.unwrap_or_else(|| format!("at most {ANY}"));
        Err(Error::value(self.key, format!("{number} was given, expected {right}. {}", self.meaning)))
    }
}

/// Makes each struct, its defaults, and `declared()`, which lists its settings.
///
/// ```text
/// /// What an operator should know, which is the row in docs/configuration.md too.
/// #[serde(...)]                     where the type alone does not say how it is read
/// name: TYPE = DEFAULT, in RANGE;   a number, which must lie in RANGE
/// name: u64 as Duration = ...       seconds, which name() gives as a Duration
/// section name: TYPE;               a section within it, behind its own settings
/// ```
macro_rules! settings {
    ($(
        $(#[doc = $about:literal])+
        pub struct $section:ident in $prefix:literal {
            $(
                $(#[doc = $meaning:literal])+
                $(#[serde($($serde:tt)+)])?
                $name:ident: $kind:ty $(as $unit:ident)? = $default:expr $(, in $range:expr)?;
            )*
            $(section $inner:ident: $inner_kind:ty;)*
        }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $section {
            $(
                $(#[doc = $meaning])+
                $(#[serde($($serde)+)])?
                pub $name: $kind,
            )*
            $(pub $inner: $inner_kind,)*
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $($name: $default,)* $($inner: Default::default(),)* }
            }
        }

        impl $section {
            /// The settings in it, in the order in which they are declared.
            pub fn declared() -> impl Iterator<Item = &'static Setting> {
                const OWN: &[Setting] = &[$(
                    Setting {
                        key: concat!($prefix, stringify!($name)),
                        meaning: concat!($($meaning),+).trim_ascii_start(),
                        range: $crate::config::section::range!($($range)?),
                    },
                )*];
                OWN.iter()$(.chain(<$inner_kind>::declared()))*
            }
            $($(
                /// The setting of this name.
                #[must_use]
                pub fn $name(&self) -> $unit {
                    $unit::from_secs(self.$name)
                }
            )?)*
        }
    )+};
}

macro_rules! range {
    () => {
        None
    };
    ($range:expr) => {
        Some($range)
    };
}

pub(super) use {range, settings};
