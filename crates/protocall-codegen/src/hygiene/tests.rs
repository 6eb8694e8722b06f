//! The shapes of buffa's JSON code, with an enum and a message called like its own names.

#![allow(clippy::unwrap_used)]

use super::*;

fn made(source: &str) -> String {
    let mut file = syn::parse_str(source).unwrap();
    apart(&mut file);
    prettyplease::unparse(&file)
}

fn formatted(source: &str) -> String {
    prettyplease::unparse(&syn::parse_str(source).unwrap())
}

#[test]
fn parameters_give_way_and_types_stay() {
    let before = "
        impl<'de> ::serde::Deserialize<'de> for E {
            fn deserialize<D: ::serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct _V;
                impl ::serde::de::Visitor<'_> for _V {
                    type Value = E;
                    fn visit_str<E: ::serde::de::Error>(self, v: &str) -> Result<E, E> {
                        <E as ::buffa::Enumeration>::from_proto_name(v)
                    }
                    fn visit_map<A: ::serde::de::MapAccess<'de>>(self, mut map: A) -> Result<D, A::Error> {
                        let v: Option<A> = map.next::<_V>()?;
                        struct _S;
                        impl<'de> X<'de> for _S {
                            fn deserialize<D: ::serde::Deserializer<'de>>(self, d: D) -> Result<D, D::Error> { f(d) }
                        }
                        map.next(_S).map_err(|e| <A::Error as ::serde::de::Error>::custom(e))
                    }
                }
                d.deserialize_any(_V)
            }
        }
    ";
    let after = "
        impl<'de> ::serde::Deserialize<'de> for E {
            fn deserialize<__protocall_D: ::serde::Deserializer<'de>>(d: __protocall_D) -> Result<Self, __protocall_D::Error> {
                struct __protocall__V;
                impl ::serde::de::Visitor<'_> for __protocall__V {
                    type Value = E;
                    fn visit_str<__protocall_E: ::serde::de::Error>(self, v: &str) -> Result<E, __protocall_E> {
                        <E as ::buffa::Enumeration>::from_proto_name(v)
                    }
                    fn visit_map<__protocall_A: ::serde::de::MapAccess<'de>>(self, mut map: __protocall_A) -> Result<D, __protocall_A::Error> {
                        let v: Option<A> = map.next::<_V>()?;
                        struct __protocall__S;
                        impl<'de> X<'de> for __protocall__S {
                            fn deserialize<__protocall_D: ::serde::Deserializer<'de>>(self, d: __protocall_D) -> Result<D, __protocall_D::Error> { f(d) }
                        }
                        map.next(__protocall__S).map_err(|e| <__protocall_A::Error as ::serde::de::Error>::custom(e))
                    }
                }
                d.deserialize_any(__protocall__V)
            }
        }
    ";
    assert_eq!(made(before), formatted(after));
}

#[test]
fn other_functions_stay() {
    let source = "impl X { fn f<E: ::other::Error>(e: E) -> Result<E, E> { E::Error } }";
    assert_eq!(made(source), formatted(source));
}
