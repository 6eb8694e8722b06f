//! The compiler's front end over any text.

use protocall_schema::{MemorySources, Style, compile};

/// Any text either becomes descriptors or is refused with at least one error, all of which can be
/// shown; compiling it again says the same.
///
/// # Panics
/// When the result and the diagnostics contradict each other or a second run.
pub fn proto_source(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let sources = MemorySources::new().with("fuzz.proto", text);
    let compilation = compile(&sources, &["fuzz.proto"]);
    let errors = compilation.diagnostics().has_errors();
    assert_eq!(compilation.schema().is_none(), errors, "descriptors and errors exclude each other");
    let shown = compilation.diagnostics().render(Style::Plain);
    assert!(!errors || !shown.is_empty(), "an error that says nothing");
    let again = compile(&sources, &["fuzz.proto"]);
    assert_eq!(shown, again.diagnostics().render(Style::Plain));
    let sets = [&compilation, &again].map(|run| run.schema().map(|schema| schema.descriptor_set()));
    assert!(sets[0] == sets[1], "a second run made other descriptors");
}
