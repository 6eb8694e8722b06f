//! The editions in which an option, a feature or a value of one may be used.
//! Specification: `FieldOptions.FeatureSupport` in `google/protobuf/descriptor.proto`.

use super::Interpreter;
use crate::build::OptionsKind;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::model::{EnumInfo, EnumValueInfo, FieldInfo};
use crate::source::Span;
use crate::support::{Support, Verdict, edition_name};

impl Interpreter<'_> {
    pub(super) fn check_lifetime(&mut self, field: &FieldInfo, span: Span) {
        if let Some(support) = &field.options.support {
            self.judge(&field.full_name, support, span);
        }
    }

    pub(super) fn check_value_lifetime(
        &mut self,
        info: &EnumInfo,
        value: &EnumValueInfo,
        span: Span,
    ) {
        if let Some(support) = &value.support {
            self.judge(&format!("{}.{}", info.full_name, value.name), support, span);
        }
    }

    fn judge(&mut self, name: &str, support: &Support, span: Span) {
        let verdict = support.verdict(self.unit.tree.level());
        let when = |edition: Option<i32>| edition_name(edition.unwrap_or_default());
        let (text, hint) = match verdict {
            Verdict::Fine => return,
            Verdict::TooEarly => {
                let introduced = when(support.introduced);
                (format!("`{name}` exists from edition {introduced} on"), None)
            }
            Verdict::Removed => {
                let removed = when(support.removed);
                (format!("`{name}` ended with edition {removed}"), support.removal_error.clone())
            }
            Verdict::Deprecated if !self.is_root => return,
            Verdict::Deprecated => {
                let deprecated = when(support.deprecated);
                let text = format!("`{name}` is deprecated since edition {deprecated}");
                (text, support.deprecation_warning.clone())
            }
        };
        let diagnostic = if verdict == Verdict::Deprecated {
            Diagnostic::warning(code::OPTION_DEPRECATED, text)
        } else {
            Diagnostic::error(code::OPTION_LIFETIME, text)
        };
        let hint = hint.filter(|hint| !hint.is_empty());
        let source = &self.unit.source;
        let diagnostic = diagnostic.at(source, span, "").maybe_hint(hint);
        self.diagnostics.push(match verdict {
            Verdict::Deprecated => diagnostic,
            _ if self.site.kind == OptionsKind::File => diagnostic,
            _ => diagnostic.led_by(source, self.site.name, "set on this"),
        });
    }
}
