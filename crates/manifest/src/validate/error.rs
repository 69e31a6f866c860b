//! Findings of validation in the API server's words.
//!
//! Models `apimachinery/pkg/util/validation/field/errors.go`.

use serde_json::Value;

use crate::yaml::{gofmt, quote};

/// Kinds of findings, as the API server names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorType {
    /// `Required value`
    Required,
    /// `Invalid value`
    Invalid,
    /// `Unsupported value`
    NotSupported,
    /// `Forbidden`
    Forbidden,
    /// `Duplicate value`
    Duplicate,
    /// `Not found`
    NotFound,
    /// `Too long`
    TooLong,
    /// `Too many`
    TooMany,
    /// `Invalid value` without the value being shown.
    TypeInvalid,
}

impl ErrorType {
    /// The words at the head of the message.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Required => "Required value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::Duplicate => "Duplicate value",
            Self::NotFound => "Not found",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
        }
    }

    /// The machine word in `status.details.causes[].reason`.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::Duplicate => "FieldValueDuplicate",
            Self::NotFound => "FieldValueNotFound",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
            Self::TypeInvalid => "FieldValueTypeInvalid",
        }
    }
}

/// One finding of validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field, `spec.containers[0].image`.
    pub field: String,
    /// What kind of finding it is.
    pub kind: ErrorType,
    /// The whole text: field, kind, value, detail.
    pub message: String,
}

impl FieldError {
    fn build(field: &str, kind: ErrorType, value: Option<&str>, detail: &str) -> Self {
        let mut message = format!("{field}: {}", kind.words());
        for part in [value.unwrap_or_default(), detail] {
            if !part.is_empty() {
                message.push_str(": ");
                message.push_str(part);
            }
        }
        Self { field: field.to_owned(), kind, message }
    }

    /// A field is missing.
    pub(crate) fn required(field: &str, detail: &str) -> Self {
        Self::build(field, ErrorType::Required, None, detail)
    }

    /// A field may not be there.
    pub(crate) fn forbidden(field: &str, detail: &str) -> Self {
        Self::build(field, ErrorType::Forbidden, None, detail)
    }

    /// A value is wrong.
    pub(crate) fn invalid(field: &str, value: &Value, detail: &str) -> Self {
        Self::build(field, ErrorType::Invalid, Some(&shown(value)), detail)
    }

    /// A text is wrong.
    pub(crate) fn invalid_text(field: &str, value: &str, detail: &str) -> Self {
        Self::build(field, ErrorType::Invalid, Some(&quote(value)), detail)
    }

    /// A value is wrong and is shown in a form of its own.
    pub(crate) fn invalid_shown(field: &str, value: &str, detail: &str) -> Self {
        Self::build(field, ErrorType::Invalid, Some(value), detail)
    }

    /// A value is wrong and is not shown.
    pub(crate) fn invalid_hidden(field: &str, detail: &str) -> Self {
        Self::build(field, ErrorType::Invalid, None, detail)
    }

    /// A value is not among those that are known.
    pub(crate) fn not_supported(field: &str, value: &str, supported: &[&str]) -> Self {
        Self::not_supported_shown(field, &quote(value), supported)
    }

    /// The same for a value in a form of its own.
    pub(crate) fn not_supported_shown(field: &str, value: &str, supported: &[&str]) -> Self {
        let list: Vec<String> = supported.iter().map(|s| quote(s)).collect();
        let detail = match list.is_empty() {
            true => String::new(),
            false => format!("supported values: {}", list.join(", ")),
        };
        Self::build(field, ErrorType::NotSupported, Some(value), &detail)
    }

    /// A value occurs twice; `value` is shown as it stands.
    pub(crate) fn duplicate_shown(field: &str, value: &str) -> Self {
        Self::build(field, ErrorType::Duplicate, Some(value), "")
    }

    /// A text occurs twice.
    pub(crate) fn duplicate(field: &str, value: &str) -> Self {
        Self::duplicate_shown(field, &quote(value))
    }

    /// Something that is referred to does not exist.
    pub(crate) fn not_found(field: &str, value: &str, detail: &str) -> Self {
        Self::build(field, ErrorType::NotFound, Some(&quote(value)), detail)
    }

    /// A list has too many items.
    pub(crate) fn too_many(field: &str, have: usize, most: usize) -> Self {
        let unit = if most == 1 { "item" } else { "items" };
        let detail = format!("must have at most {most} {unit}");
        Self::build(field, ErrorType::TooMany, Some(&have.to_string()), &detail)
    }

    /// A value is too long.
    pub(crate) fn too_long(field: &str, most: usize) -> Self {
        let detail = format!("may not be more than {most} bytes");
        Self::build(field, ErrorType::TooLong, None, &detail)
    }
}

/// A value as messages show it: texts in quotes, lists and objects as JSON.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(s) => quote(s),
        Value::Number(n) => gofmt::number_text(n),
        other => other.to_string(),
    }
}
