//! The flags that gRPC's interop programs share, by their official names.

use clap::{ArgAction, Args};

/// Whether the connection is encrypted.
#[derive(Args, Clone, Copy, Debug)]
pub struct Tls {
    /// Encrypt the connection; only `false` is available.
    #[arg(
        long = "use_tls",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = ArgAction::Set
    )]
    use_tls: bool,
}

impl Tls {
    /// Refuses what is not available.
    ///
    /// # Errors
    /// A sentence for the user when TLS was asked for.
    pub fn check(self) -> Result<(), &'static str> {
        if self.use_tls {
            return Err(
                "--use_tls=true: TLS is not available in this version; use --use_tls=false",
            );
        }
        Ok(())
    }
}
