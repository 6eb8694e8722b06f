//! Where a channel leads: a target in one of the forms that gRPC knows (`naming.md`).
//!
//! Only the text: addresses come of it in [`resolve`](crate::resolve).

use std::fmt;

/// The port of a target that names none.
pub const DEFAULT_PORT: u16 = 443;

/// A target, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
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
        write!(f, "invalid target {target:?}: {reason}; write host:port or http://host:port")
    }
}

impl std::error::Error for InvalidTarget {}

impl Target {
    /// Reads `host:port`, `dns:host:port`, `dns:///host:port`, `ipv4:a.b.c.d:port`,
    /// `ipv6:[::1]:port` or `http://host:port`.
    ///
    /// # Errors
    /// [`InvalidTarget`], which says what is wrong and what to write.
    pub fn parse(text: &str) -> Result<Self, InvalidTarget> {
        let invalid = |reason| InvalidTarget { target: text.to_owned(), reason };
        let rest = match text.split_once(':') {
            Some(("http", rest)) => {
                let rest = rest.strip_prefix("//").ok_or_else(|| invalid("\"//\" is missing"))?;
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                if !path.is_empty() {
                    return Err(invalid("a path has no meaning here"));
                }
                let port =
                    if authority.ends_with(']') || !authority.contains(':') { 80 } else { 0 };
                return Self::host_and_port(authority, port).map_err(invalid);
            }
            Some(("https", _)) => return Err(invalid("TLS is not available in this version")),
            Some(("unix" | "unix-abstract" | "vsock" | "xds", _)) => {
                return Err(invalid("this scheme is not available in this version"));
            }
            Some(("dns", rest)) => match rest.strip_prefix("//") {
                Some(rest) => rest
                    .strip_prefix('/')
                    .ok_or_else(|| invalid("a name server of one's own is not available"))?,
                None => rest,
            },
            Some(("ipv4" | "ipv6", rest)) => rest,
            _ => text,
        };
        Self::host_and_port(rest, DEFAULT_PORT).map_err(invalid)
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
        Ok(Self { host: host.to_owned(), port })
    }

    /// The host: a name or an address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The value of `:authority`.
    #[must_use]
    pub fn authority(&self) -> String {
        let Self { host, port } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority())
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
            "https://host",
            "xds:///a",
            "[::1",
            "[::1]x",
            "a b:1",
            "http://user@host:1",
            "unix:/x",
        ] {
            let error = Target::parse(text).unwrap_err();
            assert!(error.to_string().contains("write host:port"), "{error}");
        }
    }
}
