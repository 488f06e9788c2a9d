//! Colours and weights: for terminals, and for those who want them (<https://no-color.org>).

use std::env;

/// Whether somebody asked for none.
pub fn is_unwanted() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A text in bold where `is_terminal` says that it goes to one.
pub fn bold(text: &str, is_terminal: bool) -> String {
    if is_terminal && !is_unwanted() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}
