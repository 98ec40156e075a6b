//! Bringing upstream installers in: fetched, checked, staged, published as releases.
