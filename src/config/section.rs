//! How settings are declared: each once, with its meaning, name, type, default and range.

use std::fmt::Display;
use std::ops::RangeInclusive;

use toml::Value;

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
    /// Its type in Rust.
    pub(super) kind: &'static str,
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

    /// Refuses what a file gives for a number or a switch and is neither: config-rs would make 0 of 0.4, and 1 of `true`.
    pub(super) fn check_value(&self, value: &Value) -> Result<(), Error> {
        let given = match value {
            Value::String(text) => format!("{text:?}"),
            Value::Array(_) | Value::Table(_) => value.type_str().to_owned(),
            plain => plain.to_string(),
        };
        self.check(&given, value.as_integer().map(i128::from), value.as_bool())
    }

    /// The same of a variable, which is a text: of a number or a switch without blanks around it, and of a switch in
    /// letters of either case, as templates write them.
    pub(super) fn read_text(&self, text: String) -> Result<String, Error> {
        if self.range.is_none() && self.kind != "bool" {
            return Ok(text);
        }
        let plain = text.trim().to_ascii_lowercase();
        let number: Option<i128> = plain.parse().ok();
        let given = number.map_or_else(|| format!("{text:?}"), |number| number.to_string());
        self.check(&given, number, plain.parse().ok())?;
        Ok(plain)
    }

    fn check(&self, given: &impl Display, number: Option<i128>, switch: Option<bool>) -> Result<(), Error> {
        let is_right = match &self.range {
            Some(range) => number
                .and_then(|number| u64::try_from(number).ok())
                .is_some_and(|number| range.contains(&number)),
            None => self.kind != "bool" || switch.is_some(),
        };
        if is_right {
            return Ok(());
        }
        let range = || self.range_text().unwrap_or_else(|| "at least 0".to_owned());
        let right = match number {
            _ if self.range.is_none() => "true or false".to_owned(),
            None => format!("a whole number, {}", range()),
            Some(number) if number > ANY.into() => format!("at most {ANY}"),
            Some(_) => range(),
        };
        Err(Error::value(self.key, format!("{given} was given, expected {right}. {}", self.meaning)))
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
                        kind: stringify!($kind),
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
