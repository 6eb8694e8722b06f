//! Whether a channel's connections run over TLS, and under which name its server is called.

use super::Connect;
use protocall_transport::client::Config;

#[cfg(feature = "tls-no-provider")]
use super::Tls;
#[cfg(feature = "tls-no-provider")]
use protocall_transport::io::tls::ClientTls;

/// What a channel's builder was told of TLS and authority.
#[derive(Debug, Default)]
pub(crate) struct Security {
    /// The value of `:authority` that was asked for.
    pub(crate) authority: Option<String>,
    #[cfg(feature = "tls-no-provider")]
    pub(crate) tls: Option<ClientTls>,
}

impl Security {
    /// For a target that asks for TLS by its scheme, or does not.
    #[cfg(feature = "tls-no-provider")]
    pub(crate) fn of(target_is_tls: bool) -> Self {
        Self { authority: None, tls: target_is_tls.then(ClientTls::new) }
    }

    /// Without the feature no target asks for TLS.
    #[cfg(not(feature = "tls-no-provider"))]
    pub(crate) fn of(_: bool) -> Self {
        Self::default()
    }

    /// Puts TLS over a connector, and the authority and scheme into the settings of connections,
    /// which have the target's.
    #[cfg(feature = "tls-no-provider")]
    pub(crate) fn apply(
        self,
        connector: Box<dyn Connect>,
        config: &mut Config,
    ) -> Box<dyn Connect> {
        let named = self.tls.as_ref().and_then(ClientTls::name_override).map(str::to_owned);
        if let Some(authority) = self.authority.or(named) {
            config.authority = authority;
        }
        match self.tls {
            Some(tls) => {
                config.scheme = "https";
                let name = host(&config.authority).to_owned();
                Box::new(Tls::new(connector, tls, name))
            }
            None => connector,
        }
    }

    /// Puts the authority into the settings of connections, which have the target's.
    #[cfg(not(feature = "tls-no-provider"))]
    pub(crate) fn apply(
        self,
        connector: Box<dyn Connect>,
        config: &mut Config,
    ) -> Box<dyn Connect> {
        if let Some(authority) = self.authority {
            config.authority = authority;
        }
        connector
    }
}

/// The host of an authority, without port and brackets.
#[cfg(feature = "tls-no-provider")]
fn host(authority: &str) -> &str {
    let without_port = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let bracketed = without_port.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    bracketed.unwrap_or(without_port)
}

#[cfg(all(test, feature = "tls-no-provider"))]
mod tests {
    use super::host;

    #[test]
    fn hosts() {
        for (authority, expected) in [
            ("example.com:443", "example.com"),
            ("example.com", "example.com"),
            ("127.0.0.1:1", "127.0.0.1"),
            ("[::1]:1", "::1"),
            ("[::1]", "::1"),
        ] {
            assert_eq!(host(authority), expected, "{authority}");
        }
    }
}
