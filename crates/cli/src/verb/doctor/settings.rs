//! The settings that PHP has, from its own word or from its files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::failure::Failure;

/// What stands in `php -i` in the place of a DSN.
const NOT_SHOWN: &str = "(not shown";

/// Settings of one PHP, or of one pool of it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whose they are.
    pub name: String,
    values: BTreeMap<String, String>,
    /// The extension is loaded.
    pub has_extension: bool,
    /// What the extension says of a store that it can't use.
    pub trouble: Option<String>,
    /// The user as whom the workers of a pool run.
    pub user: Option<String>,
    /// They are those of php-fpm.
    pub is_fpm: bool,
    /// From files, where what is not set has PHP's own value.
    pub is_from_files: bool,
    /// `process_control_timeout` of php-fpm; `None` where its settings were not read.
    pub control_timeout: Option<String>,
}

impl Settings {
    /// The value of a setting; empty where it has none.
    pub fn get<'s>(&'s self, name: &str, default: &'s str) -> &'s str {
        self.values.get(name).map_or(default, String::as_str)
    }

    pub fn is_on(&self, name: &str, default: bool) -> bool {
        match self.get(name, if default { "1" } else { "0" }).to_ascii_lowercase().as_str() {
            "on" | "yes" | "true" => true,
            other => other.parse::<i64>().is_ok_and(|number| number != 0),
        }
    }

    /// `holdfast.store`; `None` where PHP does not show it.
    pub fn store(&self) -> Option<&str> {
        let in_path = self.get("session.save_path", "");
        let is_dsn = |text: &str| {
            text.split_once(':').is_some_and(|(scheme, _)| {
                !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'+')
            })
        };
        if self.get("session.save_handler", "files") == "holdfast" && is_dsn(in_path) {
            return Some(in_path);
        }
        Some(self.get("holdfast.store", "")).filter(|store| !store.starts_with(NOT_SHOWN))
    }
}

/// Asks a PHP for its settings.
pub fn of_php(binary: &Path) -> Result<(Settings, Option<PathBuf>), Failure> {
    let failed = |why: String| Failure::File(format!("{} -i: {why}", binary.display()));
    let output = Command::new(binary)
        .arg("-i")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || !text.contains("PHP Version =>") {
        return Err(failed(format!("it is no PHP, or PHP can't start ({})", output.status)));
    }
    let mut settings = Settings { name: binary.display().to_string(), ..Settings::default() };
    let mut loaded = None;
    for line in text.lines() {
        let Some((name, rest)) = line.split_once(" => ") else { continue };
        let value = rest.split(" => ").next().unwrap_or_default();
        let value = if value == "no value" { "" } else { value };
        match name {
            "Holdfast" => settings.has_extension = true,
            "Store" => settings.trouble = value.strip_prefix("not usable: ").map(str::to_owned),
            "Server API" => settings.is_fpm = value.starts_with("FPM"),
            "Loaded Configuration File" if value.starts_with('/') => loaded = Some(PathBuf::from(value)),
            _ if name.contains('.') && !name.contains(' ') => {
                settings.values.insert(name.to_owned(), value.to_owned());
            }
            _ => {}
        }
    }
    Ok((settings, loaded))
}

/// Reads ini files, the later ones over the earlier ones.
pub fn of_files(files: &[PathBuf]) -> Result<Settings, Failure> {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut settings = Settings { name: names.join(", "), is_from_files: true, ..Settings::default() };
    for file in files {
        for (name, value) in lines(file)?.into_iter().filter_map(Line::into_setting) {
            if name == "extension" {
                settings.has_extension |= value.contains("holdfast");
            }
            settings.values.insert(name, value);
        }
    }
    Ok(settings)
}

