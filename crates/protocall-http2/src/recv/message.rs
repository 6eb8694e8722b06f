//! The rules of header lists (RFC 9113 section 8): pseudo-header fields, fields that HTTP/2
//! forbids, and content-length. Characters were checked by the decoder. Pure functions of a list.

use crate::fields::Fields;
use crate::hpack::StaticName;

#[cfg(test)]
mod tests;

/// The message is malformed (RFC 9113 section 8.1.1), and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

/// The data does not fit content-length.
pub(super) const WRONG_LENGTH: &str = "DATA does not add up to content-length";

/// What matters of a response's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Response {
    /// The status is 1xx.
    pub(super) interim: bool,
    /// The status allows no content, whatever content-length says (RFC 9110 section 8.6).
    pub(super) bodiless: bool,
    pub(super) content_length: Option<u64>,
}

/// The pseudo-header fields of a list, each at most once, and what else was found on the way.
#[derive(Default)]
struct Survey<'a> {
    method: Option<&'a [u8]>,
    scheme: Option<&'a [u8]>,
    path: Option<&'a [u8]>,
    authority: Option<&'a [u8]>,
    status: Option<&'a [u8]>,
    content_length: Option<u64>,
}

/// Checks a request's head; returns its content-length (RFC 9113 section 8.3.1).
pub(super) fn check_request(fields: &Fields) -> Result<Option<u64>, Malformed> {
    let survey = survey(fields)?;
    if survey.status.is_some() {
        return Err(Malformed("a request has :status"));
    }
    let Some(method) = survey.method else {
        return Err(Malformed("a request lacks :method"));
    };
    if method == b"CONNECT" {
        return match (survey.scheme, survey.path, survey.authority) {
            (None, None, Some(_)) => Ok(survey.content_length),
            _ => Err(Malformed("a CONNECT request must have :authority alone")),
        };
    }
    match (survey.scheme, survey.path) {
        (None, _) => Err(Malformed("a request lacks :scheme")),
        (_, None) => Err(Malformed("a request lacks :path")),
        (_, Some([b'/', ..] | [b'*'])) => Ok(survey.content_length),
        _ => Err(Malformed(":path is neither absolute nor *")),
    }
}

/// Checks a response's head (RFC 9113 section 8.3.2).
pub(super) fn check_response(fields: &Fields) -> Result<Response, Malformed> {
    let survey = survey(fields)?;
    let requests = [survey.method, survey.scheme, survey.path, survey.authority];
    if requests.iter().any(Option::is_some) {
        return Err(Malformed("a response has a request's pseudo-header field"));
    }
    let Some(status) = survey.status else {
        return Err(Malformed("a response lacks :status"));
    };
    let &[first @ b'1'..=b'9', b'0'..=b'9', b'0'..=b'9'] = status else {
        return Err(Malformed(":status is not a status code"));
    };
    if status == b"101" {
        return Err(Malformed("status 101 does not exist in HTTP/2"));
    }
    Ok(Response {
        interim: first == b'1',
        bodiless: status == b"204" || status == b"304",
        content_length: survey.content_length,
    })
}

/// Checks trailers (RFC 9113 section 8.1).
pub(super) fn check_trailers(fields: &Fields) -> Result<(), Malformed> {
    if let Some(reason) = fields.malformed() {
        return Err(Malformed(reason));
    }
    for field in fields.iter() {
        if field.name.first() == Some(&b':') {
            return Err(Malformed("trailers have a pseudo-header field"));
        }
        check_regular(field.name, field.value)?;
    }
    Ok(())
}

/// Pseudo-header fields (RFC 9113 section 8.3). In a list that an event hands out each is present
/// exactly where that section wants it.
impl Fields {
    /// `:method`; on every request.
    pub fn method(&self) -> Option<&[u8]> {
        self.pseudo(StaticName::Method)
    }

    /// `:path`; on every request but CONNECT: absolute, or `*`.
    pub fn path(&self) -> Option<&[u8]> {
        self.pseudo(StaticName::Path)
    }

    /// `:scheme`; on every request but CONNECT.
    pub fn scheme(&self) -> Option<&[u8]> {
        self.pseudo(StaticName::Scheme)
    }

    /// `:authority`; a request may lack it.
    pub fn authority(&self) -> Option<&[u8]> {
        self.pseudo(StaticName::Authority)
    }

    /// `:status`; on every response: three digits.
    pub fn status(&self) -> Option<&[u8]> {
        self.pseudo(StaticName::Status)
    }

    /// Pseudo-header fields come first, so the search ends at the first regular field.
    fn pseudo(&self, wanted: StaticName) -> Option<&[u8]> {
        let mut pseudo = self.iter().take_while(|field| field.name.first() == Some(&b':'));
        pseudo.find(|field| field.name_id == Some(wanted)).map(|field| field.value)
    }
}

fn survey(fields: &Fields) -> Result<Survey<'_>, Malformed> {
    if let Some(reason) = fields.malformed() {
        return Err(Malformed(reason));
    }
    let mut survey = Survey::default();
    let mut regular = false;
    for field in fields.iter() {
        let place = match field.name_id {
            Some(StaticName::Method) => &mut survey.method,
            Some(StaticName::Scheme) => &mut survey.scheme,
            Some(StaticName::Path) => &mut survey.path,
            Some(StaticName::Authority) => &mut survey.authority,
            Some(StaticName::Status) => &mut survey.status,
            _ if field.name.first() == Some(&b':') => {
                return Err(Malformed("unknown pseudo-header field"));
            }
            Some(StaticName::ContentLength) => {
                regular = true;
                let length = content_length(field.value)?;
                if survey.content_length.is_some_and(|earlier| earlier != length) {
                    return Err(Malformed("two content-length fields disagree"));
                }
                survey.content_length = Some(length);
                continue;
            }
            Some(StaticName::TransferEncoding) | None => {
                regular = true;
                check_regular(field.name, field.value)?;
                continue;
            }
            Some(_) => {
                regular = true;
                continue;
            }
        };
        if regular {
            return Err(Malformed("a pseudo-header field after a regular one"));
        }
        if place.replace(field.value).is_some() {
            return Err(Malformed("a pseudo-header field came twice"));
        }
    }
    Ok(survey)
}

/// Fields that belong to one hop of HTTP/1 (RFC 9113 section 8.2.2).
fn check_regular(name: &[u8], value: &[u8]) -> Result<(), Malformed> {
    match name {
        b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding" | b"upgrade" => {
            Err(Malformed("a connection-specific field"))
        }
        b"te" if value != b"trailers" => Err(Malformed("te is not trailers")),
        _ => Ok(()),
    }
}

/// RFC 9110 section 8.6: digits only.
fn content_length(value: &[u8]) -> Result<u64, Malformed> {
    const WRONG: Malformed = Malformed("content-length is not a number");
    if value.is_empty() {
        return Err(WRONG);
    }
    value.iter().try_fold(0u64, |sum, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10).ok_or(WRONG)?;
        sum.checked_mul(10).and_then(|sum| sum.checked_add(u64::from(digit))).ok_or(WRONG)
    })
}
