//! How a session of this request is kept: php.ini's settings, overridden by what `new Session` was given.

use std::{
    cell::RefCell,
    ops::{Deref, DerefMut},
    rc::Rc,
    time::Duration,
};

use ext_php_rs::types::Zval;
use holdfast_core::client::address::TrustedProxies;
use holdfast_core::client::fingerprint::Modes;
use holdfast_core::cookie::SameSite;
use holdfast_core::csrf::Origin;
use holdfast_core::destination::AllowedHosts;
use holdfast_core::engine::StoreDsn;
use holdfast_core::session::{Lifetimes, Limit, Visit};
use holdfast_core::store::Store;
use holdfast_core::time::Timestamp;

use super::bans::{Bans, Kind as Banned};
use crate::exception::Failure;
use crate::settings::{self, Locking, Secure};
use crate::zend::{
    array::PhpArray,
    value::{self, Kind},
};

/// Everything that can be chosen for a session. A clone is a pointer, until one of the two is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options(Rc<Choices>);

thread_local! {
    /// What php.ini says, and how often it had changed when that was read.
    static SETTINGS: RefCell<Option<(u64, Options)>> = const { RefCell::new(None) };
}

impl Deref for Options {
    type Target = Choices;

    fn deref(&self) -> &Choices {
        &self.0
    }
}

impl DerefMut for Options {
    fn deref_mut(&mut self) -> &mut Choices {
        Rc::make_mut(&mut self.0)
    }
}

/// See [`Options`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// The store's DSN; empty: the shared store at its default place.
    pub store: String,
    /// The cookie's name, without the prefix.
    pub cookie_name: String,
    /// The path below which the cookie is sent.
    pub cookie_path: String,
    /// The domain with its subdomains; empty: this host only.
    pub cookie_domain: String,
    /// When the cookie is sent by HTTPS only.
    pub cookie_secure: Secure,
    /// Whether scripts in the page are kept away from the cookie.
    pub cookie_httponly: bool,
    /// On which requests from other sites the cookie is sent.
    pub cookie_samesite: Option<SameSite>,
    /// How long the browser keeps the cookie; zero: until it closes.
    pub cookie_lifetime: Duration,
    /// Whether the name gets the prefix `__Host-`.
    pub cookie_host_prefix: bool,
    /// How long a guest's session lives without a request.
    pub lifetime: Duration,
    /// The same for the session of somebody who is logged in; zero: as a guest's.
    pub member_lifetime: Duration,
    /// How long the session lives after its beginning or its login, whatever is asked of it; zero: no such end.
    pub absolute_lifetime: Duration,
    /// How long a login is remembered after each use, for a browser that asks for it; zero: not at all.
    pub remember_lifetime: Duration,
    /// How long the old id of an ordinary rotation leads to the new one: a browser may have requests on their way with it.
    pub rotation_grace: Duration,
    /// Whether the visitor's requests wait for each other.
    pub locking: Locking,
    /// How long a request waits for the others; zero: not at all.
    pub lock_wait: Duration,
    /// After how long a session gets a new id in the midst of its life; zero: never.
    pub renewal_interval: Duration,
    /// The hosts beside the own one that redirects may go to.
    pub redirect_hosts: AllowedHosts,
    /// How many of the visitor's last pages are kept; 0: none.
    pub history: usize,
    /// Whether the visitor's last five pages are kept in ExpressionEngine's form.
    pub tracker: bool,
    /// The site's control panel.
    pub control_panel: ControlPanel,
    /// The other sites whose pages may send forms here.
    pub csrf_origins: Vec<Origin>,
    /// The proxies whose word about where the request came from is taken.
    pub trusted_proxies: TrustedProxies,
    /// Who is banned.
    pub bans: Bans,
    /// How logins are protected.
    pub logins: Logins,
    /// The id of a session that the application continues, in place of the cookie's.
    pub id: Option<String>,
}

/// The site's control panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPanel {
    /// Whether this request is one of it.
    pub is_here: bool,
    /// How long a session for it may be without a request; zero: as long as the session.
    pub lifetime: Duration,
}

/// How logins are protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logins {
    /// Whether attempts to log in are counted and slowed down.
    pub throttle: bool,
    /// Whether a login gives a second cookie, without which its session is nobody's.
    pub challenge: bool,
    /// What a member's requests must have in common with their login.
    pub fingerprint: Modes,
    /// How many sessions a user may have.
    pub limit: Limit,
}

/// The options, in the order in which a message names them.
const NAMES: [&str; 34] = [
    "store",
    "cookie_name",
    "cookie_path",
    "cookie_domain",
    "cookie_secure",
    "cookie_httponly",
    "cookie_samesite",
    "cookie_lifetime",
    "cookie_host_prefix",
    "lifetime",
    "member_lifetime",
    "absolute_lifetime",
    "remember_lifetime",
    "rotation_grace",
    "locking",
    "lock_wait",
    "renewal_interval",
    "redirect_hosts",
    "history",
    "tracker",
    "control_panel",
    "cp_lifetime",
    "throttle",
    "challenge",
    "fingerprint",
    "sessions_per_user",
    "sessions_per_user_policy",
    "banned_ips",
    "banned_emails",
    "banned_usernames",
    "banned_screen_names",
    "csrf_origins",
    "trusted_proxies",
    "id",
];

