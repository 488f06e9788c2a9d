//! What is wrong with settings, by themselves.

use std::{fs, path::Path};

use holdfast_core::audit::Target;

use super::{Finding, Severity, settings::Settings};

const OURS: &str = "holdfast";

/// Looks at one PHP, or one pool.
pub fn look(settings: &Settings, found: &mut Vec<Finding>) {
    let mut tell = |severity, setting: &str, what: &str, why: &str, write: &str| {
        found.push(Finding {
            severity,
            place: settings.name.clone(),
            setting: setting.to_owned(),
            what: what.to_owned(),
            why: why.to_owned(),
            write: write.to_owned(),
        });
    };
    if !settings.has_extension {
        tell(
            Severity::Must,
            "extension",
            "the extension is not loaded",
            "without it there are neither the class Session nor the save handler",
            "extension=holdfast.so",
        );
    }
    handlers(settings, &mut tell);
    cookies(settings, &mut tell);
    collecting(settings, &mut tell);
    if settings.is_fpm && !settings.is_on("opcache.enable", !settings.is_from_files) {
        tell(
            Severity::Should,
            "opcache.enable",
            "PHP compiles each script anew for each request",
            "that takes far longer than any session",
            "opcache.enable = 1",
        );
    }
    if let Some(timeout) = &settings.control_timeout
        && timeout.trim_end_matches(['s', 'm', 'h', 'd']).parse::<u64>().unwrap_or(0) == 0
    {
        tell(
            Severity::Should,
            "process_control_timeout",
            "a reload of php-fpm kills requests that are running",
            "what they have changed in a session is lost with them; this gives them time to end",
            "process_control_timeout = 10s",
        );
    }
    audit(settings, &mut tell);
}

type Tell<'a> = dyn FnMut(Severity, &str, &str, &str, &str) + 'a;

fn handlers(settings: &Settings, tell: &mut Tell<'_>) {
    let handler = settings.get("session.save_handler", "files");
    let serializer = settings.get("session.serialize_handler", "php");
    if handler != OURS {
        tell(
            Severity::Should,
            "session.save_handler",
            &format!("$_SESSION is kept by {handler}"),
            "Holdfast keeps the sessions of the class Session only; import-files takes over what is in files",
            "session.save_handler = holdfast",
        );
        if !settings.is_on("session.use_strict_mode", false) {
            tell(
                Severity::Should,
                "session.use_strict_mode",
                "ids that visitors make up are taken for good",
                "so whoever plants an id in a browser shares its session; Holdfast never takes one, whatever this says",
                "session.use_strict_mode = 1",
            );
        }
    } else if serializer != OURS {
        tell(
            Severity::Should,
            "session.serialize_handler",
            &format!("sessions are one piece each, written by {serializer}"),
            "so the requests of one visitor wait for each other; with holdfast they run in parallel and are merged",
            "session.serialize_handler = holdfast",
        );
    }
    if handler == OURS
        && settings.get("session.name", "PHPSESSID") == settings.get("holdfast.cookie_name", "holdfast")
    {
        tell(
            Severity::Must,
            "holdfast.cookie_name",
            "$_SESSION and the class Session have the same cookie",
            "each takes the other's id for its own and overwrites its session",
            "holdfast.cookie_name = holdfast",
        );
    }
}

