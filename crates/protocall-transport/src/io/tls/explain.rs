//! What went wrong in a handshake, in words that say what to do.

use std::io;

/// An error of a client's handshake with the server of that name.
pub(super) fn at_client(error: &io::Error, name: &str) -> io::Error {
    use rustls::AlertDescription::{NoApplicationProtocol, UnrecognisedName};
    let text = match cause(error) {
        Some(rustls::Error::InvalidMessage(reason)) => format!(
            "the server does not speak TLS on this port ({reason:?}): call a plaintext server \
             with http://"
        ),
        Some(
            rustls::Error::NoApplicationProtocol
            | rustls::Error::AlertReceived(NoApplicationProtocol),
        ) => "the server speaks TLS but not HTTP/2: it refused ALPN protocol \"h2\"".to_owned(),
        Some(rustls::Error::AlertReceived(UnrecognisedName)) => {
            format!("the server has no certificate for {name:?}")
        }
        Some(cause) => format!("TLS handshake with {name:?} failed: {cause}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the server closed the connection during the TLS handshake".to_owned()
        }
        None => format!("TLS handshake with {name:?} failed: {error}"),
    };
    io::Error::new(error.kind(), text)
}

/// An error of a server's handshake.
pub(super) fn at_server(error: &io::Error) -> io::Error {
    let text = match cause(error) {
        Some(rustls::Error::InvalidMessage(reason)) => {
            format!("the client does not speak TLS ({reason:?})")
        }
        Some(rustls::Error::NoApplicationProtocol) => {
            "the client does not offer ALPN protocol \"h2\"".to_owned()
        }
        Some(cause) => format!("TLS handshake failed: {cause}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the client closed the connection during the TLS handshake".to_owned()
        }
        None => format!("TLS handshake failed: {error}"),
    };
    io::Error::new(error.kind(), text)
}

/// What a side without ALPN is told, or told of: it is what keeps other protocols out.
pub(super) fn no_h2(who: &str, chosen: Option<&[u8]>) -> io::Error {
    let chosen = match chosen {
        Some(other) => format!("chose {:?}", String::from_utf8_lossy(other)),
        None => "chose none".to_owned(),
    };
    let text = format!("the {who} did not agree on HTTP/2 by ALPN: it {chosen}, \"h2\" is needed");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

fn cause(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}
