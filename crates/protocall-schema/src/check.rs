//! Pass 6: the rules of the language that no other pass needs. Reads the model only, so that the
//! order of definitions in a file does not matter.
use crate::diagnostic::Diagnostics;
use crate::load::Unit;
use crate::model::Model;

/// Checks all types of a compilation.
pub(crate) fn check(_units: &[Unit], _model: &Model, _diagnostics: &mut Diagnostics) {}
