"""The probes, by area. Each file is found by itself: a probe is a function with `@probe` over it."""
