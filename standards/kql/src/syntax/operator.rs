use super::{Arg, Expr, Name, Span};

/// An operator in a pipe.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does.
    pub operator: Operator,
    /// Where.
    pub span: Span,
}

/// `name = value` between an operator's name and its operands, such as `kind=inner`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// In lower case.
    pub name: String,
    /// As written.
    pub value: Expr,
}

/// A column and its type, as declared.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDecl {
    /// Its name.
    pub name: Name,
    /// Its type's name.
    pub type_name: Name,
}

/// What rows are ordered by.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// The value.
    pub key: Arg,
    /// `asc`; the language's default is descending.
    pub ascending: bool,
    /// `nulls first` or `nulls last`, where said.
    pub nulls_first: Option<bool>,
}

/// A part of a `parse` pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum ParsePart {
    /// Skip to what follows.
    Star,
    /// This text.
    Text(Expr),
    /// Into this column, with its type.
    Column(Name, Option<Name>),
}

/// A tabular operator.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named as the language names them")]
pub enum Operator {
    Where(Expr),
    Extend(Vec<Arg>),
    Project(Vec<Arg>),
    ProjectAway(Vec<Arg>),
    ProjectKeep(Vec<Arg>),
    ProjectRename(Vec<Arg>),
    ProjectReorder(Vec<Arg>),
    Summarize { aggregates: Vec<Arg>, by: Vec<Arg> },
    Distinct(Vec<Arg>),
    Join { parameters: Vec<Parameter>, right: Expr, on: Vec<Expr> },
    Lookup { parameters: Vec<Parameter>, right: Expr, on: Vec<Expr> },
    Union { parameters: Vec<Parameter>, tables: Vec<Expr> },
    Sort(Vec<SortKey>),
    Top { count: Expr, by: SortKey },
    TopNested(Vec<(Arg, Arg)>),
    Take(Expr),
    Sample(Expr),
    SampleDistinct { count: Expr, of: Expr },
    Count,
    Serialize(Vec<Arg>),
    As(Name),
    Render(Vec<Parameter>),
    Invoke(Expr),
    Evaluate { plugin: Name, args: Vec<Arg>, schema: Option<Vec<ColumnDecl>> },
    MvExpand { parameters: Vec<Parameter>, columns: Vec<(Arg, Option<String>)> },
    MvApply { parameters: Vec<Parameter>, columns: Vec<(Arg, Option<String>)>, steps: Vec<Step> },
    Parse { parameters: Vec<Parameter>, value: Expr, pattern: Vec<ParsePart> },
    ParseKv { value: Expr, columns: Vec<ColumnDecl> },
    MakeSeries { aggregates: Vec<Arg>, on: Arg, by: Vec<Arg> },
    Search(Vec<Expr>, Option<Expr>),
    Find(Span),
    Fork(Vec<Vec<Step>>),
    Facet(Vec<Arg>),
    Partition { by: Expr, steps: Vec<Step> },
    Reduce(Expr),
    Consume,
    GetSchema,
    Scan { declared: Vec<ColumnDecl> },
    Print(Vec<Arg>),
    Range { name: Name, from: Expr, to: Expr, step: Expr },
    DataTable { columns: Vec<ColumnDecl>, rows: Vec<Expr> },
    ExternalData { columns: Vec<ColumnDecl> },
}
