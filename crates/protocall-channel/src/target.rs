//! Where a channel leads: a target in one of the forms that gRPC knows (`naming.md`).
//!
//! Only the text: addresses come of it in [`resolve`](crate::resolve).

use std::fmt;
use std::path::PathBuf;

/// The port of a target that names none.
pub const DEFAULT_PORT: u16 = 443;

/// The name that stands for the machine itself: what a server behind a Unix socket is called in
/// `:authority`, since a path is none that all servers accept.
const THIS_MACHINE: &str = "localhost";

/// A target, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    endpoint: Endpoint,
    tls: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Endpoint {
    Host { host: String, port: u16 },
    Unix { path: String },
    UnixAbstract { name: String },
}

/// Why a text is not a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTarget {
    target: String,
    reason: &'static str,
}

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, reason } = self;
        write!(
            f,
            "invalid target {target:?}: {reason}; write host:port, http://host:port, \
             https://host:port or unix:path"
        )
    }
}

impl std::error::Error for InvalidTarget {}

impl Target {
    /// Reads `host:port`, `dns:host:port`, `dns:///host:port`, `ipv4:a.b.c.d:port`,
    /// `ipv6:[::1]:port`, `http://host:port`, `https://host:port` (over TLS), `unix:path`,
    /// `unix:///absolute/path`, or `unix-abstract:name` (Linux). Paths and names are taken as they
    /// are written.
    ///
    /// # Errors
    /// [`InvalidTarget`], which says what is wrong and what to write.
    pub fn parse(text: &str) -> Result<Self, InvalidTarget> {
        Self::read(text).map_err(|reason| InvalidTarget { target: text.to_owned(), reason })
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        let rest = match text.split_once(':') {
            Some(("http", rest)) => return Self::url(rest, 80, false),
            Some(("https", rest)) if cfg!(feature = "tls-no-provider") => {
                return Self::url(rest, DEFAULT_PORT, true);
            }
            Some(("https", _)) => return Err("TLS is off: switch on the feature \"tls\""),
            Some(("unix", rest)) => return Self::unix(rest),
            Some(("unix-abstract", rest)) => return Self::unix_abstract(rest),
            Some(("vsock" | "xds", _)) => {
                return Err("this scheme is not available in this version");
            }
            Some(("dns", rest)) => match rest.strip_prefix("//") {
                Some(rest) => {
                    rest.strip_prefix('/').ok_or("a name server of one's own is not available")?
                }
                None => rest,
            },
            Some(("ipv4" | "ipv6", rest)) => rest,
            _ => text,
        };
        Self::host_and_port(rest, DEFAULT_PORT)
    }

