"""Script tools: definition, trust, install, run."""
