//! The last five pages of a visitor, with `holdfast.tracker`, as ExpressionEngine's `$session->tracker` has them: the
//! current one first, kept in the session variable `_tracker`.

use ext_php_rs::types::Zval;

use super::history;
use super::session::Session;
use crate::exception::Failure;
use crate::server;
use crate::zend::{
    array::PhpArray,
    ffi,
    string::PhpString,
    value::{self, Kind},
};

const KEPT: usize = 5;

/// A longer one counts as strange: with five of them the session still has room.
const MAX_PAGE_BYTES: usize = 2048;

/// ExpressionEngine's name for the home page.
const HOME: &str = "index";

/// What becomes of the page of this request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tracking {
    /// It is recorded at the end.
    #[default]
    Due,
    /// The application does not want it.
    Refused,
    /// It is in what is stored.
    Done,
}

/// What a request is for the tracker.
enum Page {
    Named(String),
    /// Somebody plays with the address: ExpressionEngine empties the tracker then.
    Strange,
    /// No page that a visitor looks at.
    Aside,
}

fn variable() -> PhpString {
    PhpString::key(b"_tracker")
}

impl Session {
    /// The pages, the current one first.
    pub fn tracker(&self) -> Result<Zval, Failure> {
        if !self.has_tracker() {
            return Ok(list(Vec::new()));
        }
        let stored = self.get(&variable())?;
        let new = match self.tracking.get() {
            Tracking::Due => tracked(stored.as_ref(), &page()),
            Tracking::Refused | Tracking::Done => None,
        };
        Ok(new.unwrap_or_else(|| list(pages(stored.as_ref()))))
    }

    /// Keeps the page of this request out of the tracker, unless it was recorded already.
    pub fn do_not_track(&self) {
        if self.tracking.get() == Tracking::Due {
            self.tracking.set(Tracking::Refused);
        }
    }

    /// Records the page of this request, once, in a session that there is: a visitor without one gets none (S25).
    /// Parallel requests lose none of each other's pages. Nothing is stored when nothing changes.
    pub(super) fn track(&self) -> Result<(), Failure> {
        if !self.has_tracker() || self.tracking.get() != Tracking::Due {
            return Ok(());
        }
        let page = page();
        if matches!(page, Page::Aside) {
            return Ok(());
        }
        self.load()?;
        if !self.is_kept() {
            return Ok(());
        }
        if tracked(self.get(&variable())?.as_ref(), &page).is_some() {
            self.change_atomically_if(&variable(), |stored| match stored {
                // The application has a variable of this name that is no tracker.
                Some(stored) if value::kind(stored) != Kind::Array => Ok(None),
                stored => Ok(tracked(stored, &page)),
            })?;
        }
        self.tracking.set(Tracking::Done);
        Ok(())
    }

    fn has_tracker(&self) -> bool {
        let is_on = {
            let options = &self.state.borrow().options;
            options.tracker && !options.control_panel.is_here
        };
        // SAFETY: reads globals of the running request.
        is_on && unsafe { ffi::hf_is_http() }
    }
}

/// The pages with this one; `None` when it changes nothing.
fn tracked(stored: Option<&Zval>, page: &Page) -> Option<Zval> {
    let mut pages = pages(stored);
    match page {
        Page::Aside => None,
        Page::Strange => (!pages.is_empty()).then(|| list(Vec::new())),
        Page::Named(page) => {
            let is_reload = pages.first().is_some_and(|last| value::bytes(last) == page.as_bytes());
            // What a theme consists of is tracked as the first page alone.
            if is_reload || !pages.is_empty() && page.starts_with("themes/") {
                return None;
            }
            pages.insert(0, value::from_bytes(page.as_bytes()));
            pages.truncate(KEPT);
            Some(list(pages))
        }
    }
}

/// The pages that a variable holds.
fn pages(stored: Option<&Zval>) -> Vec<Zval> {
    let Some(stored) = stored.filter(|stored| value::kind(stored) == Kind::Array) else { return Vec::new() };
    let stored = PhpArray::of(stored);
    let texts = stored.entries().map(|(_, page)| value::copy_deref(page));
    texts.filter(|page| value::kind(page) == Kind::String).take(KEPT).collect()
}

fn list(pages: Vec<Zval>) -> Zval {
    let mut list = PhpArray::with_capacity(pages.len());
    for page in pages {
        list.append(page);
    }
    list.into_value()
}

/// The page of this request.
fn page() -> Page {
    if !server::asks_for_a_page() || server::has_query_field("ACT") {
        return Page::Aside;
    }
    let uri = server::text("REQUEST_URI").unwrap_or_default();
    let script = server::text("SCRIPT_NAME").unwrap_or_default();
    let path = history::path(&uri).replace('\\', "/");
    let segments: Vec<&str> =
        below(&path, &script).split('/').filter(|segment| !segment.is_empty()).collect();
    let page = segments.join("/");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%_/-.".contains(&byte);
    if page.is_empty() {
        Page::Named(HOME.to_owned())
    } else if page.len() > MAX_PAGE_BYTES || !page.bytes().all(is_plain) {
        Page::Strange
    } else {
        Page::Named(page)
    }
}

/// The part of a path that an `index.php` is to look at; the whole path where every page has a script of its own. Some
/// servers give the script's name with what follows it in the address.
fn below<'a>(path: &'a str, script: &str) -> &'a str {
    const FRONT: &str = "/index.php";
    let is_end = |rest: &&str| rest.is_empty() || rest.starts_with('/');
    let front = script.match_indices(FRONT).map(|(at, _)| at).find(|at| is_end(&&script[at + FRONT.len()..]));
    let Some(directory) = front.map(|at| &script[..at]) else { return path };
    let Some(rest) = path.strip_prefix(directory).filter(is_end) else { return path };
    rest.strip_prefix(FRONT).filter(is_end).unwrap_or(rest)
}
