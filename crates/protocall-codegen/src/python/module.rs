//! Names of Python modules, and the statements that import them.

/// Python's reserved words. Names equal to one are written in ways that Python accepts.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether a dotted module name cannot stand in an `import` statement.
pub(super) fn has_keyword(module: &str) -> bool {
    module.split('.').any(is_keyword)
}

/// An import path without `.proto` (or `.protodevel`, which protoc takes for the same).
pub(super) fn stem(file: &str) -> &str {
    file.strip_suffix(".protodevel").or_else(|| file.strip_suffix(".proto")).unwrap_or(file)
}

/// The dotted name of the module with a file's messages.
pub(super) fn name(file: &str) -> String {
    format!("{}_pb2", stem(file).replace('-', "_").replace('/', "."))
}

/// What a module is called inside of another: one identifier, from which the name follows.
pub(super) fn alias(file: &str) -> String {
    name(file).replace('_', "__").replace('.', "_dot_")
}

/// Where a module lies; a dot in the file's name makes one more folder. Never an absolute path.
pub(super) fn path(file: &str, extension: &str) -> String {
    format!("{}.{extension}", name(file).replace('.', "/").trim_start_matches('/'))
}

/// `import a as b`, or `from p import a as b`.
pub(super) fn import(module: &str, alias: &str) -> String {
    match module.rsplit_once('.') {
        None => format!("import {module} as {alias}"),
        Some((package, module)) => format!("from {package} import {module} as {alias}"),
    }
}

/// An import for modules that have a keyword in their name. Needs `import importlib` before.
pub(super) fn import_by_name(module: &str, alias: &str) -> String {
    format!("{alias} = importlib.import_module('{module}')")
}

/// How a class is reached from its module's globals, from the names of the classes around it.
pub(super) fn class_path(names: &[&str]) -> String {
    let mut path = String::new();
    for (depth, name) in names.iter().enumerate() {
        path = match (depth, is_keyword(name)) {
            (0, false) => (*name).to_owned(),
            (0, true) => format!("globals()['{name}']"),
            (_, false) => format!("{path}.{name}"),
            (_, true) => format!("getattr({path}, '{name}')"),
        };
    }
    path
}

#[cfg(test)]
mod tests {
    //! Names at their edges.

    use super::*;

    #[test]
    fn names_come_from_paths() {
        assert_eq!(name("a-b/c.proto"), "a_b.c_pb2");
        assert_eq!(name("c.protodevel"), "c_pb2");
        assert_eq!(name("c.txt"), "c.txt_pb2");
        assert_eq!(alias("a_b/c.proto"), "a__b_dot_c__pb2");
        assert_eq!(path("k8s.min.proto", "py"), "k8s/min_pb2.py");
        assert_eq!(path(".hidden.proto", "py"), "hidden_pb2.py");
        assert!(has_keyword("a.for.b_pb2") && !has_keyword("a.for_pb2"));
    }

    #[test]
    fn classes_with_reserved_names_are_looked_up() {
        assert_eq!(class_path(&["A", "B"]), "A.B");
        assert_eq!(class_path(&["None", "in", "B"]), "getattr(globals()['None'], 'in').B");
    }
}
