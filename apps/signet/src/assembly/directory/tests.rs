//! The directory API as it is assembled, with every type of every capability, asked by callers of any kind.

mod administrators;
mod agents;
mod casts;
mod permissions_page;
mod prefixed_sets;
mod previews;
mod responsible;
mod rows;
mod world;
