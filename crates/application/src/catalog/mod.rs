//! The catalog: who may read and change it, and the events about it.

mod service;
