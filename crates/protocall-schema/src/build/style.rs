//! Notes the names whose style editions enforce, for `check`.

use super::Builder;
use crate::features::Features;
use crate::model::{NameStyle, StyledName};
use crate::syntax::Name;

impl Builder<'_, '_> {
    /// Notes a name if the features at its element enforce a style.
    pub(super) fn styled(
        &mut self,
        what: &'static str,
        style: NameStyle,
        name: &Name,
        features: Features,
    ) {
        if features.enforces_style() {
            let (text, span) = (name.text.clone(), name.span);
            self.model.add_styled(StyledName { file: self.file, what, style, text, span });
        }
    }
}