    /// Reads what follows `http:` or `https:`.
    fn url(rest: &str, default: u16, tls: bool) -> Result<Self, &'static str> {
        let rest = rest.strip_prefix("//").ok_or("\"//\" is missing")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !path.is_empty() {
            return Err("a path has no meaning here");
        }
        let target = Self::host_and_port(authority, default)?;
        Ok(Self { tls, ..target })
    }

    /// Reads what follows `unix:`.
    fn unix(rest: &str) -> Result<Self, &'static str> {
        if !cfg!(unix) {
            return Err("this system has no Unix sockets");
        }
        let path = match rest.strip_prefix("//") {
            Some(path) if path.starts_with('/') => path,
            Some(_) => return Err("\"unix://\" is followed by an absolute path"),
            None => rest,
        };
        if path.is_empty() || path.contains('\0') {
            return Err("the path is missing or has a zero byte");
        }
        Ok(Self { endpoint: Endpoint::Unix { path: path.to_owned() }, tls: false })
    }

    /// Reads what follows `unix-abstract:`.
    fn unix_abstract(name: &str) -> Result<Self, &'static str> {
        if !cfg!(target_os = "linux") {
            return Err("abstract Unix sockets are Linux' alone");
        }
        if name.is_empty() {
            return Err("the name is missing");
        }
        Ok(Self { endpoint: Endpoint::UnixAbstract { name: name.to_owned() }, tls: false })
    }

    /// Reads host and port; brackets go around IPv6 addresses.
    fn host_and_port(text: &str, default: u16) -> Result<Self, &'static str> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or("\"]\" is missing")?;
                (host, after.strip_prefix(':').or_else(|| after.is_empty().then_some("")))
            }
            None if text.matches(':').count() > 1 => (text, Some("")),
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port).filter(|port| !port.is_empty())),
                None => (text, Some("")),
            },
        };
        let port = match port.ok_or("the port is missing after \":\"")? {
            "" => default,
            digits => digits.parse().map_err(|_| "the port is not a number up to 65535")?,
        };
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || "/?#@".contains(c)) {
            return Err("the host is missing or has characters that no host has");
        }
        Ok(Self { endpoint: Endpoint::Host { host: host.to_owned(), port }, tls: false })
    }

    /// The host: a name or an address; `localhost` for a Unix socket.
    #[must_use]
    pub fn host(&self) -> &str {
        match &self.endpoint {
            Endpoint::Host { host, .. } => host,
            Endpoint::Unix { .. } | Endpoint::UnixAbstract { .. } => THIS_MACHINE,
        }
    }

    /// The port; 0 for a Unix socket, which has none.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match self.endpoint {
            Endpoint::Host { port, .. } => port,
            Endpoint::Unix { .. } | Endpoint::UnixAbstract { .. } => 0,
        }
    }

    /// Whether the target says that connections run over TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// The path of a Unix socket; one that begins with a zero byte is a name in Linux' abstract
    /// namespace.
    #[must_use]
    pub fn unix_path(&self) -> Option<PathBuf> {
        match &self.endpoint {
            Endpoint::Host { .. } => None,
            Endpoint::Unix { path } => Some(path.into()),
            Endpoint::UnixAbstract { name } => Some(format!("\0{name}").into()),
        }
    }

    /// The value of `:authority`.
    #[must_use]
    pub fn authority(&self) -> String {
        match &self.endpoint {
            Endpoint::Host { host, port } if host.contains(':') => format!("[{host}]:{port}"),
            Endpoint::Host { host, port } => format!("{host}:{port}"),
            Endpoint::Unix { .. } | Endpoint::UnixAbstract { .. } => THIS_MACHINE.to_owned(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Endpoint::Host { .. } => f.write_str(&self.authority()),
            Endpoint::Unix { path } => write!(f, "unix:{path}"),
            Endpoint::UnixAbstract { name } => write!(f, "unix-abstract:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn forms() {
        for (text, authority) in [
            ("localhost:50051", "localhost:50051"),
            ("example.com", "example.com:443"),
            ("dns:example.com:1", "example.com:1"),
            ("dns:///example.com:1", "example.com:1"),
            ("http://example.com", "example.com:80"),
            ("http://example.com:1", "example.com:1"),
            ("http://[::1]:1/", "[::1]:1"),
            ("http://[::1]", "[::1]:80"),
            ("[::1]:1", "[::1]:1"),
            ("::1", "[::1]:443"),
            ("ipv4:127.0.0.1:1", "127.0.0.1:1"),
            ("ipv6:[::1]:1", "[::1]:1"),
        ] {
            assert_eq!(Target::parse(text).unwrap().authority(), authority, "{text}");
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            ":",
            ":1",
            "host:",
            "host:port",
            "host:99999",
            "http:host",
            "http://host/path",
            "xds:///a",
            "[::1",
            "[::1]x",
            "a b:1",
            "http://user@host:1",
            "unix:",
            "unix://x",
            "unix:a\0b",
            "unix-abstract:",
            "https://",
            "https:host",
        ] {
            let error = Target::parse(text).unwrap_err();
            assert!(error.to_string().contains("write host:port"), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn sockets() {
        for (text, path, shown) in [
            ("unix:a/b", "a/b", "unix:a/b"),
            ("unix:/a:b", "/a:b", "unix:/a:b"),
            ("unix:///a/b", "/a/b", "unix:/a/b"),
            ("unix-abstract:a b", "\0a b", "unix-abstract:a b"),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!(target.unix_path().unwrap().to_str(), Some(path), "{text}");
            assert_eq!(target.to_string(), shown, "{text}");
            assert_eq!((target.authority().as_str(), target.host()), ("localhost", "localhost"));
        }
    }

    #[test]
    fn tls() {
        assert!(!Target::parse("http://a:1").unwrap().is_tls());
        match Target::parse("https://a") {
            Ok(target) => assert_eq!((target.is_tls(), target.port()), (true, 443)),
            Err(error) => assert!(error.to_string().contains("feature \"tls\""), "{error}"),
        }
    }
}
