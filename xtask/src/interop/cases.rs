//! The interop cases by their official names: who has them, and who cannot serve them.

/// The cases that every client has.
const BASIC: &[&str] = &[
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
    "pick_first_unary",
];
const LOAD_REPORTS: &[&str] = &["orca_per_rpc", "orca_oob"];
const SOAK: &[&str] = &["rpc_soak", "channel_soak"];
const COMPRESSED: &[&str] = &[
    "client_compressed_unary",
    "server_compressed_unary",
    "client_compressed_streaming",
    "server_compressed_streaming",
];
/// What grpc-java's client has beside: all but `cacheable_unary`, which is a call by GET through a
/// caching proxy.
const JAVA: &[&str] = &[
    "client_compressed_unary_noprobe",
    "client_compressed_streaming_noprobe",
    "very_large_request",
];

/// The cases of a client.
pub(super) fn of(client: &str) -> Vec<&'static str> {
    let more: &[&[&str]] = match client {
        "protocall" => &[COMPRESSED, LOAD_REPORTS, SOAK],
        "go" => &[LOAD_REPORTS, SOAK],
        "java" | "java-okhttp" => &[COMPRESSED, LOAD_REPORTS, SOAK, JAVA],
        "python" => &[&["client_compressed_unary"]],
        _ => &[],
    };
    BASIC.iter().chain(more.iter().copied().flatten()).copied().collect()
}

/// Cases that no client can pass against a server: the server, the cases, and the reason.
const IMPOSSIBLE: &[(&str, &[&str], &str)] = &[
    ("go", &["pick_first_unary"], "grpc-go's server does not tell its identity"),
    ("java", &["pick_first_unary"], "grpc-java's server does not tell its identity"),
    ("go", COMPRESSED, "grpc-go's server knows no compression"),
    (
        "java",
        &["client_compressed_unary", "client_compressed_streaming"],
        "grpc-java's server does not see whether a request was compressed",
    ),
    ("java", &["server_compressed_streaming"], "grpc-java's server compresses no stream"),
    (
        "python",
        &["client_compressed_unary", "client_compressed_streaming"],
        "grpcio does not tell whether a request was compressed",
    ),
    ("node", COMPRESSED, "grpc-js does not compress single messages"),
    ("python", LOAD_REPORTS, "grpcio has no load reports"),
    ("node", LOAD_REPORTS, "grpc-js's server has no load reports"),
];

/// Why that server makes the case impossible, if it does.
pub(super) fn impossible(server: &str, case: &str) -> Option<&'static str> {
    let known = IMPOSSIBLE.iter().find(|(of, cases, _)| *of == server && cases.contains(&case));
    known.map(|(_, _, reason)| *reason)
}

/// How many of forty runs of a client's case may fail for a reason of the client's own.
///
/// grpc-go's client cancels and ends its stream in two tasks at once in `cancel_after_begin`; when
/// the end is first, a quick server has answered. Against grpc-go's own server two of 250 runs end
/// so, more where the machine is busy.
pub(super) fn tolerated(client: &str, case: &str) -> u32 {
    if (client, case) == ("go", "cancel_after_begin") { 5 } else { 0 }
}

/// Whether a case may go well by chance: those with a deadline or a cancellation.
pub(super) fn depends_on_time(case: &str) -> bool {
    case.starts_with("cancel_") || case.starts_with("timeout_")
}

/// Whether a case makes many calls, each of which must be quick.
pub(super) fn soaks(case: &str) -> bool {
    SOAK.contains(&case)
}

/// Whether a case wants load reports.
pub(super) fn wants_reports(case: &str) -> bool {
    LOAD_REPORTS.contains(&case)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_impossible_against_us() {
        for case in of("java") {
            assert_eq!(impossible("protocall", case), None);
        }
        assert_eq!(of("java").len(), 26, "all of grpc-java's 27 but one");
    }

    #[test]
    fn what_is_impossible_is_a_case_that_somebody_has() {
        for (_, cases, _) in IMPOSSIBLE {
            for case in *cases {
                assert!(of("protocall").contains(case), "{case}");
            }
        }
    }

    #[test]
    fn cases_that_depend_on_time() {
        let timed: Vec<_> = BASIC.iter().filter(|case| depends_on_time(case)).collect();
        assert_eq!(timed.len(), 3);
    }
}
