//! Forged requests of other sites, recognised: by tokens that only the session's own pages hold (S32 to S35), and by
//! what a browser says of where a request comes from (S36).

mod origin;
mod ring;
mod sender;
mod token;

pub use origin::Origin;
pub use ring::{MOST_RESETS, MOST_SINGLE_USE, Times, TokenRing};
pub use sender::{Sending, Verdict, is_safe, judge};
pub use token::{TOKEN_CHARS, Token};
