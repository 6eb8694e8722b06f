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
const SIM: &str = "protocall-sim";
const SPEC: &[&str] = &["--test", "spec"];
const LIB: &[&str] = &["--lib"];
const ALL: &[&str] = &["--test", "all"];

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

/// A mutation of the receive budget that simulated transfers of messages notice.
const fn messages(
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    test: &'static str,
) -> Mutation {
    Mutation { name, file, from, to, package: SIM, suite: &["--test", "messages"], test }
}

/// A mutation of the path's estimator that a test of its own notices.
const fn estimate(
    name: &'static str,
    from: &'static str,
    to: &'static str,
    test: &'static str,
) -> Mutation {
    let file = "crates/protocall-http2/src/flow/bdp.rs";
    Mutation { name, file, from, to, package: HTTP2, suite: LIB, test }
}

/// A mutation that shows only where several rooms work together.
const fn together(
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    test: &'static str,
) -> Mutation {
    Mutation { name, file, from, to, package: "protocall-tests", suite: ALL, test }
}

/// Those that run unless others are asked for: of each kind that a transport must not survive, a
/// credit that is dropped, a counter that is skipped, a write that is split, a size off by one.
pub(super) const CORE: &[&str] = &[
    "drop one window credit",
    "keep an ended stream's credit",
    "skip one counter",
    "publish counters twice",
    "split one flush",
    "flush without end",
    "table one byte too large",
    "evict an entry too late",
];

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
        "if changed {",
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
        "self.counters.met().unknown_frames += 1;",
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
        "forgive resets that nobody waited for",
        "crates/protocall-http2/src/recv/control.rs",
        "self.output.written() >= found.answered_at",
        "found.answered_at > 0",
        "limits::rapid_resets_of_streams_that_were_answered_at_once_run_out",
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
        "crates/protocall-http2/src/send/queue.rs",
        "let brief = self.brief.first != NIL && (!self.was_brief || self.ready.first == NIL);",
        "let brief = self.ready.first == NIL;",
        "sending::a_brief_message_passes_long_ones_but_they_have_their_turns",
    ),
    spec(
        "count awaited data twice",
        "crates/protocall-http2/src/recv/data.rs",
        "progress.data -= data;",
        "progress.data -= data.saturating_sub(1);",
        "s6_1_data::awaited_data_may_be_read_past_the_connection",
    ),
    spec(
        "flush without end",
        "crates/protocall-http2/src/send/data.rs",
        "while self.sending.window > 0 && self.output.len() < self.config.flush_target {",
        "while self.sending.window > 0 {",
        "sending::the_flush_target_bounds_one_write",
    ),
    spec(
        "probe without credit before it",
        "crates/protocall-http2/src/recv/adapt.rs",
        "window_update::write(0, increment, self.output.buffer());",
        "let _ = increment;",
        "adaptive::a_full_window_is_measured_and_doubled",
    ),
    spec(
        "leave the connection window as it was",
        "crates/protocall-http2/src/recv/adapt.rs",
        "self.credit.raise_target(window);",
        "",
        "adaptive::the_connection_window_grows_with_the_streams",
    ),
    spec(
        "let one window take the whole budget",
        "crates/protocall-http2/src/recv/adapt.rs",
        "const BUDGET_SHARE: u64 = 2;",
        "const BUDGET_SHARE: u64 = 1;",
        "adaptive::a_window_stays_within_the_ceiling_and_half_of_the_budget",
    ),
    spec(
        "let everybody pass the budget",
        "crates/protocall-http2/src/flow/pressure.rs",
        "self.favourite.is_none() && held <= self.limit",
        "held <= self.limit",
        "receive_budget::one_message_larger_than_the_budget_passes_at_a_time",
    ),
    spec(
        "let the largest message pass first",
        "crates/protocall-http2/src/recv/pressure.rs",
        "wishes.min_by_key(|wish| wish.missing)",
        "wishes.max_by_key(|wish| wish.missing)",
        "receive_budget::the_messages_that_lack_least_go_first",
    ),
    spec(
        "count the rest of a frame twice",
        "crates/protocall-http2/src/recv/data.rs",
        "if self.stream == Some(stream) { self.data } else { 0 }",
        "if self.stream == Some(stream) { 0 } else { 0 }",
        "receive_budget::a_frame_in_the_middle_counts_once",
    ),
    spec(
        "leave narrow windows as they are",
        "crates/protocall-http2/src/recv/pressure.rs",
        "if self.pressure.is_narrow() && !self.pressure.fits(self.store.len()) {",
        "if false {",
        "receive_budget::more_streams_make_narrow_windows_narrower",
    ),
    spec(
        "widen as soon as there is room",
        "crates/protocall-http2/src/flow/pressure.rs",
        "now.since(self.since) >= LEAST_TIME",
        "now >= self.since",
        "receive_budget::windows_widen_once_most_is_taken_and_nobody_is_forgotten",
    ),
    messages(
        "grant only a part of the target",
        "crates/protocall-http2/src/flow/receive.rs",
        "worth_a_frame(allowed, worth)",
        "worth_a_frame(self.target, worth)",
        "any_mix_of_sizes_arrives_within_the_bound",
    ),
    spec(
        "forget who waits when windows narrow",
        "crates/protocall-http2/src/recv/pressure.rs",
        "        self.return_all_stream_credit();\n        self.pressure.wait(0);\n        self.let_through();\n",
        "        self.return_all_stream_credit();\n",
        "receive_budget::the_messages_that_lack_least_go_first",
    ),
    messages(
        "withhold what narrow windows let through",
        "crates/protocall-http2/src/flow/receive.rs",
        "left.max(narrow + self.promised)",
        "left.min(narrow + self.promised)",
        "readers_that_never_read_starve_nobody",
    ),
    messages(
        "never narrow",
        "crates/protocall-http2/src/flow/pressure.rs",
        "held >= self.high",
        "held > u64::MAX - self.high",
        "twenty_large_responses_do_not_wait_for_each_other",
    ),
    Mutation {
        name: "grant and not say so",
        file: "crates/protocall-http2/src/recv/credit.rs",
        from: "            window_update::write(0, increment, self.output.buffer());\n",
        to: "",
        package: SIM,
        suite: &["--test", "pair"],
        test: "seeds_hold_every_invariant",
    },
    estimate(
        "grow whatever the bandwidth",
        "if !is_better || !is_near",
        "if !is_near",
        "flow::bdp::tests::noise_is_no_reason_to_grow",
    ),
    estimate(
        "grow by less than the path holds",
        "const GROWTH: u64 = 2;",
        "const GROWTH: u64 = 1;",
        "flow::bdp::tests::the_window_grows_to_twice_what_the_path_holds_in_a_few_round_trips",
    ),
    estimate(
        "grow within a machine",
        "self.ceiling.min(SHORT_WINDOW)",
        "self.ceiling",
        "flow::bdp::tests::within_a_machine_windows_stay_small",
    ),
    estimate(
        "call a path full that lacks a seventh",
        "const NEAR_PERCENT: u64 = 55;",
        "const NEAR_PERCENT: u64 = 66;",
        "flow::bdp::tests::a_path_that_a_window_nearly_fills_gets_a_larger_one",
    ),
    Mutation {
        name: "keep half of a wide window back",
        file: "crates/protocall-http2/src/flow/receive.rs",
        from: "(window >> worth).min(MOST_KEPT_BACK)",
        to: "window >> worth",
        package: HTTP2,
        suite: LIB,
        test: "flow::tests::half_a_megabyte_of_a_wide_window_goes_back",
    },
    Mutation {
        name: "measure from a window that the connection does not have",
        file: "crates/protocall-http2/src/recv/adapt.rs",
        from: "config.stream_window.min(config.connection_window)",
        to: "config.stream_window",
        package: SIM,
        suite: &["--test", "path"],
        test: "adaptive_windows_fill_a_long_fat_path_wherever_they_begin",
    },
    estimate(
        "probe at any rate",
        "(now >= self.stale || !is_slow)",
        "(now >= self.stale || is_slow || !is_slow)",
        "flow::bdp::tests::a_window_that_was_never_filled_is_not_measured_again",
    ),
    estimate(
        "probe alone instead of in pairs",
        "const PAIR: u32 = 2;",
        "const PAIR: u32 = 1;",
        "flow::bdp::tests::the_second_of_a_pair_sees_the_whole_burst",
    ),
    estimate(
        "never lengthen the spacing",
        "const LAST_SPACING: Duration = Duration::from_secs(10);",
        "const LAST_SPACING: Duration = Duration::from_millis(100);",
        "flow::bdp::tests::a_path_that_is_full_is_asked_ever_more_rarely",
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
    spec(
        "count one limit as another",
        "crates/protocall-http2/src/budget/limit.rs",
        "Self::Continuations => &mut counters.continuations_exceeded,",
        "Self::Continuations => &mut counters.header_block_bytes_exceeded,",
        "limits::header_blocks_are_bounded",
    ),
    spec(
        "wait for ever for an answer to GOAWAY",
        "crates/protocall-http2/src/liveness/age.rs",
        "            self.finish_shutdown();\n",
        "",
        "lifetime::the_second_step_comes_without_an_answer_after_five_seconds",
    ),
    spec(
        "let streams outlive the grace",
        "crates/protocall-http2/src/liveness/age.rs",
        "if !self.liveness.age.is_old {",
        "if self.liveness.age.is_old {",
        "lifetime::streams_that_outlive_the_grace_are_ended",
    ),
    spec(
        "forget when idleness began",
        "crates/protocall-http2/src/send/stream.rs",
        "            self.note_idle();\n",
        "",
        "lifetime::an_idle_connection_leaves_and_a_busy_one_stays",
    ),
    spec(
        "take every write for progress",
        "crates/protocall-http2/src/liveness.rs",
        "if self.liveness.blocked.is_none_or(|(_, at)| at != written) {",
        "if true {",
        "lifetime::output_that_nobody_takes_ends_the_connection",
    ),
    spec(
        "count no worn ids",
        "crates/protocall-http2/src/send/stream.rs",
        "            self.counters.met().stream_ids_worn += 1;\n",
        "",
        "lifetime::s5_1_1_a_connection_is_worn_at_three_quarters_of_its_ids_and_ends_with_the_last",
    ),
    spec(
        "take GOAWAYs without end",
        "crates/protocall-http2/src/recv/control.rs",
        "            self.counters.met().goaways_repeated += 1;\n            self.useless_frame()?;\n",
        "            self.counters.met().goaways_repeated += 1;\n",
        "limits::goaways_run_out",
    ),
    spec(
        "let the peer size the encoder's table",
        "crates/protocall-http2/src/hpack/encoder.rs",
        "let limit = size.min(self.most);",
        "let limit = size;",
        "configured::an_encoder_with_a_smaller_table",
    ),
    spec(
        "wear ids out one later",
        "crates/protocall-http2/src/send/stream.rs",
        "self.next_stream >= WORN_FROM",
        "self.next_stream > WORN_FROM",
        "lifetime::s5_1_1_a_connection_is_worn_at_three_quarters_of_its_ids_and_ends_with_the_last",
    ),
    Mutation {
        name: "publish counters twice",
        file: "crates/protocall-http2/src/budget/counters.rs",
        from: "self.unusual.take()",
        to: "self.unusual.clone()",
        package: "protocall-transport",
        suite: LIB,
        test: "stats::tests::connections_add_up_and_count_nothing_twice",
    },
    Mutation {
        name: "let one connection too many in",
        file: "crates/protocall-server/src/accept/gate.rs",
        from: "(before < self.most)",
        to: "(before <= self.most)",
        package: "protocall-server",
        suite: LIB,
        test: "accept::gate::tests::a_place_that_is_left_is_free_again",
    },
    together(
        "send a refused call for ever",
        "crates/protocall-transport/src/exchange.rs",
        "!std::mem::replace(&mut flow.resent, true)",
        "!std::mem::replace(&mut flow.resent, false)",
        "time::leaving::a_refused_call_is_sent_again_once",
    ),
    together(
        "connect without end",
        "crates/protocall-channel/src/manage.rs",
        "inner.pause = self.pause_after(failures);",
        "inner.pause = None;",
        "time::leaving::a_server_that_always_leaves_is_not_connected_to_without_end",
    ),
    together(
        "count no message that grew too large",
        "crates/protocall-transport/src/bounds.rs",
        "            totals.count(|tally| &tally.messages_too_large);\n",
        "",
        "counters::messages_that_are_too_large_once_decompressed_are_counted_too",
    ),
    together(
        "keep whole responses for ever",
        "crates/protocall-transport/src/server/calls.rs",
        "            let _ = http2.reset(key, ErrorCode::ENHANCE_YOUR_CALM);\n",
        "",
        "time::lifetime::whole_responses_are_not_kept_for_ever_and_streams_are",
    ),
    together(
        "make responses without bound",
        "crates/protocall-transport/src/server/stalled.rs",
        "        bytes >= limit\n",
        "        bytes >= limit.saturating_mul(1000)\n",
        "time::lifetime::responses_that_nobody_takes_stay_within_a_budget",
    ),
];
