//! The tokens of a session's forms: kept in a variable of the session, so that they live, move and end with it, and
//! whoever removes the variable makes them all new (S32).

use ext_php_rs::types::Zval;
use holdfast_core::csrf::{Times, TokenRing, Verdict};
use holdfast_core::session::SessionError;
use holdfast_core::time::Timestamp;

use super::{Session, cookie, sending, session::Reach};
use crate::exception::Failure;
use crate::server;
use crate::zend::{
    array::PhpArray,
    string::PhpString,
    value::{self, Kind},
};

/// The name of the variable: the namespace in which ProcessWire keeps its tokens.
const VARIABLE: &str = "SessionCSRF";

/// What a posted form is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It has the token, and was not sent by another site.
    Valid,
    /// It has no token that is valid now; or it was not posted, so that there can't be one.
    NoToken,
    /// It was sent by another site.
    Foreign,
}

/// What becomes of a token that was found valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterCheck {
    /// A single-use token is used up, any other stays.
    Auto,
    /// It is used up.
    Spend,
    /// It stays.
    Keep,
}

impl Session {
    /// The tokens of this session, for a page that is nobody else's. They are made and saved when there are none, so that parallel requests which need
    /// some at the same time get the same.
    pub fn tokens(&self) -> Result<TokenRing, Failure> {
        cookie::keep_private();
        if let Some(ring) = self.kept_tokens()? {
            return Ok(ring);
        }
        self.issue(|ring, _| ring)
    }

    /// The tokens with one for `id` that can be used once.
    pub fn tokens_with_single_use(&self, id: &[u8]) -> Result<TokenRing, Failure> {
        cookie::keep_private();
        self.issue(|mut ring, now| {
            ring.make_single_use(id, now);
            ring
        })
    }

    /// Does this request prove that a page of this session sent it, by the token of `id`? Nothing is made for the
    /// question: neither a session nor a token. A token that is to be used up is, and that is saved, before the answer: of
    /// any number of requests with it one gets [`Check::Valid`] (S35).
    pub fn check_token(&self, id: &[u8], after: AfterCheck) -> Result<Check, Failure> {
        let listed = self.state.borrow().options.csrf_origins.clone();
        match sending::verdict(&listed) {
            Verdict::Safe => return Ok(Check::NoToken),
            Verdict::Foreign => return Ok(Check::Foreign),
            Verdict::Own | Verdict::Listed | Verdict::Unknown => {}
        }
        let Some(ring) = self.kept_tokens()? else { return Ok(Check::NoToken) };
        let token = ring.token(id);
        let Some(text) = sent(&ring.name(id)).into_iter().flatten().find(|text| token.is(text.as_bytes()))
        else {
            return Ok(Check::NoToken);
        };
        let spends = match after {
            AfterCheck::Auto => ring.is_single_use(id),
            AfterCheck::Spend => true,
            AfterCheck::Keep => false,
        };
        let is_valid = !spends
            || self.withdraw(|ring, now| {
                // As it is stored now: another request may have been faster.
                let is_valid = ring.token(id).is(text.as_bytes());
                if is_valid {
                    ring.spend(id, now)?;
                }
                Ok(is_valid)
            })?;
        Ok(if is_valid { Check::Valid } else { Check::NoToken })
    }

    /// Makes the tokens of `id` invalid, at once and for all requests.
    pub fn reset_token(&self, id: &[u8]) -> Result<(), Failure> {
        if self.kept_tokens()?.is_some() {
            self.withdraw(|ring, now| {
                ring.reset(id, now)?;
                Ok(true)
            })?;
        }
        Ok(())
    }

    /// Makes all tokens invalid, when the session is saved.
    pub fn reset_tokens(&self) -> Result<(), Failure> {
        self.remove(&variable())
    }

    /// The tokens as this request has them; `None` when there are none, or something else is in their place.
    fn kept_tokens(&self) -> Result<Option<TokenRing>, Failure> {
        Ok(self.get(&variable())?.as_ref().and_then(restore))
    }

