//! Hooks: code of the application that runs before and after a method, as ProcessWire's `Wire` has them.
//!
//! ```text
//!   $session->addHookBefore('login', …)          $session->login(…), or a call of it from inside
//!            |                                              |
//!       definition   what is to be hooked, and by what      |
//!       target                                              |
//!            |                                              |
//!         registry   which hooks there are  <------------ call    before-hooks, the method, after-hooks
//!                                                           |
//!                                                         event   what a hook is given: Holdfast\HookEvent
//! ```
//!
//! The room knows methods by their names only. Which methods there are is said where they are registered
//! ([`declare`]), and what they do is the body that [`call`] is given.

mod call;
mod definition;
mod event;
mod registry;
mod target;

pub use call::{call, call_added, call_from_inside, call_override};
pub use definition::Definition;
pub use event::{alias, register};
pub use registry::{Hooks, declare};
pub use target::Adding;
