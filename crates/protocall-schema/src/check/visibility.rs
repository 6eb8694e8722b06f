//! Nested types under `features.default_symbol_visibility = STRICT`: none is exported, except enums
//! in a local message that is nothing but their namespace.
//! Specification: `FeatureSet.VisibilityFeature` in `google/protobuf/descriptor.proto`.

use super::Checker;
use crate::code;
use crate::limits::MAX_FIELD_NUMBER;
use crate::model::{EnumInfo, MessageInfo};
use crate::names::parent;
use crate::syntax::Visibility;

impl Checker<'_> {
    pub(super) fn message_export(&mut self, message: &MessageInfo) {
        let Some((Visibility::Export, span)) = message.visibility else { return };
        if message.nested && message.features.is_strict() {
            let text = "a nested message cannot be exported under strict visibility";
            self.report(message.file, code::BAD_EXPORT, text, span, "", |d, _| {
                d.hint("move the message to the top level")
            });
        }
    }

    pub(super) fn enum_export(&mut self, item: &EnumInfo) {
        let Some((Visibility::Export, span)) = item.visibility else { return };
        if !item.nested || !item.features.is_strict() {
            return;
        }
        let container = self.model.message(parent(&item.full_name));
        if container.is_some_and(is_namespace) {
            return;
        }
        let text = "a nested enum cannot be exported under strict visibility";
        self.report(item.file, code::BAD_EXPORT, text, span, "", |d, _| {
            d.hint(
                "move the enum to the top level, or into a local message with `reserved 1 to max;`",
            )
        });
    }
}

/// Whether a message can have no fields and is not exported itself.
fn is_namespace(message: &MessageInfo) -> bool {
    let exported = matches!(message.visibility, Some((Visibility::Export, _)));
    !message.nested
        && !exported
        && matches!(message.reserved.as_slice(),
            [range] if range.start == 1 && range.end == MAX_FIELD_NUMBER)
}
