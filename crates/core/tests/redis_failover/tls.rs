//! `rediss://`: certificates are verified, with names; clients show theirs where they are asked for.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use holdfast_core::engine::{
    Engine, EngineError,
    redis::{Address, Place, RedisEngine, RedisOptions, TlsOptions},
};
use tempfile::TempDir;

use crate::{
    create, key,
    redis_servers::{Server, free_port},
};

/// An authority, and what it signed.
struct Certificates(TempDir);

impl Certificates {
    fn make() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        made.openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -keyout ca.key -out ca.pem");
        made.openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=others -keyout other.key -out other.pem",
        );
        made.sign("server", "subjectAltName=DNS:localhost,IP:127.0.0.1");
        made.sign("stranger", "subjectAltName=DNS:stranger.test");
        made.sign("client", "extendedKeyUsage=clientAuth");
        made
    }

    fn sign(&self, name: &str, extension: &str) {
        fs::write(self.0.path().join("extension"), extension).unwrap();
        self.openssl(&format!(
            "req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extension -out {name}.pem"
        ));
    }

    fn openssl(&self, arguments: &str) {
        let output =
            Command::new("openssl").args(arguments.split(' ')).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn at(&self, name: &str) -> PathBuf {
        Path::new(self.0.path()).join(name)
    }

    fn server(&self, name: &str, asks_clients: &str) -> (Server, u16) {
        let port = free_port();
        let path = |name: String| self.at(&name).to_str().unwrap().to_owned();
        let (certificate, secret) = (path(format!("{name}.pem")), path(format!("{name}.key")));
        let (ca, tls_port) = (path("ca.pem".to_owned()), port.to_string());
        let arguments = [
            "--tls-port",
            &tls_port,
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &secret,
            "--tls-ca-cert-file",
            &ca,
            "--tls-auth-clients",
            asks_clients,
        ];
        (Server::start(0, &arguments), port)
    }
}

fn open(host: &str, port: u16, tls: TlsOptions) -> RedisEngine {
    let place = Place::Server(Address::Tcp { host: host.to_owned(), port });
    RedisEngine::open(&RedisOptions { tls: Some(tls), ..RedisOptions::at(place) }).unwrap()
}

fn refused(engine: &RedisEngine) -> String {
    engine.load(&key(1), engine.now()).unwrap_err().to_string()
}

#[test]
fn sessions_by_tls_and_only_with_whom_they_are_meant_for() {
    let certificates = Certificates::make();
    let ca = |name: &str| TlsOptions { ca: Some(certificates.at(name)), client: None };
    let (_server, port) = certificates.server("server", "no");
    let mut number = 0;
    for host in ["localhost", "127.0.0.1"] {
        let engine = open(host, port, ca("ca.pem"));
        for _ in 0..50 {
            number += 1;
            create(&engine, number);
            assert_eq!(
                engine.load(&key(number), engine.now()).unwrap().unwrap().record,
                number.to_le_bytes()
            );
        }
        assert!(engine.describe().starts_with("rediss://"));
    }
    // Not of an authority that is trusted.
    assert!(refused(&open("localhost", port, ca("other.pem"))).contains("certificate"));
    assert!(refused(&open("localhost", port, TlsOptions::default())).contains("certificate"));
    // Of one that is, and of another server.
    let (_stranger, port) = certificates.server("stranger", "no");
    assert!(refused(&open("localhost", port, ca("ca.pem"))).contains("certificate"));
}

#[test]
fn a_server_that_asks_for_a_certificate_gets_it() {
    let certificates = Certificates::make();
    let (_server, port) = certificates.server("server", "yes");
    let tls = |client: Option<(PathBuf, PathBuf)>| TlsOptions { ca: Some(certificates.at("ca.pem")), client };
    let known = tls(Some((certificates.at("client.pem"), certificates.at("client.key"))));
    create(&open("localhost", port, known), 1);
    let said = refused(&open("localhost", port, tls(None)));
    assert!(said.contains("redis"), "{said}");
}

#[test]
fn a_file_that_is_missing_or_bad_is_named() {
    let certificates = Certificates::make();
    let place = || Place::Server(Address::Tcp { host: "localhost".to_owned(), port: 1 });
    let error = |tls: TlsOptions| match RedisEngine::open(&RedisOptions {
        tls: Some(tls),
        ..RedisOptions::at(place())
    }) {
        Err(error @ EngineError::Server { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let (ca, missing) = (certificates.at("ca.pem"), certificates.at("missing.pem"));
    let said = error(TlsOptions { ca: Some(missing.clone()), client: None });
    assert!(said.contains("missing.pem"), "{said}");
    let said = error(TlsOptions { ca: Some(certificates.at("ca.key")), client: None });
    assert!(said.contains("ca.key") && said.contains("no certificate"), "{said}");
    let said =
        error(TlsOptions { ca: Some(ca.clone()), client: Some((missing, certificates.at("client.key"))) });
    assert!(said.contains("missing.pem"), "{said}");
    let said = error(TlsOptions { ca: Some(ca.clone()), client: Some((certificates.at("client.pem"), ca)) });
    assert!(said.contains("ca.pem"), "{said}");
}
