//! Details as a list of known and unknown messages.
//! Where the list comes from and goes to is [`StatusExt`](super::StatusExt)'s business.

use super::{
    BadRequest, DebugInfo, ErrorInfo, Help, LocalizedMessage, PreconditionFailure, QuotaFailure,
    RequestInfo, ResourceInfo, RetryInfo,
};
use buffa::Message;
use buffa_types::google::protobuf::Any;

/// Declares the standard details: a variant, its conversions, and how to find it in a list.
macro_rules! details {
    ($($(#[$doc:meta])* $kind:ident, $getter:ident;)*) => {
        /// One detail of a status.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum ErrorDetail {
            $($(#[$doc])* $kind($kind),)*
            /// A message of the application's own, or one that could not be decoded.
            Other(Any),
        }

        $(impl From<$kind> for ErrorDetail {
            fn from(detail: $kind) -> Self {
                Self::$kind(detail)
            }
        })*

        impl ErrorDetail {
            /// Packed, as it travels.
            #[must_use]
            pub fn into_any(self) -> Any {
                match self {
                    $(Self::$kind(detail) => Any::pack(&detail, $kind::TYPE_URL),)*
                    Self::Other(any) => any,
                }
            }

            /// Unpacked, if its type is a standard one. The host in front of the type's name does
            /// not matter.
            #[must_use]
            pub fn from_any(any: Any) -> Self {
                let decoded = match type_name(&any.type_url) {
                    $(name if name == type_name($kind::TYPE_URL) => {
                        $kind::decode_from_slice(&any.value).ok().map(Self::$kind)
                    })*
                    _ => None,
                };
                decoded.unwrap_or(Self::Other(any))
            }
        }

        impl ErrorDetails {
            $(#[doc = concat!("The first [`", stringify!($kind), "`].")]
            #[must_use]
            pub fn $getter(&self) -> Option<&$kind> {
                self.0.iter().find_map(|detail| match detail {
                    ErrorDetail::$kind(found) => Some(found),
                    _ => None,
                })
            })*
        }
    };
}

details! {
    /// The cause, for programs.
    ErrorInfo, error_info;
    /// When to try again.
    RetryInfo, retry_info;
    /// For whoever looks for the mistake.
    DebugInfo, debug_info;
    /// Which quota was exceeded.
    QuotaFailure, quota_failure;
    /// Which preconditions are not met.
    PreconditionFailure, precondition_failure;
    /// What is wrong with the request's fields.
    BadRequest, bad_request;
    /// By which the request is found again.
    RequestInfo, request_info;
    /// The resource that is concerned.
    ResourceInfo, resource_info;
    /// Where help is found.
    Help, help;
    /// A message for the user, in the user's language.
    LocalizedMessage, localized_message;
}

impl From<Any> for ErrorDetail {
    fn from(any: Any) -> Self {
        Self::from_any(any)
    }
}

/// The name behind the last slash of a type URL.
fn type_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// The details of a status, in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorDetails(Vec<ErrorDetail>);

impl ErrorDetails {
    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, ErrorDetail> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// The first message of a type of the application's own; `None` when there is none of its
    /// name, or it cannot be decoded.
    #[must_use]
    pub fn find<M: Message + buffa::MessageName>(&self) -> Option<M> {
        self.0.iter().find_map(|detail| match detail {
            ErrorDetail::Other(any) if type_name(&any.type_url) == M::FULL_NAME => {
                M::decode_from_slice(&any.value).ok()
            }
            _ => None,
        })
    }
}

impl FromIterator<ErrorDetail> for ErrorDetails {
    fn from_iter<I: IntoIterator<Item = ErrorDetail>>(details: I) -> Self {
        Self(details.into_iter().collect())
    }
}

impl IntoIterator for ErrorDetails {
    type Item = ErrorDetail;
    type IntoIter = std::vec::IntoIter<ErrorDetail>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a ErrorDetails {
    type Item = &'a ErrorDetail;
    type IntoIter = std::slice::Iter<'a, ErrorDetail>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
