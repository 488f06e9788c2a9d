//! Compiles the extension's C code against the PHP that `php-config` names (or the environment variable `PHP_CONFIG`), and
//! tells the Rust code which PHP that is.

use std::{env, process::Command};

const SOURCES: [&str; 11] = [
    "src/operator/shim.c",
    "src/zend/call.c",
    "src/zend/fill.c",
    "src/zend/request.c",
    "src/zend/settings.c",
    "src/zend/shim.c",
    "src/zend/turns.c",
    "src/save_handler/shim.c",
    "src/users/shim.c",
    "src/worker_cache/immutable.c",
    "src/worker_cache/root.c",
];

fn main() {
    for file in SOURCES {
        println!("cargo:rerun-if-changed={file}");
    }
    println!("cargo:rerun-if-changed=src/zend/shim.h");
    println!("cargo:rerun-if-env-changed=PHP_CONFIG");
    println!("cargo:rerun-if-env-changed=PATH");
    println!("cargo:rustc-check-cfg=cfg(php_zts)");

    let includes = php_config("--includes");
    let mut build = cc::Build::new();
    for include in includes.split_whitespace() {
        build.include(include.trim_start_matches("-I"));
    }
    build.files(SOURCES).warnings(true).extra_warnings(false).flag_if_supported("-Wno-unused-parameter");
    if let Err(error) = build.try_compile("holdfast_shim") {
        fail(&format!(
            "the extension's C code does not compile against {}: are PHP's headers installed (Debian: php-dev)? {error}",
            includes.trim()
        ));
    }
}

/// What `php-config` answers to one question.
fn php_config(question: &str) -> String {
    let program = env::var("PHP_CONFIG").unwrap_or_else(|_| "php-config".to_owned());
    match Command::new(&program).arg(question).output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => {
            fail(&format!("{program} {question} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
        }
        Err(error) => fail(&format!(
            "{program} can't be run ({error}): install PHP's development files (Debian: php-dev) or set PHP_CONFIG"
        )),
    }
}

/// Ends the build with one line that says what is missing.
fn fail(reason: &str) -> ! {
    println!("cargo:warning={reason}");
    std::process::exit(1)
}
