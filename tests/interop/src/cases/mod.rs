//! The client's half of the interop tests: the cases by name, a file for each group.
//!
//! A case makes its calls and compares what comes with what its description demands; the first
//! difference ends it.

mod cancel;
mod compressed;
mod load_reports;
mod metadata;
mod soak;
mod status;
mod streaming;
mod unary;

use crate::flags::Soak;
use crate::proto::grpc::testing::Payload;
use protocall::{Channel, Code, Status};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Outcome = Result<(), Difference>;
type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What a case works with.
#[derive(Clone)]
pub struct Setup {
    channel: Channel,
    connect: Arc<dyn Fn() -> Option<Channel> + Send + Sync>,
    soak: Soak,
}

impl Setup {
    /// A channel, and the way to more of them; `None` when there is no channel.
    pub fn new(
        connect: impl Fn() -> Option<Channel> + Send + Sync + 'static,
        soak: Soak,
    ) -> Option<Self> {
        Some(Self { channel: connect()?, connect: Arc::new(connect), soak })
    }
}

impl From<Channel> for Setup {
    /// With that channel alone.
    fn from(channel: Channel) -> Self {
        let connect = channel.clone();
        Self { channel, connect: Arc::new(move || Some(connect.clone())), soak: Soak::default() }
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("soak", &self.soak).finish_non_exhaustive()
    }
}

/// A case that this client knows.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    name: &'static str,
    run: fn(Setup) -> Running,
}

impl Case {
    /// The official name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Makes the case's calls.
    ///
    /// # Errors
    /// What differed from the case's description.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call that is being made.
    pub async fn run(&self, setup: impl Into<Setup>) -> Result<(), Difference> {
        (self.run)(setup.into()).await
    }
}

macro_rules! cases {
    ($($group:ident: $($name:ident)*;)*) => {
        /// All cases.
        pub const CASES: &[Case] = &[
            $($(Case {
                name: stringify!($name),
                run: |setup| Box::pin($group::$name(setup.channel)),
            },)*)*
            Case { name: "rpc_soak", run: |setup| Box::pin(soak::rpc_soak(setup)) },
            Case { name: "channel_soak", run: |setup| Box::pin(soak::channel_soak(setup)) },
        ];
    };
}

cases! {
    unary: empty_unary large_unary pick_first_unary;
    streaming: client_streaming server_streaming ping_pong empty_stream;
    compressed: client_compressed_unary server_compressed_unary
        client_compressed_streaming server_compressed_streaming;
    load_reports: orca_per_rpc orca_oob;
    metadata: custom_metadata;
    status: status_code_and_message special_status_message
        unimplemented_method unimplemented_service;
    cancel: cancel_after_begin cancel_after_first_response timeout_on_sleeping_server;
}

/// Official cases that this client does not run, and why.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "Google's credentials need Google's network",
        &[
            "compute_engine_creds",
            "compute_engine_channel_credentials",
            "service_account_creds",
            "jwt_token_creds",
            "oauth2_auth_token",
            "per_rpc_creds",
            "google_default_credentials",
        ],
    ),
    ("gRPC no longer has calls by GET", &["cacheable_unary"]),
];

/// The case of that name.
///
/// # Errors
/// [`NoCase`] when there is none; its text names those that there are.
pub fn find(name: &str) -> Result<Case, NoCase> {
    let known = CASES.iter().find(|case| case.name == name).copied();
    known.ok_or_else(|| NoCase {
        name: name.to_owned(),
        reason: REFUSED.iter().find(|(_, names)| names.contains(&name)).map(|(reason, _)| *reason),
    })
}

/// There is no such case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCase {
    name: String,
    reason: Option<&'static str>,
}

impl fmt::Display for NoCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Some(reason) => write!(f, "test case {} is refused: {reason}", self.name)?,
            None => write!(f, "unknown test case {:?}", self.name)?,
        }
        f.write_str("; known cases:")?;
        CASES.iter().try_for_each(|case| write!(f, " {}", case.name))
    }
}

impl std::error::Error for NoCase {}

/// What differed from the description of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference(String);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Difference {}

impl From<Status> for Difference {
    fn from(status: Status) -> Self {
        Self(format!("a call that should succeed ended with {status}"))
    }
}

/// Demands that two values are the same.
fn same<T: PartialEq + fmt::Debug>(what: &str, actual: T, demanded: T) -> Outcome {
    if actual == demanded {
        return Ok(());
    }
    Err(Difference(format!("{what}: {demanded:?} is demanded, {actual:?} came")))
}

/// Demands that something holds.
fn holds(what: &str, actual: bool) -> Outcome {
    if actual { Ok(()) } else { Err(Difference(format!("demanded, but not so: {what}"))) }
}

/// Demands that a call failed with that code, and returns its status.
fn failed<T: fmt::Debug>(outcome: Result<T, Status>, code: Code) -> Result<Status, Difference> {
    match outcome {
        Err(status) if status.code() == code => Ok(status),
        Err(status) => Err(Difference(format!("{code} is demanded, {status} came"))),
        Ok(value) => Err(Difference(format!("{code} is demanded, the call brought {value:?}"))),
    }
}

/// A payload of that many zeros.
fn zeros(len: usize) -> Payload {
    Payload { body: vec![0; len], ..Default::default() }
}

/// Demands a payload of that many zeros.
fn check_zeros(payload: &Payload, len: usize) -> Outcome {
    same("length of the payload", payload.body.len(), len)?;
    holds("the payload is all zeros", payload.body.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_case_is_found_by_its_name() {
        for case in CASES {
            assert_eq!(find(case.name).unwrap().name(), case.name);
        }
    }

    #[test]
    fn other_names_are_told_what_there_is() {
        let unknown = find("ping-pong").unwrap_err().to_string();
        assert!(unknown.starts_with("unknown test case \"ping-pong\""), "{unknown}");
        assert!(unknown.contains(" ping_pong"), "{unknown}");
        let refused = find("cacheable_unary").unwrap_err().to_string();
        assert!(refused.contains("calls by GET"), "{refused}");
    }

    #[test]
    fn differences_are_seen() {
        assert!(same("number", 1, 2).is_err());
        assert!(check_zeros(&zeros(3), 3).is_ok());
        assert!(check_zeros(&zeros(3), 4).is_err());
        let ones = Payload { body: vec![1], ..Default::default() };
        assert!(check_zeros(&ones, 1).is_err());
        assert!(failed::<()>(Err(Status::unknown("")), Code::Unknown).is_ok());
        assert!(failed::<()>(Err(Status::unknown("")), Code::Internal).is_err());
        assert!(failed(Ok(1), Code::Unknown).is_err());
    }
}
