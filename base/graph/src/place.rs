//! What a path names.

use crate::catalog::Catalog;
use crate::entity::{Action, Contained, Entity, Relation};
use signet_kernel::{Failure, Fault};
use signet_odata::{Key, Path, Segment};
use std::sync::Arc;

/// A path, understood: types are known, objects are not looked up yet.
pub(crate) enum Place {
    /// A set, perhaps narrowed to a type.
    Collection(Arc<dyn Entity>),
    /// One object of a type.
    Item(ItemPlace),
    /// The far ends of a relation of one object; one of them, if an id follows.
    Related { owner: ItemPlace, relation: Box<dyn Relation>, target: Option<String>, reference: bool },
    /// What hangs off one object; one of them, if a key follows.
    Contained { owner: ItemPlace, contained: Box<dyn Contained>, key: Option<String> },
    /// An action on one object.
    Action { owner: ItemPlace, action: Box<dyn Action> },
    /// The deleted items, perhaps narrowed to a type.
    DeletedItems(Option<Arc<dyn Entity>>),
    /// One deleted item.
    DeletedItem { id: String, restore: bool },
}

/// One object of a type, by key.
pub(crate) struct ItemPlace {
    pub(crate) entity: Arc<dyn Entity>,
    pub(crate) key: Key,
}

/// There is nothing at this path.
pub(crate) fn nothing_here() -> Failure {
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", "There is nothing at this path; check its spelling.")
}

/// Understands a path.
pub(crate) fn locate(catalog: &Catalog, path: &str, beta: bool) -> Result<Place, Failure> {
    let path = Path::parse(path).map_err(|error| {
        Failure::new(Fault::Input, "Request_BadRequest", format!("The address cannot be read: {error}."))
    })?;
    let mut reader = Reader { catalog, beta, rest: path.segments };
    reader.place()
}

struct Reader<'c> {
    catalog: &'c Catalog,
    beta: bool,
    rest: Vec<Segment>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Segment> {
        if self.rest.is_empty() { None } else { Some(self.rest.remove(0)) }
    }

    fn next_name(&mut self) -> Option<String> {
        match self.rest.first() {
            Some(Segment::Name(name)) => {
                let name = name.clone();
                self.rest.remove(0);
                Some(name)
            }
            _ => None,
        }
    }

    fn end(&self) -> Result<(), Failure> {
        if self.rest.is_empty() { Ok(()) } else { Err(nothing_here()) }
    }

    fn place(&mut self) -> Result<Place, Failure> {
        match self.next().ok_or_else(nothing_here)? {
            Segment::Name(name) if name.eq_ignore_ascii_case("directory") => self.directory(),
            Segment::Name(name) => {
                let entity = self.set(&name)?;
                self.in_set(entity)
            }
            Segment::Keyed(name, key) => {
                let entity = self.set(&name)?;
                self.at_item(ItemPlace { entity, key })
            }
            _ => Err(nothing_here()),
        }
    }

    /// The base type of a set whose name has one part, or two.
    fn set(&mut self, first: &str) -> Result<Arc<dyn Entity>, Failure> {
        if let Some(entity) = self.catalog.by_set(first) {
            return self.visible(entity);
        }
        let second = self.next_name().ok_or_else(nothing_here)?;
        let entity = self.catalog.by_set(&format!("{first}/{second}")).ok_or_else(nothing_here)?;
        self.visible(entity)
    }

    fn visible(&self, entity: &Arc<dyn Entity>) -> Result<Arc<dyn Entity>, Failure> {
        if entity.declaration().beta_only && !self.beta { Err(nothing_here()) } else { Ok(entity.clone()) }
    }

    /// The type of a cast, if it is one of this set.
    fn cast(&self, name: &str, from: &Arc<dyn Entity>) -> Result<Arc<dyn Entity>, Failure> {
        let entity = self.catalog.by_name(name).ok_or_else(nothing_here)?;
        if !self.catalog.is_a(entity.declaration(), from.declaration()) {
            return Err(nothing_here());
        }
        self.visible(entity)
    }

    fn take_cast(&mut self, from: Arc<dyn Entity>) -> Result<Arc<dyn Entity>, Failure> {
        let Some(Segment::Cast(name)) = self.rest.first().cloned() else { return Ok(from) };
        self.rest.remove(0);
        self.cast(&name, &from)
    }

    fn in_set(&mut self, entity: Arc<dyn Entity>) -> Result<Place, Failure> {
        let entity = self.take_cast(entity)?;
        match self.next() {
            None => Ok(Place::Collection(entity)),
            Some(Segment::Name(id)) => self.at_item(ItemPlace { entity, key: Key::Id(id) }),
            Some(_) => Err(nothing_here()),
        }
    }

    fn at_item(&mut self, mut item: ItemPlace) -> Result<Place, Failure> {
        item.entity = self.take_cast(item.entity)?;
        let Some(name) = self.next_name() else {
            self.end()?;
            return Ok(Place::Item(item));
        };
        self.member(item, &name)
    }

    /// A relation, a contained collection or an action of the type, of its base, or of a type that derives from it.
    fn member(&mut self, owner: ItemPlace, name: &str) -> Result<Place, Failure> {
        for entity in self.related_types(&owner.entity) {
            if let Some(relation) = entity.relations().into_iter().find(|relation| relation.name() == name) {
                return self.related(owner, relation);
            }
            if let Some(contained) = entity.contained().into_iter().find(|contained| contained.name() == name) {
                let key = self.next_name();
                self.end()?;
                return Ok(Place::Contained { owner, contained, key });
            }
            if let Some(action) = entity.actions().into_iter().find(|action| action.name() == name) {
                self.end()?;
                return Ok(Place::Action { owner, action });
            }
        }
        Err(nothing_here())
    }

    fn related_types(&self, entity: &Arc<dyn Entity>) -> Vec<Arc<dyn Entity>> {
        let all = self.catalog.entities().iter();
        let derived = all.filter(|other| {
            other.declaration().name != entity.declaration().name
                && (self.catalog.is_a(other.declaration(), entity.declaration())
                    || self.catalog.is_a(entity.declaration(), other.declaration()))
        });
        std::iter::once(entity.clone()).chain(derived.cloned()).collect()
    }

    fn related(&mut self, owner: ItemPlace, relation: Box<dyn Relation>) -> Result<Place, Failure> {
        let target = self.next_name();
        let reference = matches!(self.rest.first(), Some(Segment::Reference));
        if reference {
            self.rest.remove(0);
        }
        self.end()?;
        if target.is_some() && !reference {
            return Err(nothing_here());
        }
        Ok(Place::Related { owner, relation, target, reference })
    }

    fn directory(&mut self) -> Result<Place, Failure> {
        if self.next_name().is_none_or(|name| !name.eq_ignore_ascii_case("deletedItems")) {
            return Err(nothing_here());
        }
        match self.next() {
            None => Ok(Place::DeletedItems(None)),
            Some(Segment::Cast(name)) => {
                let entity = self.catalog.by_name(&name).ok_or_else(nothing_here)?;
                let entity = self.visible(entity)?;
                self.end()?;
                Ok(Place::DeletedItems(Some(entity)))
            }
            Some(Segment::Name(id)) => {
                let restore = match self.next_name() {
                    None => false,
                    Some(verb) if verb == "restore" || verb == "microsoft.graph.restore" => true,
                    Some(_) => return Err(nothing_here()),
                };
                self.end()?;
                Ok(Place::DeletedItem { id, restore })
            }
            Some(_) => Err(nothing_here()),
        }
    }
}
