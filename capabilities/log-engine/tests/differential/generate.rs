//! Tables whose cells are made of what a query asks for.

use signet_kql::{Column, Row, Type, Value};

/// Numbers that come out the same each time.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most.max(1)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// The words of a query: its literals, and the names that follow a dot.
pub(crate) struct Words {
    query: String,
    texts: Vec<String>,
    names: Vec<String>,
}

fn literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for quote in ['"', '\''] {
        for line in text.lines() {
            found.extend(line.split(quote).skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

impl Words {
    pub(crate) fn of(query: &str) -> Self {
        let mut texts: Vec<String> =
            ["", "a", "Agent one", "0", "10.0.0.1", "https://a.example/b?c=d"].into_iter().map(str::to_owned).collect();
        texts.extend(literals(query));
        let mut names: Vec<String> = ["user", "app", "id", "displayName", "userPrincipalName", "modifiedProperties"]
            .into_iter()
            .map(str::to_owned)
            .collect();
        for part in query.split('.').skip(1) {
            let end = part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len());
            names.push(part[..end].to_owned());
        }
        names.retain(|name| !name.is_empty());
        names.sort();
        names.dedup();
        Self { query: query.to_owned(), texts, names }
    }

    /// Whether the query has a word.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.query.contains(name)
    }

    /// Literals that stand close behind a name.
    fn near(&self, name: &str) -> Vec<String> {
        let ends = self.query.match_indices(name).map(|(at, _)| at + name.len());
        let close = ends.map(|end| self.query[end..].chars().take(90).collect::<String>());
        close.flat_map(|text| literals(&text)).collect()
    }

    fn text(&self, name: &str, chance: &mut Chance) -> String {
        let near = self.near(name);
        if !near.is_empty() && !chance.one_in(4) {
            return near[chance.below(near.len())].clone();
        }
        let mut text = self.texts[chance.below(self.texts.len())].clone();
        if chance.one_in(8) {
            text = format!("x {text} {}", self.texts[chance.below(self.texts.len())]);
        }
        if chance.one_in(10) { text.to_uppercase() } else { text }
    }

    fn json(&self, name: &str, chance: &mut Chance, levels: usize) -> serde_json::Value {
        match chance.below(if levels == 0 { 5 } else { 12 }) {
            0..=2 => self.text(name, chance).into(),
            3 => serde_json::Value::Null,
            4 => i64::try_from(chance.below(4)).unwrap().into(),
            5..=7 => (0..chance.below(3) + 1).map(|_| self.json(name, chance, levels - 1)).collect(),
            _ => {
                let pairs = self.names.iter().map(|name| (name.clone(), self.json(name, chance, levels - 1)));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }

    fn cell(&self, column: &Column, moment: i64, chance: &mut Chance) -> Value {
        if !self.mentions(&column.name) {
            return if column.ty == Type::String { Value::text("") } else { Value::Null };
        }
        if column.ty != Type::String && column.name != "TimeGenerated" && chance.one_in(12) {
            return Value::Null;
        }
        match column.ty {
            Type::Bool => Value::Bool(chance.one_in(2)),
            Type::Int | Type::Long => Value::Long(i64::try_from(chance.below(9)).unwrap() - 2),
            Type::Real | Type::Decimal => Value::Real(chance.below(8) as f64 / 4.0),
            Type::DateTime => Value::DateTime(moment - i64::try_from(chance.below(50)).unwrap() * 10),
            Type::TimeSpan => Value::TimeSpan(i64::try_from(chance.below(5)).unwrap() * 10_000_000),
            Type::Guid => Value::Guid(u128::try_from(chance.below(5)).unwrap()),
            Type::String if chance.one_in(6) => Value::text(self.shaped(&column.name, chance).to_string()),
            Type::String => Value::text(self.text(&column.name, chance)),
            Type::Dynamic => Value::from_json(&self.shaped(&column.name, chance).to_string()),
        }
    }

    /// JSON in the shape that a column of this name has.
    fn shaped(&self, name: &str, chance: &mut Chance) -> serde_json::Value {
        let lists = ["TargetResources", "AdditionalDetails", "ConditionalAccessPolicies", "AuthenticationDetails"];
        let object = |words: &Self, chance: &mut Chance, levels: usize| {
            let pairs = words.names.iter().map(|name| (name.clone(), words.json(name, chance, levels)));
            serde_json::Value::Object(pairs.collect())
        };
        if name == "InitiatedBy" {
            let side = if chance.one_in(2) { "user" } else { "app" };
            return serde_json::json!({ side: object(self, chance, 0) });
        }
        match lists.contains(&name) {
            true => (0..chance.below(3) + 1).map(|_| object(self, chance, 1)).collect(),
            false => object(self, chance, 1),
        }
    }

    /// Rows no two of which are of one moment.
    pub(crate) fn rows(&self, columns: &[Column], count: usize, now: i64, chance: &mut Chance) -> Vec<Row> {
        let row = |index: usize, chance: &mut Chance| {
            let minutes = i64::try_from(index * (1 + chance.below(400))).unwrap();
            let moment = now - minutes * 600_000_000 - i64::try_from(index).unwrap() * 10_000;
            columns.iter().map(|column| self.cell(column, moment, chance)).collect()
        };
        (0..count).map(|index| row(index, chance)).collect()
    }
}
