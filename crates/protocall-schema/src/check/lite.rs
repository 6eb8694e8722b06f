//! What `optimize_for = LITE_RUNTIME` forbids: a lite file's generated code has no reflection.
//! Needs interpreted options, unlike the other checks.

use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use buffa_descriptor::generated::descriptor::file_options::OptimizeMode;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::load::Unit;
use crate::model::Model;
use crate::syntax::Item;

/// Checks imports, extensions and services of all files.
pub(crate) fn lite(
    units: &[Unit],
    model: &Model,
    files: &[FileDescriptorProto],
    diagnostics: &mut Diagnostics,
) {
    let is_lite = |file: usize| {
        let options = files.get(file).and_then(|file| file.options.as_option());
        options.and_then(|options| options.optimize_for) == Some(OptimizeMode::LITE_RUNTIME)
    };
    for (file, unit) in units.iter().enumerate() {
        if is_lite(file) {
            services(unit, files.get(file), diagnostics);
        } else {
            imports(unit, file, &is_lite, diagnostics);
        }
    }
    for field in model.extensions().iter().filter(|field| is_lite(field.file)) {
        let Some((extendee, span)) = &field.extendee else { continue };
        let (Some(message), Some(unit)) = (model.message(extendee), units.get(field.file)) else {
            continue;
        };
        if !is_lite(message.file) {
            let text = format!("a file for the lite runtime cannot extend `{extendee}`");
            let label = "it is not for the lite runtime";
            let diagnostic = Diagnostic::error(code::LITE_RUNTIME, text);
            diagnostics.push(diagnostic.at(&unit.source, *span, label));
        }
    }
}

fn imports(
    unit: &Unit,
    file: usize,
    is_lite: &impl Fn(usize) -> bool,
    diagnostics: &mut Diagnostics,
) {
    for (import, target) in unit.tree.imports().zip(&unit.imports) {
        if target.is_some_and(|target| target != file && is_lite(target)) {
            let message =
                format!("`{}` is optimized for the lite runtime and this file is not", import.path);
            diagnostics.push(
                Diagnostic::error(code::LITE_IMPORT, message)
                    .at(&unit.source, import.path_span, "")
                    .hint("give both files the same `optimize_for` option"),
            );
        }
    }
}

fn services(unit: &Unit, file: Option<&FileDescriptorProto>, diagnostics: &mut Diagnostics) {
    let Some(options) = file.and_then(|file| file.options.as_option()) else { return };
    let generic = [options.cc_generic_services, options.java_generic_services];
    if !generic.contains(&Some(true)) {
        return;
    }
    for item in &unit.tree.items {
        let Item::Service(service) = item else { continue };
        let message = "a file for the lite runtime has no generic services";
        diagnostics.push(
            Diagnostic::error(code::LITE_RUNTIME, message)
                .at(&unit.source, service.name.span, "")
                .hint("remove `cc_generic_services` and `java_generic_services`"),
        );
    }
}
