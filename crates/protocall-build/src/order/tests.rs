//! Orders that protoc gives.

use buffa_descriptor::generated::descriptor::FileDescriptorProto;

use super::Order;

fn file(name: &str, imports: &[&str], for_options: &[&str]) -> FileDescriptorProto {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    FileDescriptorProto {
        name: Some(name.to_owned()),
        dependency: owned(imports),
        option_dependency: owned(for_options),
        ..Default::default()
    }
}

fn names(files: &[FileDescriptorProto], places: Vec<usize>) -> String {
    let name = |place: usize| files[place].name.clone().unwrap_or_default();
    places.into_iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn imports_come_first_and_once() {
    let files = [
        file("a", &["b", "c"], &[]),
        file("b", &["d"], &[]),
        file("c", &["d"], &[]),
        file("d", &[], &[]),
    ];
    let order = Order::new(&files);
    assert_eq!(names(&files, order.with_imports(&["a".into()])), "d b c a");
    assert_eq!(names(&files, order.without_imports(&["a".into(), "d".into()])), "a d");
    assert_eq!(names(&files, order.without_imports(&["a".into(), "b".into()])), "b a");
}

#[test]
fn files_for_options_come_after_the_others_at_every_depth() {
    let files = [
        file("a", &["b"], &["o"]),
        file("b", &[], &["p"]),
        file("o", &[], &[]),
        file("p", &[], &[]),
    ];
    let order = Order::new(&files);
    assert_eq!(names(&files, order.with_imports(&["a".into()])), "p b o a");
    assert_eq!(names(&files, order.without_imports(&["a".into(), "o".into()])), "o a");
}

#[test]
fn a_cycle_in_a_broken_set_ends() {
    let files = [file("a", &["b"], &[]), file("b", &["a"], &[])];
    let order = Order::new(&files);
    assert_eq!(names(&files, order.with_imports(&["a".into()])), "b a");
}
