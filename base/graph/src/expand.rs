//! `$expand`: relations and contained collections answered in place, each as the list that it is.

use crate::body_check::bad;
use crate::catalog::{DirectoryType, Scope};
use crate::entity::{Contained, JsonMap, Relation};
use crate::listing::{Content, DEFAULT_TOP, List, Mark, PageOf, Source};
use crate::request::Request;
use crate::selection::Selection;
use crate::view::check_names;
use serde_json::Value;
use signet_kernel::Failure;
use signet_odata::{Expand, QueryOptions};
use signet_store::Row;

/// Refuses what no object of the scope can be answered with.
pub(crate) fn check(request: &Request, scope: &Scope, expand: &[Expand]) -> Result<(), Failure> {
    expand.iter().filter(|one| one.relation != "*").try_for_each(|one| {
        let name = &one.relation;
        check_options(one)?;
        if scope.types.iter().any(|known| known.relation(name).is_some()) {
            let ends = ends_of(request, one)?;
            check_names(&ends, "$select", one.options.select.iter().map(String::as_str))?;
            Selection::of(request, &ends, &one.options)?;
            return check(request, &ends, &one.options.expand);
        }
        let contained = scope.types.iter().any(|known| known.contained(name).is_some());
        if !contained || one.cast.is_some() || one.references || !one.options.expand.is_empty() {
            return Err(bad("$expand", format!("There is no relation '{name}' here that could be expanded so.")));
        }
        Selection::undeclared(request, &one.options).map(|_| ())
    })
}

fn check_options(one: &Expand) -> Result<(), Failure> {
    if one.references && !(one.options.select.is_empty() && one.options.expand.is_empty()) {
        return Err(bad("$expand", "References have no properties; leave `$select` and `$expand` out.".to_owned()));
    }
    Ok(())
}

/// The types that the objects at the far ends may have.
fn ends_of(request: &Request, one: &Expand) -> Result<Scope, Failure> {
    let everything = &request.everything;
    let Some(cast) = &one.cast else { return Ok(everything.clone()) };
    let head = everything.by_name(cast);
    let head = head.ok_or_else(|| bad("$expand", format!("'{cast}' is not a type of the directory.")))?;
    let types = everything.types.iter().filter(|known| known.is_a(head.declaration.name)).cloned().collect();
    Ok(Scope { head: Some(head.clone()), types })
}

/// Adds to an object what is expanded of it. The caller may read the object.
pub(crate) async fn add(
    request: &Request,
    one: &DirectoryType,
    row: &Row,
    expand: &[Expand],
    view: &mut JsonMap,
) -> Result<(), Failure> {
    for wanted in expand {
        for relation in &one.relations {
            if wanted.relation == "*" || wanted.relation == relation.name() {
                add_relation(request, (one, row), relation.as_ref(), wanted, view).await?;
            }
        }
        if let Some(contained) = one.contained(&wanted.relation) {
            add_contained(request, (one, row), contained, wanted, view).await?;
        }
    }
    Ok(())
}

async fn add_relation(
    request: &Request,
    (one, row): (&DirectoryType, &Row),
    relation: &dyn Relation,
    wanted: &Expand,
    view: &mut JsonMap,
) -> Result<(), Failure> {
    let (ends, options) = (ends_of(request, wanted)?, deeper(relation.name(), wanted));
    let list = List {
        request,
        options: &options,
        content: Content::FarEnds(&ends),
        source: Source::known(relation.ends(&request.call, row.id).await?),
        selection: Selection::of(request, &ends, &options)?,
        derived: Vec::new(),
    };
    let mut page = page(&list).await?;
    if wanted.references {
        page.items = page.items.iter().map(|item| reference(request, item)).collect();
    }
    if relation.single() {
        let end = page.items.pop().map_or(Value::Null, Value::Object);
        view.insert(relation.name().to_owned(), end);
    } else {
        add_page(request, (one, row), (relation.name(), wanted), page, view);
    }
    Ok(())
}

fn reference(request: &Request, item: &JsonMap) -> JsonMap {
    let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
    let link = format!("{}/directoryObjects/{id}", request.call.base_url);
    JsonMap::from_iter([("@odata.id".to_owned(), link.into())])
}

