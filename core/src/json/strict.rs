//! Strict reading of JSON that is ours: requests and settings.
//!
//! What we defined ourselves is held to its word: a field that does not exist is refused, so that
//! a typing error in the settings cannot silently change what is posted. Every object is a table
//! of fields that one reader walks, rather than code derived for each: the module would be half
//! as large again.

use alloc::{borrow::Cow, collections::BTreeMap, format, string::String, vec::Vec};

use super::{Fields, Json, bounded};
use crate::{finding::Subject, money::Amount};

/// Why a request cannot be read, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misread {
    /// Path of the field, such as `settings.tax.sets[0].rates`; empty for the request itself.
    pub path: String,
    /// A sentence for whoever wrote the request.
    pub message: String,
}

impl Misread {
    fn new(message: String) -> Self {
        Self { path: String::new(), message }
    }

    /// The same, seen from the object or list around it.
    fn within(mut self, outer: &str) -> Self {
        if !self.path.is_empty() && !self.path.starts_with('[') {
            self.path.insert(0, '.');
        }
        self.path.insert_str(0, outer);
        self
    }
}

impl core::fmt::Display for Misread {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "`{}` {}", self.path, self.message)
        }
    }
}

/// A place that a value is read into.
pub(crate) trait Slot<'a> {
    /// Replaces the value by the one that the text says.
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread>;
}

/// One field of an object: its name, whether it may be missing, and where its value goes.
pub(crate) struct Field<'f, 'a> {
    name: &'static str,
    needed: bool,
    seen: bool,
    slot: &'f mut dyn Slot<'a>,
}

/// A field that keeps its value when it is missing.
pub(crate) fn optional<'f, 'a>(name: &'static str, slot: &'f mut dyn Slot<'a>) -> Field<'f, 'a> {
    Field { name, needed: false, seen: false, slot }
}

/// A field that must be there.
pub(crate) fn needed<'f, 'a>(name: &'static str, slot: &'f mut dyn Slot<'a>) -> Field<'f, 'a> {
    Field { name, needed: true, seen: false, slot }
}

/// Reads an object with these fields and no others.
pub(crate) fn object<'a>(json: &'a Json<'a>, fields: &mut [Field<'_, 'a>]) -> Result<(), Misread> {
    closed(fields_of(json)?, fields)
}

/// Reads an object whose other fields are not ours to judge.
pub(crate) fn open_object<'a>(
    json: &'a Json<'a>,
    fields: &mut [Field<'_, 'a>],
) -> Result<(), Misread> {
    read_known(fields_of(json)?, fields).map(|_| ())
}

/// Takes these fields and no others from an object.
pub(crate) fn closed<'a>(given: Fields<'a>, fields: &mut [Field<'_, 'a>]) -> Result<(), Misread> {
    let Some(name) = read_known(given, fields)? else { return Ok(()) };
    let shown: String = name.chars().take(40).collect();
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    Err(Misread::new(format!("has no field `{shown}`; there are {}", names.join(", "))))
}

/// Reads the known fields and gives the first name that is not among them.
fn read_known<'a>(
    given: Fields<'a>,
    fields: &mut [Field<'_, 'a>],
) -> Result<Option<&'a str>, Misread> {
    let mut unknown = None;
    for (name, value) in given.iter() {
        let Some(field) = fields.iter_mut().find(|field| field.name == name) else {
            unknown = unknown.or(Some(name));
            continue;
        };
        if field.seen {
            return Err(Misread::new("stands twice".into()).within(field.name));
        }
        field.seen = true;
        field.slot.read(value).map_err(|misread| misread.within(field.name))?;
    }
    match fields.iter().find(|field| field.needed && !field.seen) {
        Some(field) => Err(Misread::new("is missing".into()).within(field.name)),
        None => Ok(unknown),
    }
}

/// The fields of an object.
pub(crate) fn fields_of<'a>(json: &'a Json<'a>) -> Result<Fields<'a>, Misread> {
    Fields::of(json).ok_or_else(|| Misread::new("should be an object".into()))
}

/// Declares an enum that crosses the door as one of some words; the first is the default.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $first:ident $first_doc:literal $(, $other:ident $other_doc:literal)* $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize,
            serde::Deserialize,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            #[doc = $first_doc]
            #[default]
            $first,
            $(#[doc = $other_doc] $other),*
        }

        impl $crate::json::strict::Blank for $name {}

        impl<'a> $crate::json::strict::Slot<'a> for $name {
            fn read(
                &mut self,
                json: &'a $crate::json::Json<'a>,
            ) -> Result<(), $crate::json::strict::Misread> {
                const ALL: &[$name] = &[$name::$first $(, $name::$other)*];
                const WORDS: &[&str] = &[stringify!($first) $(, stringify!($other))*];
                let index = $crate::json::strict::word(json, WORDS)?;
                *self = ALL.get(index).copied().unwrap_or_default();
                Ok(())
            }
        }
    };
}
pub(crate) use choice;

/// Reads one of some words, given as names of variants (`InvoicePaid` is `invoice_paid`); gives
/// its position.
pub(crate) fn word(json: &Json<'_>, variants: &[&str]) -> Result<usize, Misread> {
    let word = text(json).ok();
    let found = variants.iter().position(|variant| word.as_deref() == Some(&*snake(variant)));
    found.ok_or_else(|| {
        let words: Vec<String> = variants.iter().map(|variant| snake(variant)).collect();
        Misread::new(format!("should be one of {}", words.join(", ")))
    })
}

