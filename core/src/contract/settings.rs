//! `propose_settings` and `check_settings`.

use super::*;
pub(super) fn propose_settings(_request: &ProposeRequest<'_>) -> ProposeResponse {
    ProposeResponse { contract: 1, settings: Settings::default(), findings: alloc::vec![] }
}
pub(super) fn check_settings(_request: &CheckRequest<'_>) -> CheckResponse {
    CheckResponse { contract: 1, ok: true, findings: alloc::vec![] }
}
use crate::settings::Settings;
