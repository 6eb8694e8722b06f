//! Every row of the state table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Half, Misfit, Passage};

const INTERIM: Passage = Passage::Interim;
const HEADERS: Passage = Passage::Headers { end_stream: false };
const HEADERS_END: Passage = Passage::Headers { end_stream: true };
const DATA: Passage = Passage::Data { end_stream: false };
const DATA_END: Passage = Passage::Data { end_stream: true };

#[test]
fn the_whole_table() {
    use Half::{Body, Ended, Head};
    let table = [
        (Head, INTERIM, Ok(Head)),
        (Head, HEADERS, Ok(Body)),
        (Head, HEADERS_END, Ok(Ended)),
        (Head, DATA, Err(Misfit::Order)),
        (Head, DATA_END, Err(Misfit::Order)),
        (Body, INTERIM, Err(Misfit::Order)),
        (Body, HEADERS, Err(Misfit::Order)),
        (Body, HEADERS_END, Ok(Ended)),
        (Body, DATA, Ok(Body)),
        (Body, DATA_END, Ok(Ended)),
        (Ended, INTERIM, Err(Misfit::Ended)),
        (Ended, HEADERS, Err(Misfit::Ended)),
        (Ended, HEADERS_END, Err(Misfit::Ended)),
        (Ended, DATA, Err(Misfit::Ended)),
        (Ended, DATA_END, Err(Misfit::Ended)),
    ];
    for (half, passage, after) in table {
        assert_eq!(half.after(passage), after, "{half:?} {passage:?}");
    }
}