fn snake(variant: &str) -> String {
    let mut word = String::with_capacity(variant.len() + 2);
    for letter in variant.chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

/// Declares an object of ours that crosses the door both ways; every field may be missing, and is
/// left out where it is empty.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(skip_serializing_if = "crate::json::strict::Blank::is_blank")]
                pub $field: $type,
            )+
        }

        impl $crate::json::strict::Blank for $name {}

        impl<'a> $crate::json::strict::Slot<'a> for $name {
            fn read(
                &mut self,
                json: &'a $crate::json::Json<'a>,
            ) -> Result<(), $crate::json::strict::Misread> {
                $crate::json::strict::object(
                    json,
                    &mut [$($crate::json::strict::optional(stringify!($field), &mut self.$field)),+],
                )
            }
        }
    };
}
pub(crate) use record;

/// A value that is left out where it says nothing.
pub(crate) trait Blank {
    /// Whether it says nothing.
    fn is_blank(&self) -> bool {
        false
    }
}

impl Blank for Amount {}

impl Blank for String {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Blank for Vec<T> {
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl Blank for bool {
    fn is_blank(&self) -> bool {
        !self
    }
}

impl Blank for i64 {
    fn is_blank(&self) -> bool {
        *self == 0
    }
}

impl Blank for u32 {
    fn is_blank(&self) -> bool {
        *self == 0
    }
}

impl Blank for u64 {
    fn is_blank(&self) -> bool {
        *self == 0
    }
}

impl Blank for Subject {
    fn is_blank(&self) -> bool {
        self.kind.is_empty()
    }
}

fn text(json: &Json<'_>) -> Result<String, Misread> {
    let text = if matches!(json, Json::Text(_)) { json.scalar() } else { None };
    text.map(Cow::into_owned).ok_or_else(|| Misread::new("should be a text".into()))
}

fn number<T: core::str::FromStr>(json: &Json<'_>) -> Result<T, Misread> {
    let wrong = || Misread::new("should be a whole number not below zero".into());
    if let Json::Word(word) = json { word.parse().map_err(|_| wrong()) } else { Err(wrong()) }
}

fn elements<'a>(json: &'a Json<'a>) -> Result<&'a [Json<'a>], Misread> {
    if let Json::List(list) = json {
        Ok(list)
    } else {
        Err(Misread::new("should be a list".into()))
    }
}

impl<'a> Slot<'a> for String {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        *self = text(json)?;
        Ok(())
    }
}

impl<'a> Slot<'a> for u32 {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        *self = number(json)?;
        Ok(())
    }
}

impl<'a> Slot<'a> for u64 {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        *self = number(json)?;
        Ok(())
    }
}

impl<'a> Slot<'a> for i64 {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        let wrong = || Misread::new("should be a whole number".into());
        *self = match json {
            Json::Word(word) => word.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        };
        Ok(())
    }
}

impl<'a> Slot<'a> for Amount {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        let read = bounded(&text(json)?);
        self.0 = read.ok_or_else(|| Misread::new("should be an amount in a text".into()))?;
        Ok(())
    }
}

impl<'a> Slot<'a> for Subject {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(json, &mut [needed("kind", &mut self.kind), needed("id", &mut self.id)])
    }
}

impl<'a> Slot<'a> for (String, String) {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        match elements(json)? {
            [first, second] => {
                *self = (text(first)?, text(second)?);
                Ok(())
            }
            _ => Err(Misread::new("should be a list of two texts".into())),
        }
    }
}

impl<'a> Slot<'a> for bool {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        *self = match json {
            Json::Word("true") => true,
            Json::Word("false") => false,
            _ => return Err(Misread::new("should be true or false".into())),
        };
        Ok(())
    }
}

/// A yes or no as WooCommerce's options have it, besides true and false.
pub(crate) struct YesOrNo<'f>(pub(crate) &'f mut bool);

impl<'a> Slot<'a> for YesOrNo<'_> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        *self.0 = match json {
            Json::Word("true") | Json::Text("\"yes\"") => true,
            Json::Word("false") | Json::Text("\"no\"" | "\"\"") => false,
            _ => return Err(Misread::new("should be `yes` or `no`".into())),
        };
        Ok(())
    }
}

/// A document of somebody else's, taken as it is. Null is the same as missing.
impl<'a> Slot<'a> for Option<&'a Json<'a>> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        *self = (!json.is_null()).then_some(json);
        Ok(())
    }
}

/// A document of somebody else's that has to be there.
impl<'a> Slot<'a> for &'a Json<'a> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        *self = json;
        Ok(())
    }
}

impl Default for &Json<'_> {
    fn default() -> Self {
        &Json::Word("null")
    }
}

impl<'a, T: Slot<'a> + Default> Slot<'a> for Vec<T> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        self.clear();
        for (index, json) in elements(json)?.iter().enumerate() {
            let mut element = T::default();
            element.read(json).map_err(|misread| misread.within(&format!("[{index}]")))?;
            self.push(element);
        }
        Ok(())
    }
}

impl<'a, T: Slot<'a> + Default> Slot<'a> for BTreeMap<String, T> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        self.clear();
        for (name, json) in fields_of(json)?.iter() {
            let mut value = T::default();
            value.read(json).map_err(|misread| misread.within(name))?;
            self.insert(name.into(), value);
        }
        Ok(())
    }
}

/// Lets serde read what [`Slot`] reads, for files of settings.
macro_rules! deserialize_by_slot {
    ($name:ty) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error as _;
                let raw =
                    alloc::boxed::Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
                let json = $crate::json::Json::parse(raw.get()).map_err(D::Error::custom)?;
                let mut value = Self::default();
                $crate::json::strict::Slot::read(&mut value, &json).map_err(D::Error::custom)?;
                Ok(value)
            }
        }
    };
}
pub(crate) use deserialize_by_slot;
