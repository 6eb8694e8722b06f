//! The seventeen status codes of gRPC and their wire form.
//!
//! What a code carries with it (message, details, cause) is [`Status`](crate::Status); which code a
//! failure of HTTP or of a stream becomes is [`mapping`](crate::mapping).

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $wire:literal;)*) => {
        /// A gRPC status code (`doc/statuscodes.md` of the gRPC project).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Code { $($(#[$doc])* $name = $number,)* }

        impl Code {
            /// All codes in the order of their numbers.
            pub const ALL: [Self; 17] = [$(Self::$name,)*];

            /// The code's name in the specification, such as `NOT_FOUND`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            /// The code of that number; a number that nobody assigned is [`Code::Unknown`].
            #[must_use]
            pub const fn from_number(number: u32) -> Self {
                match number { $($number => Self::$name,)* _ => Self::Unknown }
            }
        }
    };
}

codes! {
    /// Not an error: the call succeeded.
    Ok = 0, "OK";
    /// The call was cancelled, typically by its caller.
    Cancelled = 1, "CANCELLED";
    /// An error that nothing more is known about.
    Unknown = 2, "UNKNOWN";
    /// The caller's argument is wrong whatever the state of the system.
    InvalidArgument = 3, "INVALID_ARGUMENT";
    /// The deadline passed before the call ended.
    DeadlineExceeded = 4, "DEADLINE_EXCEEDED";
    /// The thing asked for does not exist.
    NotFound = 5, "NOT_FOUND";
    /// The thing to create exists already.
    AlreadyExists = 6, "ALREADY_EXISTS";
    /// The caller may not do this.
    PermissionDenied = 7, "PERMISSION_DENIED";
    /// A quota, a limit or memory is used up.
    ResourceExhausted = 8, "RESOURCE_EXHAUSTED";
    /// The system is not in the state that the call needs.
    FailedPrecondition = 9, "FAILED_PRECONDITION";
    /// The call was aborted, typically by a conflict; try at a higher level.
    Aborted = 10, "ABORTED";
    /// Past the valid range.
    OutOfRange = 11, "OUT_OF_RANGE";
    /// The method does not exist or is not written.
    Unimplemented = 12, "UNIMPLEMENTED";
    /// An invariant is broken: a bug on one of the two sides.
    Internal = 13, "INTERNAL";
    /// The service cannot be reached now; trying again may help.
    Unavailable = 14, "UNAVAILABLE";
    /// Data is lost for good.
    DataLoss = 15, "DATA_LOSS";
    /// The caller did not say who it is, or not convincingly.
    Unauthenticated = 16, "UNAUTHENTICATED";
}

impl Code {
    /// The code's number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The value of the `grpc-status` field: the number in decimal, without leading zeros.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        const WIRE: [&str; 17] = [
            "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15",
            "16",
        ];
        WIRE[self as usize]
    }

    /// Reads a `grpc-status` value. Anything but a number is [`Code::Unknown`], as is an
    /// unassigned one: a status that cannot be read is still the end of a call.
    #[must_use]
    pub fn from_wire(value: &[u8]) -> Self {
        if value.is_empty() || value.len() > 9 || !value.iter().all(u8::is_ascii_digit) {
            return Self::Unknown;
        }
        let number = value.iter().fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        Self::from_number(number)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_wire_forms_agree() {
        for (index, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(code.number()), index);
            assert_eq!(code.wire(), index.to_string());
            assert_eq!(Code::from_wire(code.wire().as_bytes()), code);
        }
    }

    #[test]
    fn unreadable_values_are_unknown() {
        for value in ["", "17", "-1", "x", "1 ", "99999999999999999999"] {
            assert_eq!(Code::from_wire(value.as_bytes()), Code::Unknown, "{value:?}");
        }
    }
}
