//! HPACK's static table (RFC 7541 appendix A): its 61 entries, and its names as small integers.
//! Finding a name costs one hash of four numbers and, nearly always, one comparison.

macro_rules! static_names {
    ($($(#[$doc:meta])* $variant:ident = $index:literal => $name:literal,)+) => {
        /// A field name of HPACK's static table (RFC 7541 appendix A), numbered by the first entry
        /// that has it.
        ///
        /// Fieldless and one byte wide, as is `Option<StaticName>`: a `match` on it compiles to a
        /// jump table.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum StaticName {
            $(#[doc = concat!("`", $name, "`")] $variant = $index,)+
        }

        impl StaticName {
            /// Every name, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name as it is on the wire, in lower case.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

static_names! {
    Authority = 1 => ":authority",
    Method = 2 => ":method",
    Path = 4 => ":path",
    Scheme = 6 => ":scheme",
    Status = 8 => ":status",
    AcceptCharset = 15 => "accept-charset",
    AcceptEncoding = 16 => "accept-encoding",
    AcceptLanguage = 17 => "accept-language",
    AcceptRanges = 18 => "accept-ranges",
    Accept = 19 => "accept",
    AccessControlAllowOrigin = 20 => "access-control-allow-origin",
    Age = 21 => "age",
    Allow = 22 => "allow",
    Authorization = 23 => "authorization",
    CacheControl = 24 => "cache-control",
    ContentDisposition = 25 => "content-disposition",
    ContentEncoding = 26 => "content-encoding",
    ContentLanguage = 27 => "content-language",
    ContentLength = 28 => "content-length",
    ContentLocation = 29 => "content-location",
    ContentRange = 30 => "content-range",
    ContentType = 31 => "content-type",
    Cookie = 32 => "cookie",
    Date = 33 => "date",
    Etag = 34 => "etag",
    Expect = 35 => "expect",
    Expires = 36 => "expires",
    From = 37 => "from",
    Host = 38 => "host",
    IfMatch = 39 => "if-match",
    IfModifiedSince = 40 => "if-modified-since",
    IfNoneMatch = 41 => "if-none-match",
    IfRange = 42 => "if-range",
    IfUnmodifiedSince = 43 => "if-unmodified-since",
    LastModified = 44 => "last-modified",
    Link = 45 => "link",
    Location = 46 => "location",
    MaxForwards = 47 => "max-forwards",
    ProxyAuthenticate = 48 => "proxy-authenticate",
    ProxyAuthorization = 49 => "proxy-authorization",
    Range = 50 => "range",
    Referer = 51 => "referer",
    Refresh = 52 => "refresh",
    RetryAfter = 53 => "retry-after",
    Server = 54 => "server",
    SetCookie = 55 => "set-cookie",
    StrictTransportSecurity = 56 => "strict-transport-security",
    TransferEncoding = 57 => "transfer-encoding",
    UserAgent = 58 => "user-agent",
    Vary = 59 => "vary",
    Via = 60 => "via",
    WwwAuthenticate = 61 => "www-authenticate",
}

/// One entry of the static table.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The entry's name.
    pub(crate) name: StaticName,
    /// The entry's value; empty where the table has none.
    pub(crate) value: &'static str,
}

/// The number of entries; dynamic indices begin after it (RFC 7541 section 2.3.3).
pub(crate) const LEN: usize = ENTRIES.len();

/// The entry at wire index `index`, counted from 1.
#[inline]
pub(crate) fn entry(index: usize) -> Option<&'static Entry> {
    ENTRIES.get(index.wrapping_sub(1))
}

impl Entry {
    /// The entry's size as a field of a header list.
    pub(crate) const fn list_size(&self) -> usize {
        self.name.as_str().len() + self.value.len() + crate::fields::FIELD_OVERHEAD
    }
}

impl StaticName {
    /// The name as bytes.
    #[inline]
    pub const fn as_bytes(self) -> &'static [u8] {
        self.as_str().as_bytes()
    }

    /// The wire index of the first entry with this name, 1 to 61.
    #[inline]
    pub const fn index(self) -> u8 {
        self as u8
    }

    /// The static name equal to `name`, if there is one.
    #[inline]
    pub fn from_bytes(name: &[u8]) -> Option<Self> {
        let mut slot = hash(name);
        while let Some(id) = NAME_SLOTS[slot] {
            if id.as_bytes() == name {
                return Some(id);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }

    /// The wire index of the entry with this name and `value`, if there is one.
    #[inline]
    pub(crate) fn index_with_value(self, value: &[u8]) -> Option<usize> {
        let first = usize::from(self.index());
        (first..=LEN)
            .map_while(|index| entry(index).filter(|entry| entry.name == self).map(|e| (index, e)))
            .find(|(_, entry)| entry.value.as_bytes() == value)
            .map(|(index, _)| index)
    }
}

/// Slots of the name index: a quarter full, and a power of two.
const SLOTS: usize = 256;

/// The names by [`hash`], with linear probing. Never full, so a search ends.
static NAME_SLOTS: [Option<StaticName>; SLOTS] = name_slots();

/// Mixes length, first, middle and last octet. The factors were searched for: none of the table's
/// names collide.
const fn hash(name: &[u8]) -> usize {
    let len = name.len();
    if len == 0 {
        return 0;
    }
    let mixed = len * 64
        + name[0] as usize * 98
        + name[len / 2] as usize * 58
        + name[len - 1] as usize * 61;
    mixed % SLOTS
}

const fn name_slots() -> [Option<StaticName>; SLOTS] {
    let mut slots = [None; SLOTS];
    let mut next = 0;
    while next < StaticName::ALL.len() {
        let id = StaticName::ALL[next];
        let mut slot = hash(id.as_bytes());
        while slots[slot].is_some() {
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = Some(id);
        next += 1;
    }
    slots
}

const fn with(name: StaticName, value: &'static str) -> Entry {
    Entry { name, value }
}

static ENTRIES: [Entry; 61] = [
    with(StaticName::Authority, ""),
    with(StaticName::Method, "GET"),
    with(StaticName::Method, "POST"),
    with(StaticName::Path, "/"),
    with(StaticName::Path, "/index.html"),
    with(StaticName::Scheme, "http"),
    with(StaticName::Scheme, "https"),
    with(StaticName::Status, "200"),
    with(StaticName::Status, "204"),
    with(StaticName::Status, "206"),
    with(StaticName::Status, "304"),
    with(StaticName::Status, "400"),
    with(StaticName::Status, "404"),
    with(StaticName::Status, "500"),
    with(StaticName::AcceptCharset, ""),
    with(StaticName::AcceptEncoding, "gzip, deflate"),
    with(StaticName::AcceptLanguage, ""),
    with(StaticName::AcceptRanges, ""),
    with(StaticName::Accept, ""),
    with(StaticName::AccessControlAllowOrigin, ""),
    with(StaticName::Age, ""),
    with(StaticName::Allow, ""),
    with(StaticName::Authorization, ""),
    with(StaticName::CacheControl, ""),
    with(StaticName::ContentDisposition, ""),
    with(StaticName::ContentEncoding, ""),
    with(StaticName::ContentLanguage, ""),
    with(StaticName::ContentLength, ""),
    with(StaticName::ContentLocation, ""),
    with(StaticName::ContentRange, ""),
    with(StaticName::ContentType, ""),
    with(StaticName::Cookie, ""),
    with(StaticName::Date, ""),
    with(StaticName::Etag, ""),
    with(StaticName::Expect, ""),
    with(StaticName::Expires, ""),
    with(StaticName::From, ""),
    with(StaticName::Host, ""),
    with(StaticName::IfMatch, ""),
    with(StaticName::IfModifiedSince, ""),
    with(StaticName::IfNoneMatch, ""),
    with(StaticName::IfRange, ""),
    with(StaticName::IfUnmodifiedSince, ""),
    with(StaticName::LastModified, ""),
    with(StaticName::Link, ""),
    with(StaticName::Location, ""),
    with(StaticName::MaxForwards, ""),
    with(StaticName::ProxyAuthenticate, ""),
    with(StaticName::ProxyAuthorization, ""),
    with(StaticName::Range, ""),
    with(StaticName::Referer, ""),
    with(StaticName::Refresh, ""),
    with(StaticName::RetryAfter, ""),
    with(StaticName::Server, ""),
    with(StaticName::SetCookie, ""),
    with(StaticName::StrictTransportSecurity, ""),
    with(StaticName::TransferEncoding, ""),
    with(StaticName::UserAgent, ""),
    with(StaticName::Vary, ""),
    with(StaticName::Via, ""),
    with(StaticName::WwwAuthenticate, ""),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn names_are_numbered_by_their_first_entry() {
        for &id in StaticName::ALL {
            let index = usize::from(id.index());
            assert_eq!(entry(index).unwrap().name, id);
            assert_ne!(entry(index - 1).map(|entry| entry.name), Some(id));
            assert_eq!(StaticName::from_bytes(id.as_bytes()), Some(id));
        }
        assert_eq!(StaticName::ALL.len(), 52);
        assert!(entry(0).is_none() && entry(62).is_none());
    }

    #[test]
    fn entries_are_found_by_value() {
        let find = |name: &[u8], value: &[u8]| {
            StaticName::from_bytes(name).and_then(|id| id.index_with_value(value))
        };
        assert_eq!(find(b":status", b"500"), Some(14));
        assert_eq!(find(b":method", b"POST"), Some(3));
        assert_eq!(find(b"accept-encoding", b"gzip, deflate"), Some(16));
        assert_eq!(find(b":status", b"201"), None);
        assert_eq!(find(b"via", b"a"), None);
        assert_eq!(find(b"via", b""), Some(60));
    }

    #[test]
    fn other_names_are_not_found() {
        for name in [&b""[..], b"te", b"grpc-status", b":protocol", b"Via", b"content-typ"] {
            assert_eq!(StaticName::from_bytes(name), None);
        }
    }
}
