use serde_json::{Value, json};

use super::*;

/// The one place that calls the generator: the declarations after the header.
#[track_caller]
fn check(schema: &Value, expected: &str) {
    let typings = write_typings(&[("T", schema.to_string())]).unwrap();
    let body = typings.split_once("\n\n").unwrap().1;
    assert_eq!(body.trim_end(), expected.trim());
}

#[track_caller]
fn check_error(schema: &Value, expected: &str) {
    let error = write_typings(&[("T", schema.to_string())]).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn an_object_is_an_interface_with_documented_members() {
    check(
        &json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "T",
            "description": "An order.\n\nAs the shop has it.",
            "type": "object",
            "properties": {
                "id": { "type": "integer", "format": "uint64", "minimum": 0 },
                "note": { "type": ["string", "null"], "description": "Free text, no */ inside." },
                "total-tax": { "type": "string" }
            },
            "required": ["id"]
        }),
        r#"
/**
 * An order.
 *
 * As the shop has it.
 */
export interface T {
  id: number;
  /** Free text, no *\/ inside. */
  note?: string | null;
  "total-tax"?: string;
}"#,
    );
}

#[test]
fn an_enum_is_a_union_of_literals() {
    check(
        &json!({ "type": "string", "enum": ["paid", "due"] }),
        r#"export type T = "paid" | "due";"#,
    );
    check(
        &json!({ "oneOf": [
            { "description": "Money came.", "type": "string", "const": "paid" },
            { "type": "string", "enum": ["due", "late"] }
        ]}),
        "export type T =\n  /** Money came. */\n  | \"paid\"\n  | \"due\" | \"late\";",
    );
}

#[test]
fn a_tagged_union_keeps_its_tag() {
    check(
        &json!({ "oneOf": [
            { "type": "object", "properties": { "kind": { "const": "none", "type": "string" } },
              "required": ["kind"] },
            { "type": "object", "properties": { "kind": { "const": "rate", "type": "string" } },
              "$ref": "#/$defs/Rate", "required": ["kind"] }
        ], "$defs": { "Rate": { "type": "object", "properties": { "percent": { "type": "string" } },
            "required": ["percent"] } } }),
        r#"
export type T =
  | {
    kind: "none";
  }
  | Rate & {
    kind: "rate";
  };

export interface Rate {
  percent: string;
}"#,
    );
}

#[test]
fn an_object_joined_to_a_union_is_an_intersection() {
    check(
        &json!({ "type": "object", "properties": { "id": { "type": "integer" } },
            "required": ["id"],
            "oneOf": [{ "const": 1 }, { "const": 2 }] }),
        "export type T = {\n  id: number;\n} & (1 | 2);",
    );
}

#[test]
fn arrays_tuples_and_maps() {
    check(
        &json!({ "type": "array", "items": { "type": ["integer", "null"] } }),
        "export type T = (number | null)[];",
    );
    check(
        &json!({ "type": "array", "prefixItems": [{ "type": "string" }, { "type": "integer" }],
            "minItems": 2, "maxItems": 2 }),
        "export type T = [string, number];",
    );
    check(
        &json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        "export type T = { [key: string]: string };",
    );
    check(
        &json!({ "type": "object", "patternProperties": { "^\\d+$": { "type": "boolean" } },
            "additionalProperties": false }),
        "export type T = { [key: string]: boolean };",
    );
    check(&json!({ "type": "object" }), "export type T = Record<string, unknown>;");
    check(&json!(true), "export type T = unknown;");
}

#[test]
fn a_nullable_reference_is_a_union() {
    check(
        &json!({ "anyOf": [{ "$ref": "#/$defs/A" }, { "type": "null" }],
            "$defs": { "A": { "type": "string" } } }),
        "export type T = A | null;\n\nexport type A = string;",
    );
}

#[test]
fn a_bar_inside_a_literal_is_no_union() {
    check(
        &json!({ "type": "array", "items": { "const": "a | b" } }),
        "export type T = \"a | b\"[];",
    );
}

#[test]
fn a_type_may_refer_to_itself() {
    check(
        &json!({ "type": "object", "properties": { "next": { "$ref": "#" } } }),
        "export interface T {\n  next?: T;\n}",
    );
}

fn pair(request: &Value, response: &Value) -> String {
    write_typings(&[("Response", response.to_string()), ("Request", request.to_string())]).unwrap()
}

#[test]
fn an_equal_definition_is_written_once() {
    let schema = json!({ "$ref": "#/$defs/A", "$defs": { "A": { "type": "string" } } });
    let typings = pair(&schema, &schema);
    assert_eq!(typings.matches("export type A = string;").count(), 1, "{typings}");
    assert!(typings.contains("export type Request = A;"), "{typings}");
    assert!(typings.contains("export type Response = A;"), "{typings}");
}

#[test]
fn a_definition_that_differs_deep_inside_gets_a_name_of_its_own() {
    let schema = |leaf: &str| {
        json!({ "$ref": "#/$defs/A", "$defs": {
            "A": { "type": "array", "items": { "$ref": "#/$defs/Leaf" } },
            "Leaf": { "type": leaf } } })
    };
    let typings = pair(&schema("string"), &schema("null"));
    for line in [
        "export type Request = A;",
        "export type A = Leaf[];",
        "export type Leaf = string;",
        "export type Response = AOutput;",
        "export type AOutput = LeafOutput[];",
        "export type LeafOutput = null;",
    ] {
        assert!(typings.contains(line), "{line} in {typings}");
    }
}

#[test]
fn a_root_inside_another_root_is_written_once() {
    let typings = pair(
        &json!({ "type": "array", "items": { "$ref": "#/$defs/Response" },
            "$defs": { "Response": { "type": "string" } } }),
        &json!({ "title": "Response", "type": "string" }),
    );
    assert_eq!(typings.matches("export type Response").count(), 1, "{typings}");
    assert!(typings.contains("export type Request = Response[];"), "{typings}");
}

#[test]
fn what_is_not_understood_is_an_error() {
    check_error(&json!({ "not": {} }), "keyword `not` is not understood");
    check_error(&json!({ "type": "float" }), "type `float` is not understood");
    check_error(&json!({ "$ref": "#/$defs/Gone" }), "`Gone` is not defined");
    check_error(&json!(7), "an object or a truth value");
    let error = write_typings(&[("T", String::from("{"))]).unwrap_err().to_string();
    assert!(error.starts_with("the schema of `T`"), "{error}");
}
