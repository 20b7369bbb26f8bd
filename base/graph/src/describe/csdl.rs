//! `$metadata`: the types, their properties and relations, and what may be called on them.

use crate::catalog::{Catalog, DirectoryType};
use crate::declaration::{Property, PropertyType};
use crate::describe::values::{declared_types, signatures};
use crate::signature::{Answer, ComplexType, Signature};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices>
<Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="entity" Abstract="true"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.String" Nullable="false"/></EntityType>
<EntityType Name="directoryObject" BaseType="graph.entity" OpenType="true"><Property Name="createdDateTime" Type="Edm.DateTimeOffset"/><Property Name="deletedDateTime" Type="Edm.DateTimeOffset"/></EntityType>
"#;
const TAIL: &str = "</Schema>\n</edmx:DataServices>\n</edmx:Edmx>\n";

/// The document of a version.
// SPEC: OData CSDL XML 4.01
pub(crate) fn csdl(catalog: &Catalog, version: Version) -> String {
    let types = catalog.everything(version).types;
    let mut text = HEAD.to_owned();
    types.iter().for_each(|one| entity_type(&mut text, one, &types));
    contained_types(&mut text, &types);
    complex_types(&mut text, &types);
    types.iter().for_each(|one| actions(&mut text, one));
    container(&mut text, &types, version);
    text.push_str(TAIL);
    text
}

/// Writing to a string does not fail.
fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
    text.push('\n');
}

fn entity_type(text: &mut String, one: &DirectoryType, types: &[Arc<DirectoryType>]) {
    // A type of which no object is stored, nor of one that derives from it, is no directory object.
    let stored = types.iter().any(|known| known.declaration.kind.is_some() && known.is_a(one.declaration.name));
    let declaration = one.declaration;
    let fallback = if stored { "directoryObject" } else { "entity" };
    let base = declaration.base.unwrap_or(fallback);
    line(text, format_args!("<EntityType Name=\"{}\" BaseType=\"graph.{base}\" OpenType=\"true\">", declaration.name));
    let inherited = ["id", "createdDateTime", "deletedDateTime"];
    let own = declaration.properties.iter().filter(|known| fallback == "entity" || !inherited.contains(&known.name));
    own.for_each(|known| property(text, known));
    for relation in &one.relations {
        let target = relation.target();
        let kind = if relation.single() { format!("graph.{target}") } else { format!("Collection(graph.{target})") };
        line(text, format_args!("<NavigationProperty Name=\"{}\" Type=\"{kind}\"/>", relation.name()));
    }
    for contained in &one.contained {
        let (name, kind) = (contained.name(), contained.type_name());
        let kind = format!("Collection(graph.{kind})");
        line(text, format_args!("<NavigationProperty Name=\"{name}\" Type=\"{kind}\" ContainsTarget=\"true\"/>"));
    }
    text.push_str("</EntityType>\n");
}

fn property(text: &mut String, known: &Property) {
    line(text, format_args!("{}", property_element(known)));
}

fn property_element(known: &Property) -> String {
    let nullable = if matches!(known.kind, PropertyType::Strings | PropertyType::Guids | PropertyType::Complexes(_)) {
        " Nullable=\"false\""
    } else {
        ""
    };
    format!("<Property Name=\"{}\" Type=\"{}\"{nullable}/>", known.name, edm(known.kind))
}

fn edm(kind: PropertyType) -> String {
    match kind {
        PropertyType::String(_) | PropertyType::Guid => "Edm.String".to_owned(),
        PropertyType::Boolean => "Edm.Boolean".to_owned(),
        PropertyType::Int32 => "Edm.Int32".to_owned(),
        PropertyType::DateTime => "Edm.DateTimeOffset".to_owned(),
        PropertyType::Binary => "Edm.Binary".to_owned(),
        PropertyType::Complex(name) => format!("graph.{name}"),
        PropertyType::Strings | PropertyType::Guids => "Collection(Edm.String)".to_owned(),
        PropertyType::Complexes(name) => format!("Collection(graph.{name})"),
    }
}

/// Each type that only hangs off others, once.
fn contained_types(text: &mut String, types: &[Arc<DirectoryType>]) {
    let mut known: BTreeMap<&str, &[Property]> = BTreeMap::new();
    for contained in types.iter().flat_map(|one| &one.contained) {
        let named = types.iter().any(|one| one.declaration.name == contained.type_name());
        if !named && contained.type_name() != "directoryObject" {
            known.entry(contained.type_name()).or_insert(contained.properties());
        }
    }
    for (name, properties) in known {
        line(text, format_args!("<EntityType Name=\"{name}\" BaseType=\"graph.entity\" OpenType=\"true\">"));
        properties.iter().filter(|known| known.name != "id").for_each(|known| property(text, known));
        text.push_str("</EntityType>\n");
    }
}

