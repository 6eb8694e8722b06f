//! What our decoder says of a session.

use crate::{List, Session, Step};
use protocall_http2::Fields;
use protocall_http2::hpack::{DEFAULT_TABLE_SIZE, DecodeError, Decoder, HeaderLimits};

/// Far above any session, so that limits play no part.
const ROOMY: HeaderLimits = HeaderLimits { list_bytes: 1 << 24, fields: 1 << 16 };

/// What our decoder says of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The fields; some have characters that RFC 9113 section 8.2.1 forbids when `flawed`.
    Fields {
        /// In order.
        list: List,
        /// Whether HTTP/2 calls it malformed.
        flawed: bool,
    },
    /// The block is broken, and the connection with it: no block of the session follows.
    Refused(DecodeError),
}

/// What our decoder says of each block, up to the first that it refuses.
#[must_use]
pub fn judge(session: &Session) -> Vec<Verdict> {
    let (mut decoder, mut fields) = (Decoder::new(DEFAULT_TABLE_SIZE), Fields::new());
    let mut verdicts = Vec::new();
    for step in &session.steps {
        let block = match step {
            Step::Allow(size) => {
                decoder.set_max_table_size(*size);
                continue;
            }
            Step::Block(block) => block,
        };
        fields.clear();
        match decoder.decode(block, &ROOMY, &mut fields) {
            Ok(_) => {
                let pair = |field: protocall_http2::FieldRef<'_>| {
                    (field.name.to_vec(), field.value.to_vec())
                };
                let list = fields.iter().map(pair).collect();
                verdicts.push(Verdict::Fields { list, flawed: fields.malformed().is_some() });
            }
            Err(error) => {
                verdicts.push(Verdict::Refused(error));
                break;
            }
        }
    }
    verdicts
}
