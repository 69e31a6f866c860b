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

/// Adding findings; kept out of line, because there are hundreds of places that do.
pub(crate) trait Report {
    /// Adds a finding.
    fn add(&mut self, field: &str, kind: ErrorType, value: &str, detail: &str);

    /// A field is missing.
    #[inline(never)]
    fn required(&mut self, field: &str, detail: &str) {
        self.add(field, ErrorType::Required, "", detail);
    }

    /// A field may not be there.
    #[inline(never)]
    fn forbidden(&mut self, field: &str, detail: &str) {
        self.add(field, ErrorType::Forbidden, "", detail);
    }

    /// A value is wrong.
    #[inline(never)]
    fn invalid(&mut self, field: &str, value: &Value, detail: &str) {
        self.add(field, ErrorType::Invalid, &shown(value), detail);
    }

    /// A number is wrong.
    #[inline(never)]
    fn invalid_number(&mut self, field: &str, value: i64, detail: &str) {
        self.add(field, ErrorType::Invalid, &value.to_string(), detail);
    }

    /// A text is wrong.
    #[inline(never)]
    fn invalid_text(&mut self, field: &str, value: &str, detail: &str) {
        self.add(field, ErrorType::Invalid, &quote(value), detail);
    }

    /// A value is wrong and is shown in a form of its own.
    #[inline(never)]
    fn invalid_shown(&mut self, field: &str, value: &str, detail: &str) {
        self.add(field, ErrorType::Invalid, value, detail);
    }

    /// A value is wrong and is not shown.
    #[inline(never)]
    fn invalid_hidden(&mut self, field: &str, detail: &str) {
        self.add(field, ErrorType::Invalid, "", detail);
    }

    /// A value is not among those that are known.
    #[inline(never)]
    fn not_supported(&mut self, field: &str, value: &str, supported: &[&str]) {
        self.not_supported_shown(field, &quote(value), supported);
    }

    /// The same for a value in a form of its own.
    #[inline(never)]
    fn not_supported_shown(&mut self, field: &str, value: &str, supported: &[&str]) {
        let mut detail = String::new();
        for (i, known) in supported.iter().enumerate() {
            detail.push_str(if i == 0 { "supported values: " } else { ", " });
            detail.push_str(&quote(known));
        }
        self.add(field, ErrorType::NotSupported, value, &detail);
    }

    /// A value occurs twice; `value` is shown as it stands.
    #[inline(never)]
    fn duplicate_shown(&mut self, field: &str, value: &str) {
        self.add(field, ErrorType::Duplicate, value, "");
    }

    /// A text occurs twice.
    #[inline(never)]
    fn duplicate(&mut self, field: &str, value: &str) {
        self.duplicate_shown(field, &quote(value));
    }

    /// Something that is referred to does not exist.
    #[inline(never)]
    fn not_found(&mut self, field: &str, value: &str, detail: &str) {
        self.add(field, ErrorType::NotFound, &quote(value), detail);
    }

    /// A list has too many items.
    #[inline(never)]
    fn too_many(&mut self, field: &str, have: usize, most: usize) {
        let unit = if most == 1 { "item" } else { "items" };
        let detail = format!("must have at most {most} {unit}");
        self.add(field, ErrorType::TooMany, &have.to_string(), &detail);
    }

    /// A value is too long.
    #[inline(never)]
    fn too_long(&mut self, field: &str, most: usize) {
        let detail = format!("may not be more than {most} bytes");
        self.add(field, ErrorType::TooLong, "", &detail);
    }
}

impl Report for Vec<FieldError> {
    #[inline(never)]
    fn add(&mut self, field: &str, kind: ErrorType, value: &str, detail: &str) {
        let mut message = String::with_capacity(field.len() + value.len() + detail.len() + 24);
        message.push_str(field);
        message.push_str(": ");
        message.push_str(kind.words());
        for part in [value, detail] {
            if !part.is_empty() {
                message.push_str(": ");
                message.push_str(part);
            }
        }
        self.push(FieldError { field: field.to_owned(), kind, message });
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
