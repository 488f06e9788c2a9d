use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};

use super::{Address, TlsOptions, socket::Socket};

/// An encrypted connection.
pub(super) type TlsStream = StreamOwned<ClientConnection, Socket>;

/// Where systems keep the authorities that they trust: Debian and Alpine, Fedora, others.
const SYSTEM_AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// What connections are made with. Reads the files.
///
/// # Errors
///
/// The file that is missing or bad, and why.
pub(super) fn config(options: &TlsOptions) -> Result<Arc<ClientConfig>, (PathBuf, String)> {
    let authorities = match &options.ca {
        Some(ca) => ca.clone(),
        None => system_authorities()?,
    };
    let mut roots = RootCertStore::empty();
    // Of a system's bundle those that can't be read are passed over, as every other program does.
    let (added, _) = roots.add_parsable_certificates(certificates(&authorities)?);
    if added == 0 {
        return Err((authorities, "it holds no certificate of an authority".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| (authorities, error.to_string()))?
        .with_root_certificates(roots);
    let config = match &options.client {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let secret =
                PrivateKeyDer::from_pem_file(key).map_err(|error| (key.clone(), error.to_string()))?;
            builder
                .with_client_auth_cert(chain, secret)
                .map_err(|error| (certificate.clone(), error.to_string()))?
        }
    };
    Ok(Arc::new(config))
}

fn system_authorities() -> Result<PathBuf, (PathBuf, String)> {
    SYSTEM_AUTHORITIES.iter().map(Path::new).find(|path| path.is_file()).map(Path::to_path_buf).ok_or_else(
        || (SYSTEM_AUTHORITIES[0].into(), "this system keeps no list of authorities: name one by ca=".into()),
    )
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, (PathBuf, String)> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| (path.to_path_buf(), error.to_string()))
}

/// Shakes hands by the socket's deadline.
pub(super) fn encrypt(
    config: &Arc<ClientConfig>,
    address: &Address,
    socket: Socket,
) -> io::Result<TlsStream> {
    let Address::Tcp { host, .. } = address else {
        return Err(io::Error::other("a unix socket is not encrypted"));
    };
    let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
    let connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, socket);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

/// Nothing waits to be read: neither a word of the server nor its farewell. What the protocol itself sends between two
/// answers (tickets for a later connection) is taken in.
pub(super) fn is_quiet(stream: &mut TlsStream) -> bool {
    loop {
        match stream.sock.waiting() {
            Ok(None) => return true,
            Ok(Some(0)) | Err(_) => return false,
            Ok(Some(_)) => {}
        }
        let Ok(1..) = stream.conn.read_tls(&mut stream.sock) else { return false };
        match stream.conn.process_new_packets() {
            Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
            _ => return false,
        }
    }
}
