//! The flags that gRPC's interop programs share, by their official names.

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};
use protocall::{ClientTls, ServerTls, TlsError};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// What `--use_test_ca` trusts: the authority of all gRPC's test certificates.
const TEST_CA: &str = include_str!("../testdata/ca.pem");
const TEST_CERTIFICATE: &str = include_str!("../testdata/server1.pem");
const TEST_KEY: &str = include_str!("../testdata/server1.key");

/// Whether the connection is encrypted, as a server is told.
#[derive(Args, Clone, Debug)]
pub struct ServerSecurity {
    /// Encrypt connections; with gRPC's test certificate unless another is given.
    #[arg(long = "use_tls", num_args = 0..=1, require_equals = true, default_value = "false",
        default_missing_value = "true", action = ArgAction::Set,
        value_parser = BoolishValueParser::new())]
    use_tls: bool,
    /// The certificate chain, in PEM.
    #[arg(long = "tls_cert_file", requires = "key")]
    certificate: Option<PathBuf>,
    /// The private key, in PEM.
    #[arg(long = "tls_key_file", id = "key", requires = "certificate")]
    key: Option<PathBuf>,
}

impl ServerSecurity {
    /// The certificate to serve with; `None` for plaintext.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub fn tls(&self) -> Result<Option<ServerTls>, Box<dyn Error>> {
        if !self.use_tls {
            return Ok(None);
        }
        let read = |path: &Option<PathBuf>, test: &str| match path {
            Some(path) => read(path),
            None => Ok(test.to_owned()),
        };
        let chain = read(&self.certificate, TEST_CERTIFICATE)?;
        Ok(Some(ServerTls::from_pem(chain, read(&self.key, TEST_KEY)?)?))
    }
}

/// Whether the connection is encrypted, as a client is told.
#[derive(Args, Clone, Debug)]
pub struct ClientSecurity {
    /// Encrypt the connection.
    #[arg(long = "use_tls", num_args = 0..=1, require_equals = true, default_value = "false",
        default_missing_value = "true", action = ArgAction::Set,
        value_parser = BoolishValueParser::new())]
    use_tls: bool,
    /// Trust gRPC's test authority instead of the platform's.
    #[arg(long = "use_test_ca", num_args = 0..=1, require_equals = true, default_value = "false",
        default_missing_value = "true", action = ArgAction::Set,
        value_parser = BoolishValueParser::new())]
    use_test_ca: bool,
    /// Trust the authorities in this file of PEM instead of the platform's.
    #[arg(long = "ca_file")]
    ca_file: Option<PathBuf>,
    /// The name that the server's certificate must have, in place of its host.
    #[arg(long = "server_host_override")]
    pub server_host_override: Option<String>,
}

impl ClientSecurity {
    /// Whom to trust; `None` for plaintext.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub fn tls(&self) -> Result<Option<ClientTls>, Box<dyn Error>> {
        if !self.use_tls {
            return Ok(None);
        }
        let tls = self.roots()?;
        Ok(Some(match &self.server_host_override {
            Some(name) => tls.server_name(name.as_str()),
            None => tls,
        }))
    }

    fn roots(&self) -> Result<ClientTls, Box<dyn Error>> {
        let trusting = |pem: &str| -> Result<ClientTls, TlsError> { ClientTls::with_roots(pem) };
        Ok(match &self.ca_file {
            Some(path) => trusting(&read(path)?)?,
            None if self.use_test_ca => trusting(TEST_CA)?,
            None => ClientTls::new(),
        })
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// How long, how often and how fast the soak cases call.
#[derive(Args, Clone, Debug)]
pub struct Soak {
    /// Calls in all.
    #[arg(long = "soak_iterations", default_value_t = 10)]
    pub iterations: u32,
    /// How many of them may fail, or take too long.
    #[arg(long = "soak_max_failures", default_value_t = 0)]
    pub max_failures: u32,
    /// From this many milliseconds on a call took too long.
    #[arg(long = "soak_per_iteration_max_acceptable_latency_ms", default_value_t = 1000)]
    pub max_latency_ms: u64,
    /// After so many seconds no more calls are made, and the case fails if some are missing.
    #[arg(long = "soak_overall_timeout_seconds", default_value_t = 10)]
    pub overall_timeout_seconds: u64,
    /// From the beginning of a call to that of the next of its thread, in milliseconds.
    #[arg(long = "soak_min_time_ms_between_rpcs", default_value_t = 0)]
    pub min_time_ms: u64,
    /// The length of each request's payload.
    #[arg(long = "soak_request_size", default_value_t = 271_828)]
    pub request_size: usize,
    /// The length of each response's payload.
    #[arg(long = "soak_response_size", default_value_t = 314_159)]
    pub response_size: i32,
    /// How many callers there are at the same time.
    #[arg(long = "soak_num_threads", default_value_t = 1)]
    pub threads: u32,
}

impl Default for Soak {
    fn default() -> Self {
        Self {
            iterations: 10,
            max_failures: 0,
            max_latency_ms: 1000,
            overall_timeout_seconds: 10,
            min_time_ms: 0,
            request_size: 271_828,
            response_size: 314_159,
            threads: 1,
        }
    }
}