/// The types of values: with their members, where they are declared.
fn complex_types(text: &mut String, types: &[Arc<DirectoryType>]) {
    let declared: BTreeMap<&str, &ComplexType> =
        declared_types(types).into_iter().map(|known| (known.name, known)).collect();
    let own = types.iter().flat_map(|one| one.declaration.properties);
    let contained = types.iter().flat_map(|one| &one.contained).flat_map(|contained| contained.properties());
    let members = declared.values().flat_map(|known| known.properties);
    let kinds = own.chain(contained).chain(members).map(|known| known.kind);
    let named = kinds.chain(signatures(types).flat_map(|signature| signature.kinds()));
    let names: BTreeSet<&str> = named.filter_map(complex_name).chain(declared.keys().copied()).collect();
    // An action may take or answer objects.
    let is_entity = |name: &&str| {
        let hangs = |one: &DirectoryType| one.contained.iter().any(|contained| contained.type_name() == *name);
        types.iter().any(|one| one.declaration.name == *name || hangs(one))
    };
    for name in names.into_iter().filter(|name| !is_entity(name)) {
        match declared.get(name) {
            Some(known) => {
                text.push_str(&format!("<ComplexType Name=\"{name}\" OpenType=\"true\">"));
                known.properties.iter().for_each(|member| text.push_str(property_element(member).as_str()));
                text.push_str("</ComplexType>\n");
            }
            None => line(text, format_args!("<ComplexType Name=\"{name}\" OpenType=\"true\"/>")),
        }
    }
}

fn complex_name(kind: PropertyType) -> Option<&'static str> {
    match kind {
        PropertyType::Complex(name) | PropertyType::Complexes(name) => Some(name),
        _ => None,
    }
}

fn actions(text: &mut String, one: &DirectoryType) {
    let own = format!("graph.{}", one.declaration.name);
    for action in &one.actions {
        let element = if action.is_function() { "Function" } else { "Action" };
        bound(text, (element, action.name()), &own, action.signature());
    }
    for action in &one.set_actions {
        let kind = if action.of_all_objects() { "graph.directoryObject" } else { &own };
        bound(text, ("Action", action.name()), &format!("Collection({kind})"), action.signature());
    }
}

fn bound(text: &mut String, (element, name): (&str, &str), bound_to: &str, signature: Option<Signature>) {
    let taken = signature.map_or(&[][..], |signature| signature.takes);
    let mut parts = format!("<Parameter Name=\"bindingParameter\" Type=\"{bound_to}\"/>");
    for known in taken {
        let nullable = if known.required { " Nullable=\"false\"" } else { "" };
        parts.push_str(&format!("<Parameter Name=\"{}\" Type=\"{}\"{nullable}/>", known.name, edm(known.kind)));
    }
    match signature.map(|signature| signature.answers) {
        Some(Answer::Complex(known)) => parts.push_str(&format!("<ReturnType Type=\"graph.{}\"/>", known.name)),
        Some(Answer::Collection(kind)) => {
            parts.push_str(&format!("<ReturnType Type=\"{}\" Nullable=\"false\"/>", edm(kind)));
        }
        Some(Answer::Nothing) => {}
        // SPEC: OData CSDL XML 4.01, 12.9: a function returns something.
        None if element == "Function" => parts.push_str("<ReturnType Type=\"Edm.Untyped\"/>"),
        None => {}
    }
    line(text, format_args!("<{element} Name=\"{name}\" IsBound=\"true\">{parts}</{element}>"));
}

/// The sets. One whose name has two parts is a collection of a singleton.
fn container(text: &mut String, types: &[Arc<DirectoryType>], version: Version) {
    let mut roots: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
    let mut sets = String::from("<EntitySet Name=\"directoryObjects\" EntityType=\"graph.directoryObject\"/>\n");
    for one in types.iter().filter(|one| one.declaration.base.is_none()) {
        let declaration = one.declaration;
        let name = declaration.name;
        let listed = version == Version::Beta && one.entity.is_listed_in_beta();
        let single = one.entity.is_singleton() && !listed;
        let many = if single { format!("graph.{name}") } else { format!("Collection(graph.{name})") };
        match declaration.set.split_once('/') {
            Some((root, rest)) => roots.entry(root).or_default().push((rest, many)),
            None => {
                let (set, name) = (declaration.set, declaration.name);
                line(&mut sets, format_args!("<EntitySet Name=\"{set}\" EntityType=\"graph.{name}\"/>"));
            }
        }
    }
    for (root, collections) in roots {
        line(text, format_args!("<EntityType Name=\"{root}Root\" BaseType=\"graph.entity\">"));
        for (name, kind) in collections {
            line(text, format_args!("<NavigationProperty Name=\"{name}\" Type=\"{kind}\" ContainsTarget=\"true\"/>"));
        }
        text.push_str("</EntityType>\n");
        line(&mut sets, format_args!("<Singleton Name=\"{root}\" Type=\"graph.{root}Root\"/>"));
    }
    line(text, format_args!("<EntityContainer Name=\"GraphService\">\n{sets}</EntityContainer>"));
}
