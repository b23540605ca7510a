"""The shared key/value store: one contract, its backends, and the typed catalogue on top."""
