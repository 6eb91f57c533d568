//! `propose_settings` and `check_settings`.

use crate::{
    finding::stops,
    json::Json,
    settings::{check, propose},
    shop::woo,
    xero::chart::Chart,
};

use super::{CONTRACT_VERSION, CheckRequest, CheckResponse, ProposeRequest, ProposeResponse};

pub(super) fn propose_settings(request: &ProposeRequest<&Json<'_>>) -> ProposeResponse {
    let (chart, mut findings) = Chart::read(&request.chart.raw());
    let (rates, rate_findings) = woo::read_tax_rates(&request.tax_rates);
    let (gateways, gateway_findings) = woo::read_gateways(&request.gateways);
    findings.extend(rate_findings);
    findings.extend(gateway_findings);
    let (settings, guesses) = propose::propose(&request.shop, &chart, &rates, &gateways);
    findings.extend(guesses);
    ProposeResponse { contract: CONTRACT_VERSION, settings, findings }
}

pub(super) fn check_settings(request: &CheckRequest<&Json<'_>>) -> CheckResponse {
    let (chart, mut findings) = Chart::read(&request.chart.raw());
    let (rates, rate_findings) = woo::read_tax_rates(&request.tax_rates);
    let (gateways, gateway_findings) = woo::read_gateways(&request.gateways);
    findings.extend(rate_findings);
    findings.extend(gateway_findings);
    findings.extend(check::check(&request.settings, &chart, &rates, &gateways));
    CheckResponse { contract: CONTRACT_VERSION, ok: !stops(&findings), findings }
}
