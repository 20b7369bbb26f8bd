//! The tree keeps everything that was written.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use signet_kql::{
    CompareOp, Expr, ExprKind, ListMatch, LogicOp, Operator, Problem, Script, Statement, TextMatch, TypeSpec, UnaryOp,
};

fn refused(text: &str) -> Problem {
    Script::parse(text).expect_err(text).problem
}

fn operator(text: &str) -> Operator {
    let script = Script::parse(&format!("T | {text}")).expect(text);
    let Some(Statement::Query(Expr { kind: ExprKind::Query(query), .. })) = script.statements.last() else {
        panic!("{text} is no query")
    };
    query.steps[0].operator.clone()
}

fn condition(text: &str) -> ExprKind {
    match operator(&format!("where {text}")) {
        Operator::Where(expr) => expr.kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_supported_is_named() {
    for (text, what) in [("alias database d = x", "alias"), ("restrict access to (T); T", "restrict access")] {
        let error = Script::parse(text).expect_err(text);
        assert_eq!((error.problem.clone(), error.code()), (Problem::Unsupported(what.to_owned()), "not-supported"));
    }
}

#[test]
fn a_place_is_told_as_a_person_counts() {
    let text = "T\n| where é == 1 and\n  | take 1";
    let position = Script::parse(text).expect_err("nothing after `and`").position(text);
    assert_eq!((position.line, position.column), (3, 3));
}

#[test]
fn a_height_beyond_the_limit_is_refused() {
    assert_eq!(refused(&format!("print 1{}", " + 1".repeat(300))), Problem::TooDeep);
    assert_eq!(refused(&format!("T{}", " | count".repeat(300))), Problem::TooLarge);
}

#[test]
fn comparisons_and_text_operators_are_told_apart() {
    let ops = [
        ("==", CompareOp::Equal),
        ("<>", CompareOp::NotEqual),
        ("=~", CompareOp::Like),
        ("!~", CompareOp::NotLike),
        ("<=", CompareOp::LessOrEqual),
    ];
    for (text, op) in ops {
        assert!(matches!(condition(&format!("a {text} 'b'")), ExprKind::Compare(found, _, _) if found == op), "{text}");
    }
    let tests = [
        ("has", TextMatch::Has, false, false),
        ("!has_cs", TextMatch::Has, true, true),
        ("!startswith", TextMatch::StartsWith, true, false),
        ("notcontains", TextMatch::Contains, true, false),
        ("matches regex", TextMatch::Regex, false, true),
    ];
    for (text, what, negated, cased) in tests {
        let ExprKind::Text(test, _, _) = condition(&format!("a {text} 'b'")) else { panic!("{text}") };
        assert_eq!((test.what, test.negated, test.cased), (what, negated, cased), "{text}");
    }
    for (text, what, negated, cased) in [
        ("in", ListMatch::In, false, true),
        ("!in~", ListMatch::In, true, false),
        ("has_any", ListMatch::HasAny, false, false),
        ("has_all", ListMatch::HasAll, false, false),
    ] {
        let ExprKind::List(test, _, list) = condition(&format!("a {text} ('b', 'c')")) else { panic!("{text}") };
        assert_eq!((test.what, test.negated, test.cased, list.len()), (what, negated, cased, 2), "{text}");
    }
    assert!(matches!(condition("a !between (1 .. 2)"), ExprKind::Between { negated: true, .. }));
    assert!(matches!(condition("a between (1 .. 2)"), ExprKind::Between { negated: false, .. }));
}

#[test]
fn signs_and_precedence() {
    assert!(matches!(condition("+a"), ExprKind::Unary(UnaryOp::Plus, _)));
    assert!(matches!(condition("-a"), ExprKind::Unary(UnaryOp::Minus, _)));
    let ExprKind::Logic(LogicOp::Or, parts) = condition("a and b or c and d or e") else { panic!() };
    assert_eq!(parts.len(), 3);
    assert!(matches!(&parts[0].kind, ExprKind::Logic(LogicOp::And, parts) if parts.len() == 2));
}

#[test]
fn operands_are_kept() {
    let Operator::MakeSeries(series) = operator("make-series n = count() default = 0 on t from 1 to 9 step 2 by k")
    else {
        panic!()
    };
    assert!(series.aggregates[0].default.is_some() && series.from.is_some() && series.to.is_some());
    assert!(series.step.is_some() && series.by.len() == 1);
    let Operator::MvExpand { columns, limit, old, .. } = operator("mvexpand a to typeof(string) limit 5") else {
        panic!()
    };
    assert!(matches!(&columns[0].to, Some(TypeSpec::Scalar(name)) if name.text == "string"));
    assert!(limit.is_some() && old);
    assert!(matches!(operator("parse-where kind=regex flags=i a with 'x' b"),
        Operator::Parse { filters: true, parameters, pattern, .. } if parameters.len() == 2 && pattern.len() == 2));
    assert!(matches!(operator("project-reorder a* desc, b"),
        Operator::ProjectReorder(columns) if columns[0].ascending == Some(false) && columns[1].ascending.is_none()));
    assert!(matches!(operator("summarize hint.strategy=shuffle count() by a"),
        Operator::Summarize { parameters, .. } if parameters[0].name == "hint.strategy"));
    assert!(matches!(operator("top-nested 3 of a with others = 'x' by sum(b) asc"),
        Operator::TopNested(levels) if levels[0].count.is_some() && levels[0].others.is_some() && levels[0].by.ascending));
    let Operator::Scan(scan) =
        operator("scan partition by u declare (n:long = 0) with (step s output=last: a > 1 => n = s.n + 1;)")
    else {
        panic!()
    };
    assert!(scan.declared[0].default.is_some() && scan.steps[0].output.is_some());
    assert_eq!((scan.partition.len(), scan.steps[0].assignments.len()), (1, 1));
    assert!(matches!(operator("facet by a with (take 1)"), Operator::Facet { steps, .. } if steps.len() == 1));
    assert!(matches!(operator("fork x = (take 1) (count)"), Operator::Fork(branches) if branches[0].name.is_some()));
}

#[test]
fn settings_are_kept() {
    let script =
        Script::parse("set notruncation; set x = 5; declare query_parameters(a:long = 3); T").expect("a script");
    assert!(matches!(&script.statements[1], Statement::Set { value: Some(_), .. }));
    assert!(matches!(&script.statements[2], Statement::Parameters(p) if p[0].default.is_some()));
}