impl Logins {
    fn from_settings() -> Self {
        Self {
            throttle: settings::flag("throttle"),
            challenge: settings::flag("challenge"),
            fingerprint: settings::parse_fingerprint(&settings::text("fingerprint"))
                .unwrap_or(Modes::USER_AGENT),
            limit: Limit {
                sessions: settings::parse_limit(&settings::text("sessions_per_user")).unwrap_or(0),
                when_reached: settings::parse_policy(&settings::text("sessions_per_user_policy"))
                    .unwrap_or_default(),
            },
        }
    }
}

impl Choices {
    /// Reads and parses every setting.
    fn from_settings() -> Self {
        Self {
            store: settings::text("store"),
            cookie_name: settings::text("cookie_name"),
            cookie_path: settings::text("cookie_path"),
            cookie_domain: settings::text("cookie_domain"),
            cookie_secure: settings::parse_secure(&settings::text("cookie_secure")).unwrap_or(Secure::Auto),
            cookie_httponly: settings::flag("cookie_httponly"),
            cookie_samesite: settings::parse_same_site(&settings::text("cookie_samesite"))
                .unwrap_or(Some(SameSite::Lax)),
            cookie_lifetime: settings::seconds("cookie_lifetime"),
            cookie_host_prefix: settings::flag("cookie_host_prefix"),
            lifetime: settings::seconds("lifetime"),
            member_lifetime: settings::seconds("member_lifetime"),
            absolute_lifetime: settings::seconds("absolute_lifetime"),
            remember_lifetime: settings::seconds("remember_lifetime"),
            rotation_grace: settings::seconds("rotation_grace"),
            locking: settings::parse_locking(&settings::text("locking")).unwrap_or(Locking::Auto),
            lock_wait: settings::seconds("lock_wait"),
            renewal_interval: settings::seconds("renewal_interval"),
            redirect_hosts: settings::parse_hosts(&settings::text("redirect_hosts")).unwrap_or_default(),
            history: settings::parse_history(&settings::text("history")).unwrap_or(0),
            tracker: settings::flag("tracker"),
            control_panel: ControlPanel {
                is_here: settings::flag("control_panel"),
                lifetime: settings::seconds("cp_lifetime"),
            },
            csrf_origins: settings::parse_origins(&settings::text("csrf_origins")).unwrap_or_default(),
            trusted_proxies: settings::parse_proxies(&settings::text("trusted_proxies")).unwrap_or_default(),
            bans: Bans::default(),
            logins: Logins::from_settings(),
            id: None,
        }
    }
}

impl Options {
    /// What php.ini says.
    pub fn with_settings() -> Result<Self, Failure> {
        let options = Self::of_settings();
        options.check_host_prefix()?;
        Ok(options)
    }

    /// Are these the very same ones?
    pub fn are(&self, others: &Self) -> bool {
        Rc::ptr_eq(&self.0, &others.0)
    }

    /// What php.ini says, for the cookie that has this name on the wire.
    pub fn of_cookie(name: &str) -> Self {
        let mut options = Self::of_settings();
        name.clone_into(&mut options.cookie_name);
        options.cookie_host_prefix = false;
        options
    }

    /// What php.ini says, as it is. It is read when it has changed.
    pub fn of_settings() -> Self {
        let changes = settings::changes();
        let known = SETTINGS.with_borrow(|known| {
            known.as_ref().filter(|(read_at, _)| *read_at == changes).map(|(_, options)| options.clone())
        });
        known.unwrap_or_else(|| {
            let options = Self(Rc::new(Choices::from_settings()));
            SETTINGS.set(Some((changes, options.clone())));
            options
        })
    }

    /// php.ini's settings, overridden by an array of options.
    pub fn with_overrides(options: &Zval) -> Result<Self, Failure> {
        let mut chosen = Self::of_settings();
        if value::kind(options) != Kind::Array {
            return Err(Failure::InvalidArgument("the options of a session must be an array".into()));
        }
        for (name, value) in PhpArray::of(options).entries() {
            let name = String::from_utf8_lossy(name.to_string().as_bytes()).into_owned();
            chosen.set(&name, value::deref(value)).map_err(|reason| {
                Failure::InvalidArgument(match reason {
                    None => format!(
                        "unknown session option '{}'; there are: {}",
                        name.escape_default(),
                        NAMES.join(", ")
                    ),
                    Some(reason) => format!("session option '{name}' {reason}"),
                })
            })?;
        }
        chosen.check_host_prefix()?;
        Ok(chosen)
    }
}

