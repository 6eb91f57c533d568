//! What the core says about itself.

use alloc::string::ToString;

use serde_json::value::RawValue;

use crate::{finding::Code, money::AMOUNT_MAX, settings::Settings, shop::woo::LINES_MAX};

use super::{
    CONTRACT_VERSION, CORE_VERSION, DescribeResponse, FindingInfo, Limits, OPERATIONS,
    REQUEST_BYTES_MAX, RawSchemas,
};

/// The schemas, one object by name; written by the test `schemas_are_current`.
const SCHEMAS: &str = include_str!("schemas.json");

pub(super) fn describe() -> DescribeResponse {
    let schemas = RawValue::from_string(SCHEMAS.into()).unwrap_or_default();
    DescribeResponse {
        contract: CONTRACT_VERSION,
        core: CORE_VERSION.into(),
        operations: OPERATIONS.iter().map(ToString::to_string).collect(),
        limits: Limits {
            request_bytes_max: u32::try_from(REQUEST_BYTES_MAX).unwrap_or(u32::MAX),
            order_lines_max: u32::try_from(LINES_MAX).unwrap_or(u32::MAX),
            amount_max: AMOUNT_MAX.to_string(),
        },
        findings: Code::ALL
            .iter()
            .map(|code| FindingInfo {
                code: code.as_str().into(),
                severity: code.severity(),
                meaning: code.meaning().into(),
                cure: code.cure().into(),
            })
            .collect(),
        default_settings: Settings::default(),
        schemas: RawSchemas(schemas),
    }
}

/// The same value with its keys in order, whether or not another crate of the same build has
/// switched on `serde_json`'s `preserve_order`.
#[cfg(feature = "schema")]
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use alloc::collections::BTreeMap;
    use serde_json::Value;

    match value {
        Value::Object(map) => {
            let fields: BTreeMap<_, _> = map.into_iter().collect();
            Value::Object(fields.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// The JSON Schemas of requests and replies, by name, as the types say them now.
#[cfg(feature = "schema")]
#[must_use]
pub fn schemas() -> alloc::vec::Vec<(&'static str, alloc::string::String)> {
    use super::types::AnyObject;
    use schemars::{JsonSchema, generate::SchemaSettings};

    fn text<T: JsonSchema>(output: bool) -> alloc::string::String {
        let settings = SchemaSettings::draft2020_12();
        let settings = if output { settings.for_serialize() } else { settings };
        let schema = settings.into_generator().into_root_schema_for::<T>();
        serde_json::to_string(&sorted(schema.to_value())).unwrap_or_default()
    }
    alloc::vec![
        ("CheckRequest", text::<super::CheckRequest<AnyObject>>(false)),
        ("CheckResponse", text::<super::CheckResponse>(true)),
        ("CompletenessRequest", text::<super::CompletenessRequest>(false)),
        ("CompletenessResponse", text::<super::CompletenessResponse>(true)),
        ("DescribeResponse", text::<super::DescribeResponse>(true)),
        ("MapRequest", text::<super::MapRequest<AnyObject>>(false)),
        ("MapResponse", text::<super::MapResponse>(true)),
        ("MatchRequest", text::<super::MatchRequest<AnyObject>>(false)),
        ("MatchResponse", text::<super::MatchResponse>(true)),
        ("PlanRequest", text::<super::PlanRequest<AnyObject>>(false)),
        ("PlanResponse", text::<super::PlanResponse>(true)),
        ("ProposeRequest", text::<super::ProposeRequest<AnyObject>>(false)),
        ("ProposeResponse", text::<super::ProposeResponse>(true)),
        ("ReadPayoutsRequest", text::<super::ReadPayoutsRequest<AnyObject>>(false)),
        ("ReadPayoutsResponse", text::<super::ReadPayoutsResponse>(true)),
        ("ReadRequest", text::<super::ReadRequest<AnyObject>>(false)),
        ("ReadResponse", text::<super::ReadResponse>(true)),
        ("SummariseRequest", text::<super::SummariseRequest<AnyObject>>(false)),
        ("SummariseResponse", text::<super::SummariseResponse>(true)),
        ("TakingsRequest", text::<super::TakingsRequest<AnyObject>>(false)),
        ("TakingsResponse", text::<super::TakingsResponse>(true)),
    ]
}
