//! Sessions that were named on the command line: by handles, or by beginnings of them.

use std::ops::ControlFlow;

use holdfast_core::{
    engine::{Engine, EngineError},
    survey::{Filter, Listed, list},
};

use crate::failure::Failure;

const LEAST_DIGITS: usize = 6;
const DIGITS: usize = 32;

/// What somebody gave for a handle: 6 digits at least, in small letters.
struct Beginning {
    digits: String,
    /// One for each handle that begins so.
    found: Vec<Listed>,
}

/// The sessions that `names` name, in their order. It is an error when one of them names none, or several.
pub fn sessions(engine: &dyn Engine, names: &[String]) -> Result<Vec<Listed>, Failure> {
    let mut beginnings = names.iter().map(|name| beginning(name)).collect::<Result<Vec<_>, _>>()?;
    // A session that is being rotated can be under its new address where the first look has passed already.
    for _ in 0..2 {
        look(engine, &mut beginnings)?;
        if beginnings.iter().all(|beginning| !beginning.found.is_empty()) {
            break;
        }
    }
    let mut sessions: Vec<Listed> = Vec::new();
    for Beginning { digits, mut found } in beginnings {
        match (found.pop(), found.len()) {
            (None, _) => return Err(Failure::NoSession(format!("there is no session {digits}"))),
            (Some(_), more @ 1..) => {
                return Err(Failure::NoSession(format!(
                    "{digits} begins the handles of {} sessions; give more digits",
                    more + 1
                )));
            }
            (Some(session), 0) if sessions.iter().all(|other| other.handle != session.handle) => {
                sessions.push(session);
            }
            // Named twice.
            (Some(_), 0) => {}
        }
    }
    Ok(sessions)
}

fn look(engine: &dyn Engine, beginnings: &mut [Beginning]) -> Result<(), EngineError> {
    list(engine, &Filter::default(), engine.now(), &mut |session| {
        let handle = session.handle.to_string();
        for Beginning { digits, found } in beginnings.iter_mut() {
            if !handle.starts_with(digits.as_str()) {
                continue;
            }
            match found.iter_mut().find(|other| other.handle == session.handle) {
                // A rotation stores a session under its new address before the old one ends.
                Some(other) if other.last_activity > session.last_activity => {}
                Some(other) => *other = session.clone(),
                None => found.push(session.clone()),
            }
        }
        ControlFlow::Continue(())
    })
}

/// The text is not repeated where it is no handle: it could be an id (S29).
fn beginning(name: &str) -> Result<Beginning, Failure> {
    let digits = name.to_ascii_lowercase();
    let is_one = (LEAST_DIGITS..=DIGITS).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
    if !is_one {
        return Err(Failure::Usage(format!(
            "a session is named by the first {LEAST_DIGITS} to {DIGITS} hexadecimal digits of its handle, as holdfast ls \
             shows them, and one argument is something else"
        )));
    }
    Ok(Beginning { digits, found: Vec::new() })
}
