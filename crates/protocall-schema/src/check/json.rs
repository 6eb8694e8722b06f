//! JSON names: no two fields of a message have the same one.
//! Specification: protobuf.dev/programming-guides/json.

use std::collections::HashMap;

use super::Checker;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::model::{FieldInfo, MessageInfo};
use crate::names;

impl Checker<'_> {
    /// Names derived from the field names are compared first, for the sake of readers that do not
    /// know `json_name`; then the names as they are, where one of the two was chosen by hand.
    pub(super) fn json_names(&mut self, message: &MessageInfo) {
        if message.json_conflicts_allowed {
            return;
        }
        let derived = |field: &FieldInfo| names::json_name(&field.name);
        let chosen = |field: &FieldInfo| field.json_name.clone();
        self.compare(message, derived, |_, _| true);
        self.compare(message, chosen, |first, second| {
            first.json_name_span.is_some() || second.json_name_span.is_some()
        });
    }

    fn compare(
        &mut self,
        message: &MessageInfo,
        name_of: impl Fn(&FieldInfo) -> String,
        counts: impl Fn(&FieldInfo, &FieldInfo) -> bool,
    ) {
        let mut seen: HashMap<String, &FieldInfo> = HashMap::new();
        for field in &message.fields {
            let name = name_of(field);
            let Some(first) = seen.get(&name) else {
                seen.insert(name, field);
                continue;
            };
            // Equal names have been reported as such.
            if first.name != field.name && counts(first, field) {
                self.clash(message, first, field, &name);
            }
        }
    }

    fn clash(&mut self, message: &MessageInfo, first: &FieldInfo, second: &FieldInfo, name: &str) {
        let by_hand = |field: &FieldInfo| field.json_name == name && field.json_name_span.is_some();
        let chosen = by_hand(first) && by_hand(second);
        let text = format!(
            "fields `{}` and `{}` have the same JSON name \"{name}\"",
            first.name, second.name
        );
        let Some(source) = self.source(message.file) else { return };
        // In proto2 names that were not chosen by hand may clash, since its JSON form came later.
        let diagnostic = if !message.features.is_json_best_effort() || chosen {
            Diagnostic::error(code::JSON_NAME_CLASH, text)
        } else {
            Diagnostic::warning(code::JSON_NAME_CLASH, text)
        };
        let place = |field: &FieldInfo| field.json_name_span.unwrap_or(field.name_span);
        let diagnostic =
            diagnostic.at(source, place(second), "").also(source, place(first), "the other one");
        self.diagnostics.push(diagnostic.led_by(source, second.name_span, "of this field"));
    }
}
