"""The sample observatory: two operators, a local remote and a small real collector."""