/// The options of the far ends, with the relation itself if more levels are asked for.
fn deeper(name: &str, wanted: &Expand) -> QueryOptions {
    let mut options = wanted.options.clone();
    if let Some(levels) = wanted.levels.filter(|levels| *levels > 1) {
        let again = Expand { levels: Some(levels - 1), relation: name.to_owned(), ..wanted.clone() };
        options.expand.push(again);
    }
    options
}

async fn add_contained(
    request: &Request,
    (one, row): (&DirectoryType, &Row),
    contained: &dyn Contained,
    wanted: &Expand,
    view: &mut JsonMap,
) -> Result<(), Failure> {
    let ways = one.reading_part(contained);
    request.require_part(row, &ways).await?;
    let list = List {
        request,
        options: &wanted.options,
        content: Content::Contained(contained),
        source: Source::of_contained(&request.call, contained, row.id).await?,
        selection: Selection::undeclared(request, &wanted.options)?,
        derived: contained.derived(&request.call, row.id).await?,
    };
    let page = page(&list).await?;
    add_page(request, (one, row), (contained.name(), wanted), page, view);
    Ok(())
}

async fn page(list: &List<'_>) -> Result<PageOf, Failure> {
    let mark = Mark { skip: list.options.skip.unwrap_or_default(), ..Mark::default() };
    // The list of an object that is in a list.
    Box::pin(list.page(mark, list.options.top.unwrap_or(DEFAULT_TOP), true)).await
}

fn add_page(
    request: &Request,
    (one, row): (&DirectoryType, &Row),
    (name, wanted): (&str, &Expand),
    page: PageOf,
    view: &mut JsonMap,
) {
    if let Some(count) = page.count {
        view.insert(format!("{name}@odata.count"), count.into());
    }
    if page.next.is_some() {
        let cast = wanted.cast.as_ref().map_or_else(String::new, |cast| format!("/microsoft.graph.{cast}"));
        let reference = if wanted.references { "/$ref" } else { "" };
        let query = following(&wanted.options, page.items.len());
        let (base_url, set) = (&request.call.base_url, one.declaration.set);
        let link = format!("{base_url}/{set}/{}/{name}{cast}{reference}?{query}", row.id);
        view.insert(format!("{name}@odata.nextLink"), link.into());
    }
    view.insert(name.to_owned(), page.items.into_iter().map(Value::Object).collect());
}

/// The query of the list that goes on after so many.
fn following(options: &QueryOptions, shown: usize) -> String {
    let skip = options.skip.unwrap_or_default().saturating_add(shown);
    let mut pairs: Vec<String> =
        written(options).into_iter().map(|(name, value)| format!("{name}={}", escaped(&value))).collect();
    pairs.push(format!("$skip={skip}"));
    pairs.join("&")
}

/// The options as they are written, without `$skip` and `$count`.
fn written(options: &QueryOptions) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if !options.select.is_empty() {
        pairs.push(("$select", options.select.join(",")));
    }
    let texts = [("$filter", &options.filter), ("$orderby", &options.order_by), ("$search", &options.search)];
    pairs.extend(texts.into_iter().filter_map(|(name, text)| text.clone().map(|text| (name, text))));
    pairs.extend(options.top.map(|top| ("$top", top.to_string())));
    if !options.expand.is_empty() {
        pairs.push(("$expand", options.expand.iter().map(text_of).collect::<Vec<_>>().join(",")));
    }
    pairs
}

fn text_of(expand: &Expand) -> String {
    let mut text = expand.relation.clone();
    if let Some(cast) = &expand.cast {
        text.push_str(&format!("/microsoft.graph.{cast}"));
    }
    if expand.references {
        text.push_str("/$ref");
    }
    let mut pairs = written(&expand.options);
    pairs.extend(expand.options.skip.map(|skip| ("$skip", skip.to_string())));
    pairs.extend(expand.options.count.map(|count| ("$count", count.to_string())));
    pairs.extend(expand.levels.map(|levels| ("$levels", levels.to_string())));
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    if pairs.is_empty() { text } else { format!("{text}({})", pairs.join(";")) }
}

/// A value in a query string.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$,/()=';*@:".contains(&byte);
    let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}