    /// Changes the tokens as they are stored, made if need be, and saves them at once.
    ///
    /// Of a session that nobody can come back to (its cookie could not be sent, or it was ended meanwhile) the tokens are
    /// this request's alone: its page is shown all the same, and its form is refused later.
    fn issue(&self, mut add: impl FnMut(TokenRing, Timestamp) -> TokenRing) -> Result<TokenRing, Failure> {
        self.begin_change()?;
        let now = self.store()?.engine().now();
        let mut issued = None;
        let mut change = |old: Option<&Zval>| {
            let old = old.and_then(restore);
            let ring = match &old {
                Some(ring) => add(ring.clone(), now),
                None => add(TokenRing::new(now)?, now),
            };
            let changed = (old.as_ref() != Some(&ring)).then(|| keep(&ring));
            issued = Some(ring);
            Ok(changed)
        };
        let reach = self.state.borrow().reach;
        let saved = if reach == Reach::Cookie {
            self.change_atomically_if(&variable(), &mut change)
        } else {
            Err(SessionError::Gone.into())
        };
        match saved {
            Err(Failure::Session(SessionError::Gone)) => {
                let old = self.get(&variable())?;
                if let Some(new) = change(old.as_ref())? {
                    self.set(&variable(), new)?;
                }
            }
            saved => saved?,
        }
        issued.ok_or_else(|| Failure::Fault("a token was not made".into()))
    }

    /// Takes something from the tokens as they are stored, and saves that at once; what `take` says. False of a session
    /// that is no more.
    fn withdraw(
        &self,
        mut take: impl FnMut(&mut TokenRing, Timestamp) -> Result<bool, Failure>,
    ) -> Result<bool, Failure> {
        let now = self.store()?.engine().now();
        let mut is_taken = false;
        let saved = self.change_atomically_if(&variable(), |old| {
            is_taken = false;
            let Some(mut ring) = old.and_then(restore) else { return Ok(None) };
            is_taken = take(&mut ring, now)?;
            Ok(is_taken.then(|| keep(&ring)))
        });
        match saved {
            Ok(()) => Ok(is_taken),
            Err(Failure::Session(SessionError::Gone)) => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

/// Where a token may stand: in the field of its name; in the header of its name, as ProcessWire reads it from requests
/// by XMLHttpRequest; in the header that many libraries send.
fn sent(name: &str) -> [Option<PhpString>; 3] {
    [
        server::field(name),
        if server::is_ajax() { server::variable(&format!("HTTP_X_{name}")) } else { None },
        server::variable("HTTP_X_CSRF_TOKEN"),
    ]
}

fn variable() -> PhpString {
    PhpString::key(VARIABLE.as_bytes())
}

fn key(name: &str) -> PhpString {
    PhpString::key(name.as_bytes())
}

/// The ring as a value of the session: text and integers only.
fn keep(ring: &TokenRing) -> Zval {
    let mut kept = PhpArray::with_capacity(5);
    kept.insert(&key("secret"), value::from_bytes(ring.secret().as_bytes()));
    kept.insert(&key("created"), keep_time(ring.created()));
    kept.insert(&key("latest"), keep_time(ring.latest()));
    for (name, times) in [("resets", ring.resets()), ("singles", ring.single_use())] {
        if !times.is_empty() {
            let mut list = PhpArray::with_capacity(times.len());
            for (id, time) in times {
                list.insert(&PhpString::new(id), keep_time(*time));
            }
            kept.insert(&key(name), list.into_value());
        }
    }
    kept.into_value()
}

fn keep_time(time: Timestamp) -> Zval {
    value::from_long(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}

/// The ring that a value of the session is; `None` when it is none.
fn restore(kept: &Zval) -> Option<TokenRing> {
    if value::kind(kept) != Kind::Array {
        return None;
    }
    let kept = PhpArray::of(kept);
    let find = |name| kept.find(&key(name)).map(value::deref);
    let secret = find("secret").filter(|secret| value::kind(secret) == Kind::String)?;
    TokenRing::restore(
        value::bytes(secret),
        restore_time(find("created")?)?,
        restore_time(find("latest")?)?,
        restore_times(find("resets"))?,
        restore_times(find("singles"))?,
    )
}

fn restore_time(kept: &Zval) -> Option<Timestamp> {
    let millis = (value::kind(kept) == Kind::Long).then(|| value::long(kept))?;
    u64::try_from(millis).ok().map(Timestamp::from_millis)
}

fn restore_times(kept: Option<&Zval>) -> Option<Times> {
    let Some(kept) = kept else { return Some(Times::new()) };
    if value::kind(kept) != Kind::Array {
        return None;
    }
    let restore = |(id, time): (crate::zend::array::ArrayKey<'_>, _)| {
        Some((id.to_string().as_bytes().to_vec(), restore_time(value::deref(time))?))
    };
    PhpArray::of(kept).entries().map(restore).collect()
}