fn cookies(settings: &Settings, tell: &mut Tell<'_>) {
    if !settings.is_on("session.use_only_cookies", true) {
        tell(
            Severity::Must,
            "session.use_only_cookies",
            "ids are taken from addresses",
            "whoever is sent a link with an id shares the session of who sent it",
            "session.use_only_cookies = 1",
        );
    }
    if settings.is_on("session.use_trans_sid", false) {
        tell(
            Severity::Must,
            "session.use_trans_sid",
            "ids are written into the links of pages",
            "they go to other sites and into logs",
            "session.use_trans_sid = 0",
        );
    }
    if !settings.is_on("session.cookie_secure", false) {
        tell(
            Severity::Should,
            "session.cookie_secure",
            "browsers send the cookie of $_SESSION over unencrypted connections",
            "anybody on the way can read it; leave it off only where the site has no HTTPS",
            "session.cookie_secure = 1",
        );
    }
    if !settings.is_on("session.cookie_httponly", false) {
        tell(
            Severity::Should,
            "session.cookie_httponly",
            "JavaScript can read the cookie of $_SESSION",
            "a script that somebody smuggles in takes the session with it",
            "session.cookie_httponly = 1",
        );
    }
    if settings.get("session.cookie_samesite", "").is_empty() {
        tell(
            Severity::Should,
            "session.cookie_samesite",
            "each browser decides which other sites may send requests with the cookie of $_SESSION",
            "some send it with every form of any site",
            "session.cookie_samesite = Lax",
        );
    }
    if !settings.has_extension {
        return;
    }
    let samesite = settings.get("holdfast.cookie_samesite", "Lax");
    let secure = settings.get("holdfast.cookie_secure", "auto").to_ascii_lowercase();
    if samesite.eq_ignore_ascii_case("none") && matches!(secure.as_str(), "off" | "0" | "") {
        tell(
            Severity::Must,
            "holdfast.cookie_secure",
            "browsers refuse a cookie with SameSite=None that is not Secure",
            "nobody keeps a session",
            "holdfast.cookie_secure = on",
        );
    } else if matches!(secure.as_str(), "off" | "0") {
        tell(
            Severity::Should,
            "holdfast.cookie_secure",
            "browsers send the cookie of the class Session over unencrypted connections",
            "anybody on the way can read it; auto knows whether the request came over HTTPS",
            "holdfast.cookie_secure = auto",
        );
    }
    if samesite.is_empty() {
        tell(
            Severity::Should,
            "holdfast.cookie_samesite",
            "each browser decides which other sites may send requests with the cookie of the class Session",
            "some send it with every form of any site",
            "holdfast.cookie_samesite = Lax",
        );
    }
    if !settings.is_on("holdfast.cookie_httponly", true) {
        tell(
            Severity::Should,
            "holdfast.cookie_httponly",
            "JavaScript can read the cookie of the class Session",
            "a script that somebody smuggles in takes the session with it",
            "holdfast.cookie_httponly = 1",
        );
    }
}

fn collecting(settings: &Settings, tell: &mut Tell<'_>) {
    let number = |name, default| settings.get(name, default).parse::<u64>().unwrap_or(0);
    let (cookie, idle) = (number("session.cookie_lifetime", "0"), number("session.gc_maxlifetime", "1440"));
    if cookie > idle {
        tell(
            Severity::Should,
            "session.gc_maxlifetime",
            &format!(
                "browsers keep the cookie for {cookie} s, and sessions end after {idle} s without a request"
            ),
            "visitors are logged out before their cookie is over",
            &format!("session.gc_maxlifetime = {cookie}"),
        );
    }
    if settings.get("session.save_handler", "files") == OURS && number("session.gc_probability", "1") > 0 {
        tell(
            Severity::May,
            "session.gc_probability",
            "some requests remove all that has expired",
            "normal work removes it little by little, so nothing depends on that",
            "session.gc_probability = 0",
        );
    }
}

fn audit(settings: &Settings, tell: &mut Tell<'_>) {
    let text = settings.get("holdfast.audit", "");
    let setting = "holdfast.audit";
    let write = "holdfast.audit = /var/log/holdfast/audit.log";
    let why = "what happens to sessions is written nowhere";
    match Target::parse(text) {
        Err(what) => tell(Severity::Must, setting, &format!("it {what}"), why, write),
        Ok(Some(Target::File(path))) => {
            let directory = path.parent().unwrap_or(Path::new("/"));
            if !fs::metadata(directory).is_ok_and(|metadata| metadata.is_dir()) {
                let what = format!("there is no directory {}", directory.display());
                tell(Severity::Must, setting, &what, why, write);
            } else if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
                tell(Severity::Must, setting, &format!("{} is no file", path.display()), why, write);
            }
        }
        Ok(Some(Target::Syslog(socket))) => {
            if !socket.exists() {
                let what = format!("there is no syslog daemon at {}", socket.display());
                tell(Severity::Must, setting, &what, why, "holdfast.audit = syslog");
            }
        }
        Ok(None) => {}
    }
}