/// The files of php-fpm that belong to a php.ini.
pub fn pools_beside(ini: &Path) -> Vec<PathBuf> {
    let Some(directory) = ini.parent().filter(|directory| directory.ends_with("fpm")) else {
        return Vec::new();
    };
    let mut files = vec![directory.join("php-fpm.conf")];
    let pools = fs::read_dir(directory.join("pool.d")).into_iter().flatten().flatten();
    let mut pools: Vec<PathBuf> = pools.map(|entry| entry.path()).collect();
    pools.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    pools.sort();
    files.extend(pools);
    files.retain(|file| file.is_file());
    files
}

/// The settings of each pool that the files of php-fpm have; where they have none, those of all.
pub fn of_pools(base: &Settings, files: &[PathBuf]) -> Result<Vec<Settings>, Failure> {
    if files.is_empty() {
        return Ok(vec![base.clone()]);
    }
    let mut global = Settings { control_timeout: Some("0".to_owned()), is_fpm: true, ..base.clone() };
    let mut pools: Vec<Settings> = Vec::new();
    for file in files {
        let mut is_global = true;
        for line in lines(file)? {
            let (name, value) = match line {
                Line::Section(name) => {
                    is_global = name == "global";
                    if !is_global && !pools.iter().any(|pool| pool.name == name) {
                        pools.push(Settings { name, ..global.clone() });
                    }
                    continue;
                }
                Line::Setting(name, value) => (name, value),
            };
            if is_global {
                if name == "process_control_timeout" {
                    global.control_timeout = Some(value);
                }
                continue;
            }
            let Some(pool) = pools.last_mut() else { continue };
            let inner = ["php_admin_value[", "php_value[", "php_admin_flag[", "php_flag["]
                .into_iter()
                .find_map(|kind| name.strip_prefix(kind)?.strip_suffix(']'));
            match inner {
                Some(inner) => {
                    pool.values.insert(inner.to_owned(), value);
                }
                None if name == "user" => pool.user = Some(value),
                None => {}
            }
        }
    }
    for pool in &mut pools {
        pool.name = format!("pool {}", pool.name);
        pool.control_timeout.clone_from(&global.control_timeout);
    }
    Ok(if pools.is_empty() { vec![global] } else { pools })
}

enum Line {
    Section(String),
    Setting(String, String),
}

impl Line {
    fn into_setting(self) -> Option<(String, String)> {
        match self {
            Self::Section(_) => None,
            Self::Setting(name, value) => Some((name, value)),
        }
    }
}

/// What an ini file says, in its order.
fn lines(file: &Path) -> Result<Vec<Line>, Failure> {
    let text = fs::read(file).map_err(|error| Failure::File(format!("{}: {error}", file.display())))?;
    if text.contains(&0) {
        return Err(Failure::File(format!("{} is no ini file", file.display())));
    }
    Ok(String::from_utf8_lossy(&text).lines().filter_map(line).collect())
}

fn line(line: &str) -> Option<Line> {
    let line = line.trim();
    if line.is_empty() || line.starts_with([';', '#']) {
        return None;
    }
    if let Some(name) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
        return Some(Line::Section(name.0.trim().to_owned()));
    }
    let (name, value) = line.split_once('=')?;
    let value = value.trim();
    let value = match value.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split(['"', '\'']).next().unwrap_or_default(),
        None => value.split(';').next().unwrap_or_default().trim(),
    };
    Some(Line::Setting(name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ini_files_are_read_as_php_reads_them() {
        let read = |text| match line(text) {
            Some(Line::Setting(name, value)) => (name, value),
            Some(Line::Section(name)) => (name, "section".to_owned()),
            None => (String::new(), String::new()),
        };
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        assert_eq!(read("a.b = 5 ; why"), pair("a.b", "5"));
        assert_eq!(read(r#"a = "x;y" ; why"#), pair("a", "x;y"));
        assert_eq!(read("php_admin_value[a.b]=on"), pair("php_admin_value[a.b]", "on"));
        assert_eq!(read(" [www] "), pair("www", "section"));
        assert_eq!(read("; a = 5"), pair("", ""));
    }
}
