//! The mutations as data: where, what, and the test that must fail for it.

/// One way to break the code.
pub(super) struct Mutation {
    /// What breaks, in a few words.
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    /// Occurs once in the file.
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) package: &'static str,
    /// cargo's words for the test's binary.
    pub(super) suite: &'static [&'static str],
    pub(super) test: &'static str,
}

const HTTP2: &str = "protocall-http2";
const SPEC: &[&str] = &["--test", "spec"];
const LIB: &[&str] = &["--lib"];

/// A mutation of the state machine that a spec test notices.
const fn spec(
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    test: &'static str,
) -> Mutation {
    Mutation { name, file, from, to, package: HTTP2, suite: SPEC, test }
}

pub(super) const MUTATIONS: &[Mutation] = &[
    spec(
        "drop one window credit",
        "crates/protocall-http2/src/flow/receive.rs",
        "self.unconsumed -= bytes as i64;",
        "let _ = bytes;",
        "s6_9_flow_control::credit_is_withheld_above_the_budget_and_returns_on_consumption",
    ),
    spec(
        "keep an ended stream's credit",
        "crates/protocall-http2/src/send/stream.rs",
        "if held > 0 {",
        "if false {",
        "s6_9_flow_control::credit_withheld_for_a_stream_returns_when_the_stream_ends",
    ),
    spec(
        "forget a lowered window",
        "crates/protocall-http2/src/settings.rs",
        "if lowered {",
        "if false {",
        "s6_9_flow_control::a_lowered_window_returns_what_was_not_worth_returning_before",
    ),
    Mutation {
        name: "evict an entry too late",
        file: "crates/protocall-http2/src/hpack/table.rs",
        from: "self.evict_to(max_size);",
        to: "self.evict_to(max_size + 1);",
        package: "protocall-hpack",
        suite: &["--test", "h2"],
        test: "the_h2_crate_decodes_and_refuses_the_same_blocks",
    },
    spec(
        "accept a byte too many",
        "crates/protocall-http2/src/flow/receive.rs",
        "if rest < 0 {",
        "if rest < -1 {",
        "s6_9_flow_control::a_receiver_holds_the_peer_to_its_windows",
    ),
    spec(
        "skip one counter",
        "crates/protocall-http2/src/recv/mod.rs",
        "self.counters.unknown_frames += 1;",
        "",
        "s4_frames::s4_1_unknown_frames_and_flags_are_ignored",
    ),
    spec(
        "never take a token",
        "crates/protocall-http2/src/budget.rs",
        "self.level.checked_sub(TOKEN)",
        "Some(self.level)",
        "limits::rapid_resets_run_out",
    ),
    spec(
        "refuse the largest frame",
        "crates/protocall-http2/src/recv/mod.rs",
        "if head.length > self.config.max_frame_bytes",
        "if head.length >= self.config.max_frame_bytes",
        "s4_frames::s4_2_a_frame_of_the_advertised_size_passes_and_a_larger_one_kills",
    ),
    spec(
        "name the wrong last stream",
        "crates/protocall-http2/src/shutdown.rs",
        "goaway::write(self.last_processed,",
        "goaway::write(self.last_processed + 2,",
        "s6_8_goaway::a_graceful_shutdown_has_two_steps",
    ),
    spec(
        "let one stream hog the output",
        "crates/protocall-http2/src/send/data.rs",
        "if alone { MAX_SENT_FRAME_BYTES } else { TURN_BYTES }",
        "if alone { MAX_SENT_FRAME_BYTES } else { usize::MAX }",
        "sending::streams_take_turns",
    ),
    spec(
        "flush without end",
        "crates/protocall-http2/src/send/data.rs",
        "while self.sending.window > 0 && self.output.len() < self.config.flush_target {",
        "while self.sending.window > 0 {",
        "sending::the_flush_target_bounds_one_write",
    ),
    Mutation {
        name: "split one flush",
        file: "crates/protocall-http2/src/output.rs",
        from: "                filled += 1;\n",
        to: "                filled += 1;\n                return filled;\n",
        package: HTTP2,
        suite: LIB,
        test: "output::tests::slices_keep_the_order_of_copies_and_references",
    },
    Mutation {
        name: "table one byte too large",
        file: "crates/protocall-http2/src/hpack/table.rs",
        from: "self.max_size.checked_sub(entry.size())",
        to: "(self.max_size + 1).checked_sub(entry.size())",
        package: HTTP2,
        suite: LIB,
        test: "hpack::table::tests::too_large_an_entry_empties_the_table_and_takes_no_number",
    },
];
