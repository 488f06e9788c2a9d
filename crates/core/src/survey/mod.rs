//! What whoever runs the site sees of its sessions: a list without ids, filtered, in order, page by page. Looking at sessions
//! is no use of them, and changes nothing.
//!
//! ```text
//!   list ──> beginnings   (what each record tells of its session)
//!    │  ├──> generations  (whose sessions were all ended)
//!    │  └──> listed       (one session: who, since when, where from)
//!    │         └── filter (which of them)
//!    └──< page            (in order, some of them)
//!
//!   check                 (is a record what it should be?)
//! ```

mod beginnings;
mod check;
mod filter;
mod generations;
mod list;
mod listed;
mod mask;
mod page;
#[cfg(test)]
mod tests;

pub(crate) use beginnings::{beginning_of, beginnings};
pub use check::{Checked, Damage, check};
pub use filter::{BadFilter, Filter};
pub use list::{find, list};
pub use listed::Listed;
pub use mask::Masks;
pub use page::{Order, Page, Query, page};
