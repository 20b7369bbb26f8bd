//! A list in the order of an index: read along it, page by page, instead of put in order as a whole.
//!
//! The places in it are those of the same list put in order, so a page token of either goes on in the other.

use super::{CHUNKS, Content, Found, List, Mark, check_skip, larger};
use crate::listing::Source;
use signet_kernel::{Failure, ObjectId};
use signet_odata::{Constant, Expr, OrderBy};
use signet_store::{IndexKey, IndexWalk, Liveness};

/// A place in an index.
type Place = (IndexKey, ObjectId);

impl List<'_> {
    /// One page, if the list is of whole types, in the order of one property that all of them have in their index.
    /// Nothing otherwise, or where a text is longer than its key: then the whole has to be put in order.
    pub(super) async fn along_index(&self, mark: &Mark, top: usize, counts: bool) -> Result<Option<Found>, Failure> {
        check_skip(mark.skip)?;
        let Some(mut walk) = self.walk() else { return Ok(None) };
        if let Some(parts) = mark.key.as_deref() {
            let Some(place) = place(parts) else { return Ok(None) };
            walk.after = Some(place);
        }
        let (mut items, mut skip) = (Vec::new(), mark.skip);
        walk.limit = self.first_chunk(top.saturating_add(skip)).saturating_add(1);
        let next = 'pages: loop {
            let batch = self.request.call.store.walk(walk.clone()).await?;
            let ended = batch.len() < walk.limit;
            for (key, row) in batch {
                if items.len() >= top {
                    break 'pages walk.after.as_ref().and_then(|place| marked(place, skip));
                }
                if key.whole_text().is_none() {
                    return Ok(None);
                }
                walk.after = Some((key, row.id));
                match self.judged(row).await? {
                    Some(_) if skip > 0 => skip -= 1,
                    found => items.extend(found),
                }
            }
            if ended {
                break None;
            }
            if items.len() >= top || self.request.deadline.passed() {
                break walk.after.as_ref().and_then(|place| marked(place, skip));
            }
            walk.limit = larger(walk.limit).min(CHUNKS.1);
        };
        let count = if counts { Some(self.count(None).await?) } else { None };
        Ok(Some((items, next, count)))
    }

    /// The walk from the start, if an index is in the order of the list.
    fn walk(&self) -> Option<IndexWalk> {
        let (Content::Objects(scope, Liveness::Live), true) = (&self.content, self.derived.is_empty()) else {
            return None;
        };
        let Source::Stored { kinds, state: Liveness::Live, index: None } = &self.source else { return None };
        let (name, descending) = OrderBy::single_property(self.options.order_by.as_deref()?)?;
        let field = |kind: &&'static str| {
            let property = scope.of_kind(kind)?.property(&name)?;
            property.index.filter(|_| property.ordered)
        };
        let mut fields = kinds.iter().map(field);
        let field = fields.next()??;
        let same = fields.all(|other| other == Some(field));
        same.then(|| IndexWalk { kinds: kinds.clone(), field, descending, after: None, limit: 0 })
    }
}

/// Where a page starts that goes on after this place.
fn marked((key, id): &Place, skip: usize) -> Option<Mark> {
    let text = Constant::Text(key.whole_text()?.to_owned()).to_string();
    Some(Mark { key: Some(vec![text, id.to_string()]), skip, after: None })
}

/// The place that a mark names, if an index tells it from all others.
fn place(parts: &[String]) -> Option<Place> {
    let [text, id] = parts else { return None };
    let Ok(Expr::Constant(Constant::Text(text))) = Expr::parse(text) else { return None };
    let key = IndexKey::text(&text);
    key.whole_text()?;
    Some((key, id.parse().ok()?))
}
