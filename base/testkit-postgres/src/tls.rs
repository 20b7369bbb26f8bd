//! What a server needs to speak TLS.

use crate::account::Account;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Over the network only clients with a certificate are let in; its common name is the user's.
const CLIENTS: &str = "local all all trust\nhostssl all all 127.0.0.1/32 cert\n";

/// A server's side of TLS, each in PEM.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// Its certificate.
    pub certificate: String,
    /// The certificate's private key.
    pub key: String,
    /// Who vouches for clients.
    pub clients: String,
}

impl ServerTls {
    /// Puts the files into place; says on which port and with which settings the server is to run.
    pub(crate) fn install(&self, account: Account, directory: &Path) -> (u16, Vec<String>) {
        let mut settings = vec!["-h".to_owned(), Ipv4Addr::LOCALHOST.to_string(), "-c".to_owned(), "ssl=on".to_owned()];
        for (name, setting, text) in [
            ("server.pem", "ssl_cert_file", &self.certificate),
            ("server.key", "ssl_key_file", &self.key),
            ("clients.pem", "ssl_ca_file", &self.clients),
        ] {
            let path = directory.join(name);
            std::fs::write(&path, text).expect("the file is written");
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("it is the server's alone");
            account.give(&path);
            settings.extend(["-c".to_owned(), format!("{setting}={}", path.display())]);
        }
        std::fs::write(directory.join("data/pg_hba.conf"), CLIENTS).expect("who is let in");
        (free_port(), settings)
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its address").port()
}
