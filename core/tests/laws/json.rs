//! A JSON tree that keeps numbers as they are written and fields in their order, read and
//! written without the core's own reader.

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The number's text.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// Text that is written as it is; never read.
    Raw(String),
}

/// A text.
pub(crate) fn text(value: impl Into<String>) -> Json {
    Json::Text(value.into())
}

/// A number, as its text.
pub(crate) fn number(value: impl ToString) -> Json {
    Json::Number(value.to_string())
}

/// An object.
pub(crate) fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

impl Json {
    /// Reads one value and nothing after it. A field that stands twice is an error.
    pub(crate) fn parse(source: &str) -> Result<Self, String> {
        let mut reader = Reader { source, at: 0 };
        let value = reader.value()?;
        reader.blank();
        if reader.at == source.len() { Ok(value) } else { Err(reader.wrong("text after the end")) }
    }

    /// A field of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => {
                fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The elements of a list; none for anything else.
    pub(crate) fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    /// The elements of a field that is a list.
    pub(crate) fn list_at(&self, name: &str) -> &[Self] {
        self.get(name).map_or(&[], Self::list)
    }

    /// A text, or a number as it is written.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a field; empty when there is none.
    pub(crate) fn str_at(&self, name: &str) -> &str {
        self.get(name).and_then(Self::as_str).unwrap_or_default()
    }

    /// Writes the value on one line.
    pub(crate) fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(text) | Self::Raw(text) => out.push_str(text),
            Self::Text(text) => out.push_str(&quote(text)),
            Self::List(list) => {
                out.push('[');
                for (index, value) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write_to(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&quote(name));
                    out.push(':');
                    value.write_to(out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if u32::from(letter) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self, what: &str) -> String {
        format!("{what} at byte {}", self.at)
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn value(&mut self) -> Result<Json, String> {
        self.blank();
        match self.rest().bytes().next() {
            Some(b'"') => self.string().map(Json::Text),
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("null") => Ok(Json::Null),
            _ if self.take("true") => Ok(Json::Bool(true)),
            _ if self.take("false") => Ok(Json::Bool(false)),
            _ => Err(self.wrong("no value")),
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let rest = self.rest();
        let end = rest
            .find(|letter: char| !matches!(letter, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'))
            .unwrap_or(rest.len());
        let (text, _) = rest.split_at(end);
        let digits = text.strip_prefix('-').unwrap_or(text);
        let leads = digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_numeric());
        if leads || !digits.starts_with(|letter: char| letter.is_ascii_digit()) {
            return Err(self.wrong("no number"));
        }
        self.at += end;
        Ok(Json::Number(text.into()))
    }

    fn string(&mut self) -> Result<String, String> {
        let start = self.at;
        let rest = self.rest().as_bytes();
        let mut end = 1;
        while let Some(byte) = rest.get(end) {
            match byte {
                b'\\' => end += 2,
                b'"' => {
                    self.at += end + 1;
                    let quoted = self.source.get(start..self.at).unwrap_or_default();
                    return serde_json::from_str(quoted).map_err(|error| error.to_string());
                }
                _ => end += 1,
            }
        }
        Err(self.wrong("a text without an end"))
    }

    fn list(&mut self) -> Result<Json, String> {
        self.at += 1;
        let mut list = Vec::new();
        self.blank();
        if self.take("]") {
            return Ok(Json::List(list));
        }
        loop {
            list.push(self.value()?);
            self.blank();
            if self.take("]") {
                return Ok(Json::List(list));
            }
            if !self.take(",") {
                return Err(self.wrong("no comma"));
            }
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        self.at += 1;
        let mut fields: Vec<(String, Json)> = Vec::new();
        self.blank();
        if self.take("}") {
            return Ok(Json::Object(fields));
        }
        loop {
            self.blank();
            if !self.rest().starts_with('"') {
                return Err(self.wrong("no field"));
            }
            let name = self.string()?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(self.wrong("a field that stands twice"));
            }
            self.blank();
            if !self.take(":") {
                return Err(self.wrong("no colon"));
            }
            let value = self.value()?;
            fields.push((name, value));
            self.blank();
            if self.take("}") {
                return Ok(Json::Object(fields));
            }
            if !self.take(",") {
                return Err(self.wrong("no comma"));
            }
        }
    }
}
