//! Options as text.

#![allow(clippy::unwrap_used)]

use protocall_codegen::Messages;

use super::options_from_parameter;

#[test]
fn what_it_reads_is_what_the_methods_set() {
    let read = options_from_parameter(
        "views=.a.B, bytes=.a,extern_path=.b=::b::c,client=false,server,imports=false,codec=::x::Y,\
         messages=prost,json,text=true,derive=.a=Eq,type_attribute=.a=#[derive(Eq, Hash)],\
         client_attribute=.a.S=#[cfg(feature = \"client\")],without_server=.a.S,btree_map=.,",
    );
    let set = protocall_codegen::Options::new()
        .views(".a.B")
        .bytes(".a")
        .extern_path(".b", "::b::c")
        .client(false)
        .imports(false)
        .codec("::x::Y")
        .messages(Messages::Prost)
        .json(true)
        .text(true)
        .derive(".a", "Eq")
        .type_attribute(".a", "#[derive(Eq, Hash)]")
        .client_attribute(".a.S", "#[cfg(feature = \"client\")]")
        .without_server(".a.S")
        .btree_map(".");
    assert_eq!(format!("{:?}", read.unwrap()), format!("{set:?}"));
    let default = format!("{:?}", protocall_codegen::Options::new());
    assert_eq!(format!("{:?}", options_from_parameter("").unwrap()), default);
}

#[test]
fn what_it_cannot_read_it_names() {
    for (parameter, expected) in [
        ("vews=.a", "option `vews=.a`: there is no such option"),
        ("views", "option `views`: a value is missing"),
        ("bytes=", "option `bytes=`: a value is missing"),
        ("client=no", "option `client=no`: its value is `true` or `false`"),
        ("extern_path=.a", "option `extern_path=.a`: write `extern_path=.proto.path"),
        ("derive=.a=", "option `derive=.a=`: write `derive=.proto.path"),
        ("messages", "option `messages`: its value is `buffa` or `prost`"),
        ("messages=upb", "option `messages=upb`: its value is `buffa` or `prost`"),
    ] {
        let error = options_from_parameter(parameter).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
