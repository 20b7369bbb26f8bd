//! The types that only occur as values, of all that declare some.

use crate::catalog::DirectoryType;
use crate::signature::{ComplexType, Signature};
use std::sync::Arc;

/// What actions and functions take and answer, of those that say so.
pub(super) fn signatures(types: &[Arc<DirectoryType>]) -> impl Iterator<Item = Signature> {
    let of_objects = types.iter().flat_map(|one| &one.actions).filter_map(|action| action.signature());
    let of_sets = types.iter().flat_map(|one| &one.set_actions).filter_map(|action| action.signature());
    of_objects.chain(of_sets)
}

/// The types of values that say what they hold.
pub(super) fn declared_types(types: &[Arc<DirectoryType>]) -> Vec<&'static ComplexType> {
    let mut all: Vec<&'static ComplexType> = types.iter().flat_map(|one| one.entity.complex_types()).collect();
    all.extend(types.iter().flat_map(|one| &one.contained).flat_map(|contained| contained.complex_types()));
    for signature in signatures(types) {
        all.extend(signature.complex_types());
    }
    all
}
