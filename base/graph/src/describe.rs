//! The API described for programs, from the declarations alone.

mod csdl;
mod openapi;

pub(crate) use csdl::csdl;
pub(crate) use openapi::openapi;
