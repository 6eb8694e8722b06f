//! Numbers of options and defaults: ranges of the integer types, and the text of floats and bytes
//! as descriptors write them (the shortest of two fixed precisions that reads back equal).

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use crate::syntax::ValueKind;

/// The value as an integer of the given type.
pub(crate) fn as_integer(value: &ValueKind, ty: Type) -> Result<i128, &'static str> {
    use Type::*;
    const TOO_LARGE: &str = "the number does not fit into 64 bits";
    let (negative, magnitude) = match value {
        ValueKind::Integer { negative, magnitude } => (negative, magnitude.ok_or(TOO_LARGE)?),
        ValueKind::Huge(_) => return Err(TOO_LARGE),
        _ => return Err("expected an integer"),
    };
    let magnitude = i128::from(magnitude);
    let integer = if *negative { -magnitude } else { magnitude };
    let (range, problem) = match ty {
        TYPE_INT32 | TYPE_SINT32 | TYPE_SFIXED32 => {
            (i128::from(i32::MIN)..=i128::from(i32::MAX), "out of range for a signed 32-bit number")
        }
        TYPE_INT64 | TYPE_SINT64 | TYPE_SFIXED64 => {
            (i128::from(i64::MIN)..=i128::from(i64::MAX), "out of range for a signed 64-bit number")
        }
        TYPE_UINT32 | TYPE_FIXED32 => {
            (0..=i128::from(u32::MAX), "out of range for an unsigned 32-bit number")
        }
        TYPE_UINT64 | TYPE_FIXED64 => {
            (0..=i128::from(u64::MAX), "out of range for an unsigned 64-bit number")
        }
        _ => return Err("expected another type of value"),
    };
    // `-0` of an unsigned type has a sign and is refused as well.
    let signed = *range.start() < 0 || !*negative;
    if signed && range.contains(&integer) { Ok(integer) } else { Err(problem) }
}

/// The value as a floating-point number.
pub(crate) fn as_float(value: &ValueKind) -> Option<f64> {
    match value {
        ValueKind::Float(value) | ValueKind::Huge(value) => Some(*value),
        ValueKind::Integer { negative, magnitude } => {
            let magnitude = (*magnitude)? as f64;
            Some(if *negative { -magnitude } else { magnitude })
        }
        ValueKind::Identifier(text) if text == "inf" => Some(f64::INFINITY),
        ValueKind::Identifier(text) if text == "nan" => Some(f64::NAN),
        _ => None,
    }
}

/// To single precision, values beyond its range becoming infinite.
pub(crate) fn to_f32(value: f64) -> f32 {
    // the language leaves a NaN's sign open when it is converted
    if value.is_nan() {
        f32::NAN.copysign(if value.is_sign_negative() { -1.0 } else { 1.0 })
    } else {
        value as f32
    }
}

/// A double's text: 15 significant digits if they suffice, else 17.
pub(crate) fn double_text(value: f64) -> String {
    if let Some(text) = special(value) {
        return text;
    }
    let short = general(value, 15);
    if short.parse() == Ok(value) { short } else { general(value, 17) }
}

/// A float's text: 6 significant digits if they suffice, else 9.
pub(crate) fn float_text(value: f32) -> String {
    let wide = f64::from(value);
    if let Some(text) = special(wide) {
        return text;
    }
    let short = general(wide, 6);
    if short.parse() == Ok(value) { short } else { general(wide, 9) }
}

fn special(value: f64) -> Option<String> {
    if value.is_nan() {
        return Some("nan".to_owned());
    }
    let sign = if value < 0.0 { "-" } else { "" };
    value.is_infinite().then(|| format!("{sign}inf"))
}

/// C's `%.{digits}g`.
fn general(value: f64, digits: usize) -> String {
    let scientific = format!("{:.*e}", digits - 1, value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let precision = i32::try_from(digits).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= precision {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim_zeros(mantissa), exponent.abs());
    }
    let decimals = usize::try_from(precision - 1 - exponent).unwrap_or(0);
    trim_zeros(&format!("{value:.decimals$}")).to_owned()
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Bytes as text with C's escapes, octal for what is not printable ASCII.
pub(crate) fn c_escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'"' | b'\'' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_like_c() {
        assert_eq!(double_text(1e20), "1e+20");
        assert_eq!(double_text(0.1), "0.1");
        assert_eq!(double_text(1.0 / 3.0), "0.33333333333333331");
        assert_eq!(double_text(123_456_789.0), "123456789");
        assert_eq!(
            double_text(1e-5),
            "1.0000000000000001e-05".replace("0000000000000001", "").replace("1.e", "1e")
        );
        assert_eq!(double_text(-0.0), "-0");
        assert_eq!(float_text(1.5), "1.5");
        assert_eq!(float_text(0.1), "0.1");
        assert_eq!(float_text(f32::NEG_INFINITY), "-inf");
    }

    #[test]
    fn bytes_are_escaped() {
        assert_eq!(c_escape(b"a\0\"\xff\n"), "a\\000\\\"\\377\\n");
    }
}
