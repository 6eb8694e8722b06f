//! `hpack-sessions N`: N sessions with our verdicts, as text for another decoder's judge.
//!
//! A line a step: `session`, `allow SIZE`, `block HEX`; behind a block what we say: `refused NAME`
//! or `fields` with `NAME:VALUE` in hexadecimal. A session ends at its first refusal.
#![allow(clippy::print_stdout)]

use protocall_hpack::{Freedom, Session, Step, Verdict, judge};
use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let Some(count) = wanted else {
        println!("usage: hpack-sessions COUNT");
        return ExitCode::from(2);
    };
    // Python's hpack takes integers of any length
    let freedom = Freedom { resizes: true, needless_octets: 7 };
    for seed in 0..count {
        print(&Session::new(seed, &freedom));
    }
    ExitCode::SUCCESS
}

fn print(session: &Session) {
    println!("session");
    let mut verdicts = judge(session).into_iter();
    for step in &session.steps {
        match step {
            Step::Allow(size) => println!("allow {size}"),
            Step::Block(block) => {
                let Some(verdict) = verdicts.next() else { return };
                println!("block {}", hex(block));
                println!("{}", text(&verdict));
            }
        }
    }
}

fn text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Refused(error) => format!("refused {error:?}"),
        Verdict::Fields { list, .. } => {
            let pair =
                |(name, value): &(Vec<u8>, Vec<u8>)| format!(" {}:{}", hex(name), hex(value));
            format!("fields{}", list.iter().map(pair).collect::<String>())
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
