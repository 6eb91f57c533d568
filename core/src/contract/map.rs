//! `map`: orders → documents.

use super::{MapRequest, MapResponse};

pub(super) fn map(_request: &MapRequest<'_>) -> MapResponse {
    MapResponse {
        contract: 1,
        core: super::CORE_VERSION.into(),
        sales: alloc::vec![],
        findings: alloc::vec![],
    }
}
