//! A scalar of the language as a function over columns: evaluated once for each different row of a batch.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array},
    compute::take,
    datatypes::{DataType, TimestampMicrosecondType},
};
use datafusion::{
    error::{DataFusionError, Result},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};
use signet_kql::{Evaluator, Row, Value, plan::Scalar};

use super::{
    alike,
    repr::{Repr, UNIX},
};

/// What makes a value of a row.
pub(super) enum Body {
    /// A scalar whose columns are the arguments.
    Scalar(Scalar),
    /// A function of the engine itself.
    Native(fn(Row) -> Value),
    /// Whether the text of the argument is one of these.
    Among(Among),
    /// Whether the text of the argument is this one in small letters, whatever its case; or whether it is not.
    Folded(String, bool),
    /// A cell of a row that is coded in the argument.
    Cell(usize),
    /// The moment, in microseconds, cut to so many of them since the year 1.
    Floor(i64),
}

/// Texts to be found.
pub(super) struct Among {
    pub(super) texts: std::collections::HashSet<String>,
    pub(super) folded: bool,
    pub(super) negated: bool,
}

/// A function over columns.
pub(super) struct RowFunction {
    name: String,
    /// Two functions are equal where this is.
    says: String,
    body: Body,
    takes: Vec<Repr>,
    gives: Repr,
    now: i64,
    memory: usize,
    signature: Signature,
}

impl RowFunction {
    pub(super) fn new(name: String, says: String, body: Body, takes: Vec<Repr>, gives: Repr, now: i64) -> Self {
        let signature = Signature::any(takes.len(), Volatility::Immutable);
        Self { name, says, body, takes, gives, now, memory: 64 << 20, signature }
    }

    fn evaluate(&self, columns: &[ArrayRef], rows: impl Iterator<Item = usize>) -> Result<ArrayRef> {
        let evaluator = Evaluator::new(self.now, self.memory);
        let mut failed = None;
        if let (Body::Cell(place), [column]) = (&self.body, columns)
            && let Some(coded) = column.as_binary_opt::<i32>()
        {
            return self.gives.column(rows.map(|row| super::lower::cell(coded.value(row), *place)));
        }
        let array = self.gives.column(rows.map(|row| {
            let values = columns.iter().zip(&self.takes).map(|(column, repr)| repr.value(column, row)).collect();
            match self.value(&evaluator, values) {
                Ok(value) => value,
                Err(error) => {
                    failed = Some(error);
                    Value::Null
                }
            }
        }));
        match failed {
            Some(error) => Err(DataFusionError::External(Box::new(error))),
            None => array,
        }
    }

    fn value(&self, evaluator: &Evaluator, row: Row) -> std::result::Result<Value, signet_kql::RunError> {
        match &self.body {
            Body::Scalar(scalar) => evaluator.value(scalar, &row),
            Body::Native(run) => Ok(run(row)),
            Body::Cell(_) | Body::Floor(_) | Body::Folded(..) => Ok(Value::Null),
            Body::Among(among) => Ok(among.holds(row.first().unwrap_or(&Value::Null))),
        }
    }
}

impl Among {
    fn holds(&self, value: &Value) -> Value {
        let text = match value {
            Value::String(text) if !self.folded => return Value::Bool(self.texts.contains(&**text) != self.negated),
            value => value.to_text(),
        };
        let text = if self.folded { text.to_lowercase() } else { text };
        Value::Bool((!value.is_null() && self.texts.contains(&text)) != self.negated)
    }
}

/// Whether a text in small letters is `wanted`.
fn is_folded(text: &str, wanted: &str) -> bool {
    match text.is_ascii() {
        true => text.eq_ignore_ascii_case(wanted),
        false => text.to_lowercase() == wanted,
    }
}

impl ScalarUDFImpl for RowFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.arrow())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let one = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if one { 1 } else { args.number_rows };
        let columns: Vec<ArrayRef> = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<_>>()?;
        for (column, repr) in columns.iter().zip(&self.takes) {
            if column.data_type() != &repr.arrow() {
                let wrong = format!("{} is handed {} for {repr:?}", self.name, column.data_type());
                return Err(DataFusionError::Internal(wrong));
            }
        }
        if let (Body::Floor(step), [column]) = (&self.body, columns.as_slice())
            && let Some(moments) = column.as_primitive_opt::<TimestampMicrosecondType>()
        {
            let floor = |at: i64| at - at.saturating_add(UNIX / 10).rem_euclid(*step);
            let floored = moments.unary::<_, TimestampMicrosecondType>(floor).with_data_type(self.gives.arrow());
            return Ok(ColumnarValue::Array(Arc::new(floored)));
        }
        if let (Body::Folded(wanted, negated), [column]) = (&self.body, columns.as_slice())
            && let Some(texts) = column.as_string_view_opt()
        {
            let holds = |text: Option<&str>| Some(is_folded(text.unwrap_or_default(), wanted) != *negated);
            return Ok(ColumnarValue::Array(Arc::new(texts.iter().map(holds).collect::<BooleanArray>())));
        }
        if let [column] = columns.as_slice()
            && let Some(found) = alike::rows(column)
        {
            let few = self.evaluate(&columns, found.firsts.iter().copied())?;
            return Ok(ColumnarValue::Array(take(&few, &UInt32Array::from(found.places), None)?));
        }
        let array = self.evaluate(&columns, 0..rows)?;
        if one {
            let scalar = datafusion::scalar::ScalarValue::try_from_array(&array, 0)?;
            return Ok(ColumnarValue::Scalar(scalar));
        }
        Ok(ColumnarValue::Array(array))
    }
}

impl PartialEq for RowFunction {
    fn eq(&self, other: &Self) -> bool {
        self.says == other.says && self.takes == other.takes && self.gives == other.gives && self.now == other.now
    }
}

impl Eq for RowFunction {}

impl Hash for RowFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.says.hash(state);
    }
}

impl fmt::Debug for RowFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
