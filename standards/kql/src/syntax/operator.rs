use super::{Arg, Expr, GraphMatch, MakeGraph, Name, Span, TypeSpec};

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
    Text(String),
    /// Into this column, with its type.
    Column(Name, Option<Name>),
}

/// A column of `mv-expand` or `mv-apply`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expansion {
    /// What is expanded, perhaps under a new name.
    pub arg: Arg,
    /// `to typeof(type)`.
    pub to: Option<TypeSpec>,
}

/// A column of `project-reorder`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordered {
    /// A name, or a glob.
    pub column: Arg,
    /// `asc` (true) or `desc` (false), where said.
    pub ascending: Option<bool>,
    /// `granny-asc`, `granny-desc`: numbers within names are ordered as numbers.
    pub natural: bool,
}

/// An aggregate of `make-series`.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAggregate {
    /// The aggregate.
    pub arg: Arg,
    /// `default = value`: what stands where there are no rows.
    pub default: Option<Expr>,
}

/// A level of `top-nested`.
#[derive(Debug, Clone, PartialEq)]
pub struct TopNestedLevel {
    /// How many; all where not said.
    pub count: Option<Expr>,
    /// What is grouped.
    pub of: Arg,
    /// `with others = value`.
    pub others: Option<Expr>,
    /// What they are ranked by.
    pub by: SortKey,
}

/// What `partition` does to each part.
#[derive(Debug, Clone, PartialEq)]
pub enum PartitionBody {
    /// `( steps )`: over the part.
    Steps(Vec<Step>),
    /// `{ query }`: on its own; the part is chosen by the key.
    Query(Expr),
}

/// `find`.
#[derive(Debug, Clone, PartialEq)]
pub struct Find {
    /// `withsource=name`.
    pub parameters: Vec<Parameter>,
    /// Where it looks; everywhere, if nothing is named.
    pub tables: Vec<Expr>,
    /// What it looks for.
    pub condition: Expr,
    /// What it gives, where that is written.
    pub columns: Option<Vec<FoundColumn>>,
}

/// A column that `find` gives.
#[derive(Debug, Clone, PartialEq)]
pub enum FoundColumn {
    /// A name, and its type where it is written.
    Column(Name, Option<Name>),
    /// `pack(*)`: all others in one bag.
    Pack,
}

/// A branch of `fork`.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Its name, where said.
    pub name: Option<Name>,
    /// What flows through it.
    pub steps: Vec<Step>,
}

/// A column that `scan` declares.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanColumn {
    /// Name and type.
    pub column: ColumnDecl,
    /// What it is at first.
    pub default: Option<Expr>,
}

/// A step of `scan`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanStep {
    /// Its name.
    pub name: Name,
    /// `output = all|last|none`.
    pub output: Option<Name>,
    /// When a row belongs to it.
    pub condition: Expr,
    /// What it then sets.
    pub assignments: Vec<Arg>,
}

/// The rows that `evaluate` is declared to give.
#[derive(Debug, Clone, PartialEq)]
pub struct RowSchema {
    /// Whether the input's columns come first.
    pub star: bool,
    /// The columns written.
    pub columns: Vec<ColumnDecl>,
}

/// A property of `render`.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderProperty {
    /// Its name.
    pub name: Name,
    /// Its values.
    pub values: Vec<Expr>,
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
    ProjectReorder(Vec<Ordered>),
    Summarize { parameters: Vec<Parameter>, aggregates: Vec<Arg>, by: Vec<Arg> },
    Distinct { parameters: Vec<Parameter>, columns: Vec<Arg> },
    Join { parameters: Vec<Parameter>, right: Expr, on: Vec<Expr> },
    Lookup { parameters: Vec<Parameter>, right: Expr, on: Vec<Expr> },
    Union { parameters: Vec<Parameter>, tables: Vec<Expr> },
    Sort { parameters: Vec<Parameter>, keys: Vec<SortKey> },
    Top { count: Expr, by: Vec<SortKey> },
    TopNested(Vec<TopNestedLevel>),
    Take(Expr),
    Sample(Expr),
    SampleDistinct { count: Expr, of: Expr },
    Count(Option<Name>),
    TopHitters { count: Expr, of: Expr, by: Option<Expr> },
    Serialize(Vec<Arg>),
    As { parameters: Vec<Parameter>, name: Name },
    Render { kind: Name, properties: Vec<RenderProperty> },
    Invoke(Expr),
    Evaluate { parameters: Vec<Parameter>, plugin: Name, args: Vec<Arg>, schema: Option<RowSchema> },
    MvExpand { parameters: Vec<Parameter>, columns: Vec<Expansion>, limit: Option<Expr>, old: bool },
    MvApply { parameters: Vec<Parameter>, columns: Vec<Expansion>, limit: Option<Expr>, steps: Vec<Step> },
    Parse { filters: bool, parameters: Vec<Parameter>, value: Expr, pattern: Vec<ParsePart> },
    ParseKv { value: Expr, columns: Vec<ColumnDecl>, options: Vec<Arg> },
    MakeSeries(Box<MakeSeries>),
    MakeGraph(Box<MakeGraph>),
    GraphMatch(Box<GraphMatch>),
    GraphToTable { edges: bool, parameters: Vec<Parameter> },
    GraphMarkComponents(Vec<Parameter>),
    Find(Box<Find>),
    ProjectByNames(Vec<Arg>),
    Search { parameters: Vec<Parameter>, tables: Vec<Expr>, what: Option<Expr> },
    Fork(Vec<Branch>),
    Facet { by: Vec<Arg>, steps: Vec<Step> },
    Partition { parameters: Vec<Parameter>, by: Expr, body: PartitionBody },
    Reduce { parameters: Vec<Parameter>, by: Expr, options: Vec<Arg> },
    Consume(Vec<Parameter>),
    GetSchema,
    Scan(Box<Scan>),
    Print(Vec<Arg>),
    Range { name: Name, from: Expr, to: Expr, step: Expr },
    DataTable { columns: Vec<ColumnDecl>, rows: Vec<Expr> },
    ExternalData { columns: Vec<ColumnDecl>, from: Vec<Expr>, options: Vec<Arg> },
}

/// `make-series`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named as the language names them")]
pub struct MakeSeries {
    pub parameters: Vec<Parameter>,
    pub aggregates: Vec<SeriesAggregate>,
    pub on: Arg,
    pub from: Option<Expr>,
    pub to: Option<Expr>,
    pub step: Option<Expr>,
    /// `in range(from, to, step)`, the older form.
    pub range: Option<Expr>,
    pub by: Vec<Arg>,
}

/// `scan`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named as the language names them")]
pub struct Scan {
    pub parameters: Vec<Parameter>,
    pub order: Vec<SortKey>,
    pub partition: Vec<SortKey>,
    pub declared: Vec<ScanColumn>,
    pub steps: Vec<ScanStep>,
}
