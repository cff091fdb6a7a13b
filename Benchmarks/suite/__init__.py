"""Measures `dtrain mlp` beside its peers; Benchmarks/mlp is the command."""
