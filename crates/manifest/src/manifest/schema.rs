//! The JSON Schema of manifests, by which editors complete them.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Value, json};

use super::Manifest;

impl Manifest {
    /// The JSON Schema of manifests. It refuses what a schema can; [`Self::parse`] refuses more.
    pub fn json_schema() -> Value {
        let generator = SchemaSettings::draft2020_12()
            .with_transform(RecursiveTransform(without_null))
            .into_generator();
        let mut schema = generator.into_root_schema_for::<Self>();
        schema.insert("$id".to_owned(), json!("urn:longshore:manifest:1"));
        schema.insert("title".to_owned(), json!("A manifest of Longshore"));
        schema.to_value()
    }
}

/// TOML has no null: what is optional is left out.
fn without_null(schema: &mut Schema) {
    let null = json!("null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| *name != null);
        if let [only] = &types[..] {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&null));
        if let [only] = &choices[..]
            && let Some(only) = only.as_object().cloned()
        {
            schema.remove("anyOf");
            for (key, value) in only {
                schema.insert(key, value);
            }
        }
    }
}

/// A file comes from one place.
pub(super) fn one_source() -> Value {
    json!(["path", "url", "from"].map(|key| json!({ "required": [key] })))
}
