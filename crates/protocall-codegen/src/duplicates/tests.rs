//! Which arms get the check.

#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn arms_that_set_a_field_look_first() {
    let source = "impl V { fn visit_map(self) { match k {
        \"aB\" | \"a_b\" => { __f_a_b = Some(1); }
        \"c\" => { let v = 1; }
        _ => { map.next(); }
    } } }";
    let mut file = syn::parse_str(source).unwrap();
    refuse(&mut file);
    let after = "impl V { fn visit_map(self) { match k {
        \"aB\" | \"a_b\" => {
            if __f_a_b.is_some() {
                return ::core::result::Result::Err(::serde::de::Error::duplicate_field(\"aB\"));
            }
            __f_a_b = Some(1);
        }
        \"c\" => { let v = 1; }
        _ => { map.next(); }
    } } }";
    let formatted = prettyplease::unparse(&syn::parse_str(after).unwrap());
    assert_eq!(prettyplease::unparse(&file), formatted);
}
