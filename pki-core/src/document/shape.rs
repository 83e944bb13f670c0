//! Does a document have the shape its schema asks for? Every difference is
//! found, where serde would stop at the first.

use std::ops::Range;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Fault, did_you_mean};

/// The JSON schema of `T` in one piece.
pub(super) fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .with(|s| s.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// The JSON schema of `T` for editors: pretty, one final newline.
pub(crate) fn for_editors<T: JsonSchema>() -> String {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    without_null(&mut schema);
    format!("{schema:#}\n")
}

/// TOML has no null: what may be missing is of one type where it is there.
fn without_null(schema: &mut Value) {
    if let Value::Object(map) = schema {
        if let Some(kinds) = map.get_mut("type").and_then(Value::as_array_mut) {
            kinds.retain(|kind| kind != "null");
            if let [kind] = kinds.as_slice() {
                let kind = kind.clone();
                map.insert("type".into(), kind);
            }
        }
        if let Some(options) = map.get_mut("anyOf").and_then(Value::as_array_mut) {
            options.retain(|option| option["type"] != "null");
            if let [Value::Object(only)] = options.as_mut_slice() {
                let only = std::mem::take(only);
                map.remove("anyOf");
                map.extend(only);
            }
        }
        map.retain(|key, value| key != "default" || !value.is_null());
        map.values_mut().for_each(without_null);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(without_null);
    }
}

/// Every difference between a document and its schema.
pub(super) fn check(table: &Spanned<DeTable<'_>>, schema: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    // A top-level key that is missing is shown at the first line.
    self::table(table.get_ref(), 0..0, schema, "", &mut faults);
    faults
}

fn table(
    table: &DeTable<'_>,
    key: Range<usize>,
    schema: &Value,
    path: &str,
    faults: &mut Vec<Fault>,
) {
    let none = Map::new();
    let known = schema["properties"].as_object().unwrap_or(&none);
    let any = schema.get("additionalProperties").filter(|s| s.is_object());
    for (name, value) in table {
        let below = if path.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{path}.{}", name.get_ref())
        };
        let Some(schema) = known.get(name.get_ref().as_ref()).or(any) else {
            let place = if path.is_empty() {
                "at the top".to_owned()
            } else {
                format!("in `{path}`")
            };
            let message = format!("unknown key `{}` {place}", name.get_ref());
            let words = known.keys().map(String::as_str);
            faults.push(
                Fault::new(name.span(), message, "unknown")
                    .help(did_you_mean(name.get_ref(), words)),
            );
            continue;
        };
        check_value(value, &name.span(), schema, &below, faults);
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        let Some(name) = required.as_str() else {
            continue;
        };
        if !table.contains_key(name) {
            let message = if path.is_empty() {
                format!("no `{name}`")
            } else {
                format!("`{path}` has no `{name}`")
            };
            faults.push(
                Fault::new(key.clone(), message, format!("`{name}` is missing"))
                    .help(format!("add `{name} = {}`", example(&known[name]))),
            );
        }
    }
}

fn check_value(
    value: &Spanned<DeValue<'_>>,
    key: &Range<usize>,
    schema: &Value,
    path: &str,
    faults: &mut Vec<Fault>,
) {
    let schema = unwrap_option(schema);
    let expected = kind(schema);
    match (value.get_ref(), expected) {
        (DeValue::Table(t), "object") => table(t, key.clone(), schema, path, faults),
        (DeValue::Array(items), "array") => {
            for (i, item) in items.iter().enumerate() {
                check_value(
                    item,
                    &item.span(),
                    &schema["items"],
                    &format!("{path}[{i}]"),
                    faults,
                );
            }
        }
        (DeValue::String(_), "string")
        | (DeValue::Integer(_), "integer")
        | (DeValue::Boolean(_), "boolean") => {}
        (found, _) => {
            let span = if found.is_table() {
                key.clone()
            } else {
                value.span()
            };
            faults.push(
                Fault::new(
                    span,
                    format!("`{path}` must be {}", article(expected)),
                    format!("found {}", article(found.type_str())),
                )
                .help(format!("for example `{}`", example(schema))),
            );
        }
    }
}

/// The schema of `T` where this is one of `Option<T>`.
fn unwrap_option(schema: &Value) -> &Value {
    let options = schema["anyOf"].as_array();
    options
        .and_then(|list| list.iter().find(|s| s["type"] != "null"))
        .unwrap_or(schema)
}

/// The one type a schema asks for, `null` aside.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|k| *k != "null")
            .unwrap_or("string"),
        _ => "string",
    }
}

/// A value of that kind in TOML: the schema's example where it has one.
fn example(schema: &Value) -> String {
    let schema = unwrap_option(schema);
    if let Some(example) = schema["examples"].get(0) {
        return toml_text(example);
    }
    match kind(schema) {
        "object" => "{ … }".into(),
        "array" => format!("[{}]", example(&schema["items"])),
        "integer" => "1".into(),
        "boolean" => "true".into(),
        _ => "\"…\"".into(),
    }
}

/// Scalars and lists are written in JSON as in TOML; tables are not.
fn toml_text(value: &Value) -> String {
    match value.as_object() {
        None => value.to_string(),
        Some(table) => {
            let items: Vec<String> = table
                .iter()
                .map(|(k, v)| format!("{k} = {}", toml_text(v)))
                .collect();
            format!("{{ {} }}", items.join(", "))
        }
    }
}

fn article(kind: &str) -> String {
    match kind {
        "integer" => "a whole number".into(),
        "boolean" => "`true` or `false`".into(),
        "object" | "table" => "a table".into(),
        "array" => "a list".into(),
        "string" => "a text in quotes".into(),
        "float" => "a number with a fraction".into(),
        "datetime" => "a date".into(),
        other => other.to_owned(),
    }
}