impl Choices {
    /// Sets one option; the error says what it must be, or nothing when there is no such option.
    fn set(&mut self, name: &str, value: &Zval) -> Result<(), Option<String>> {
        let duration = |min| settings::parse_seconds(&text(value)?, min).map(Duration::from_secs);
        match name {
            "store" => {
                let dsn = text(value)?;
                StoreDsn::parse(&dsn).map_err(|error| format!("is no store: {error}"))?;
                self.store = dsn;
            }
            "cookie_name" => self.cookie_name = settings::parse_cookie_name(&text(value)?)?,
            "cookie_path" => self.cookie_path = settings::parse_attribute(&text(value)?)?,
            "cookie_domain" => self.cookie_domain = settings::parse_attribute(&text(value)?)?,
            "cookie_secure" => self.cookie_secure = settings::parse_secure(&text(value)?)?,
            "cookie_httponly" => self.cookie_httponly = settings::parse_bool(&text(value)?)?,
            "cookie_samesite" => self.cookie_samesite = settings::parse_same_site(&text(value)?)?,
            "cookie_lifetime" => self.cookie_lifetime = duration(0)?,
            "cookie_host_prefix" => self.cookie_host_prefix = settings::parse_bool(&text(value)?)?,
            "lifetime" => self.lifetime = duration(1)?,
            "member_lifetime" => self.member_lifetime = duration(0)?,
            "absolute_lifetime" => self.absolute_lifetime = duration(0)?,
            "remember_lifetime" => self.remember_lifetime = duration(0)?,
            "locking" => self.locking = settings::parse_locking(&text(value)?)?,
            "lock_wait" => self.lock_wait = duration(0)?,
            "renewal_interval" => self.renewal_interval = duration(0)?,
            "redirect_hosts" => self.redirect_hosts = settings::parse_hosts(&text(value)?)?,
            "history" => self.history = settings::parse_history(&text(value)?)?,
            "tracker" => self.tracker = settings::parse_bool(&text(value)?)?,
            "control_panel" => self.control_panel.is_here = settings::parse_bool(&text(value)?)?,
            "cp_lifetime" => self.control_panel.lifetime = duration(0)?,
            "csrf_origins" => self.csrf_origins = settings::parse_origins(&text(value)?)?,
            "rotation_grace" => {
                self.rotation_grace = Duration::from_secs(settings::parse_grace(&text(value)?)?);
            }
            "throttle" => self.logins.throttle = settings::parse_bool(&text(value)?)?,
            "challenge" => self.logins.challenge = settings::parse_bool(&text(value)?)?,
            "fingerprint" => self.logins.fingerprint = settings::parse_fingerprint(&text(value)?)?,
            "trusted_proxies" => self.trusted_proxies = settings::parse_proxies(&text(value)?)?,
            "sessions_per_user" => self.logins.limit.sessions = settings::parse_limit(&text(value)?)?,
            "sessions_per_user_policy" => {
                self.logins.limit.when_reached = settings::parse_policy(&text(value)?)?;
            }
            "banned_ips" => self.bans.set(Banned::Address, text(value)?),
            "banned_emails" => self.bans.set(Banned::Email, text(value)?),
            "banned_usernames" => self.bans.set(Banned::Username, text(value)?),
            "banned_screen_names" => self.bans.set(Banned::ScreenName, text(value)?),
            "id" => self.id = Some(text(value)?),
            _ => return Err(None),
        }
        Ok(())
    }

    /// Browsers refuse a `__Host-` cookie that is not secure, has a domain or another path than `/`.
    fn check_host_prefix(&self) -> Result<(), Failure> {
        if !self.cookie_host_prefix {
            return Ok(());
        }
        let wrong = if !self.cookie_domain.is_empty() {
            "cookie_domain to be empty"
        } else if self.cookie_path != "/" {
            "cookie_path to be '/'"
        } else {
            return Ok(());
        };
        Err(Failure::InvalidArgument(format!(
            "cookie_host_prefix wants {wrong}: browsers refuse the cookie else"
        )))
    }

    /// What the core needs to know to open, save and end the session.
    pub fn visit(&self, store: Store, now: Timestamp) -> Visit {
        Visit { store, cookie_name: self.full_cookie_name(), lifetimes: self.lifetimes(), now }
    }

    /// How long the session lives.
    pub fn lifetimes(&self) -> Lifetimes {
        let member = if self.member_lifetime.is_zero() { self.lifetime } else { self.member_lifetime };
        Lifetimes {
            guest: self.lifetime,
            member,
            absolute: self.absolute_lifetime,
            remembered: self.remember_lifetime,
        }
    }

    /// The name that the cookie has on the wire.
    pub fn full_cookie_name(&self) -> String {
        if self.cookie_host_prefix {
            format!("__Host-{}", self.cookie_name)
        } else {
            self.cookie_name.clone()
        }
    }
}

/// A scalar as text: what it would be in php.ini.
fn text(value: &Zval) -> Result<String, String> {
    match value::kind(value) {
        Kind::String => {
            String::from_utf8(value::bytes(value).to_vec()).map_err(|_| "must be UTF-8 text".to_owned())
        }
        Kind::Long => Ok(value::long(value).to_string()),
        Kind::True => Ok("1".into()),
        Kind::False => Ok("0".into()),
        _ => Err("must be a string, an integer or a boolean".into()),
    }
}
