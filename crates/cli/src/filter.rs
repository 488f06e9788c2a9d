//! Which sessions, as options of a command line.

use std::{ffi::OsString, os::unix::ffi::OsStrExt, time::Duration};

use clap::Args;
use holdfast_core::survey::Filter;

use crate::failure::Failure;

/// All that are given must hold.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which sessions")]
pub struct FilterArguments {
    /// Those of this user, by the application's own identifier
    #[arg(long, value_name = "NAME")]
    pub user: Option<OsString>,

    /// Those of guests: nobody is logged in
    #[arg(long, conflicts_with_all = ["user", "members"])]
    guests: bool,

    /// Those of users who are logged in
    #[arg(long)]
    members: bool,

    /// Those that nobody has asked for since so long: 90s, 30m, 12h, 7d
    #[arg(long, value_name = "TIME", value_parser = time)]
    idle: Option<Duration>,

    /// Those of at least so many bytes: 900, 20k, 1M
    #[arg(long, value_name = "SIZE", value_parser = size)]
    larger: Option<u64>,

    /// Those whose login came from this address or network: 10.0.0.0/8, 2001:db8::/32
    #[arg(long, value_name = "NETWORK")]
    from: Option<String>,

    /// Those with this text in user, address or browser, or at the beginning of the handle
    #[arg(long, value_name = "TEXT")]
    search: Option<OsString>,
}

impl FilterArguments {
    /// Whether none is given, which means all sessions.
    pub fn is_empty(&self) -> bool {
        self.user.is_none() && self.is_user_at_most()
    }

    /// Whether nothing but a user is given.
    pub fn is_user_at_most(&self) -> bool {
        let Self { user: _, guests, members, idle, larger, from, search } = self;
        !guests
            && !members
            && idle.is_none()
            && larger.is_none()
            && from.is_none()
            && search.as_ref().is_none_or(|text| text.is_empty())
    }

    /// What the options say.
    pub fn filter(&self) -> Result<Filter, Failure> {
        let filter = Filter {
            user: self.user.as_ref().map(|user| user.as_bytes().to_vec()),
            logged_in: match (self.guests, self.members) {
                (true, _) => Some(false),
                (_, true) => Some(true),
                _ => None,
            },
            idle: self.idle,
            bytes: self.larger,
            text: self.search.as_ref().map(|text| text.as_bytes().to_vec()).unwrap_or_default(),
            ..Filter::default()
        };
        match &self.from {
            None => Ok(filter),
            Some(network) => {
                filter.from_network(network).map_err(|error| Failure::Usage(format!("--from: {error}")))
            }
        }
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let unit = |letter: &str| match letter {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    let seconds = with_unit(text, unit).ok_or("a number with s, m, h or d, as in 30m")?;
    Ok(Duration::from_secs(seconds))
}

fn size(text: &str) -> Result<u64, String> {
    let unit = |letter: &str| match letter {
        "" => Some(1),
        "k" | "K" => Some(1 << 10),
        "m" | "M" => Some(1 << 20),
        "g" | "G" => Some(1 << 30),
        _ => None,
    };
    with_unit(text, unit).ok_or_else(|| "a number of bytes, also with k, M or G, as in 20k".to_owned())
}

fn with_unit(text: &str, unit: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, letter) = text.split_at(digits);
    number.parse::<u64>().ok()?.checked_mul(unit(letter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(time("30m"), Ok(Duration::from_mins(30)));
        assert_eq!(time("7d"), Ok(Duration::from_hours(168)));
        assert_eq!((size("900"), size("20k"), size("1M")), (Ok(900), Ok(20 << 10), Ok(1 << 20)));
        for text in ["", "m", "30", "30 m", "-1m", "1.5h", "30min", "99999999999999999999d"] {
            assert!(time(text).is_err(), "{text:?}");
        }
        for text in ["", "k", "20kb", "-1", "17179869184G"] {
            assert!(size(text).is_err(), "{text:?}");
        }
    }
}
