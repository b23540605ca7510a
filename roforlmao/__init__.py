"""roforlmao: the console of a research observatory (launcher, manager and orchestrator)."""

__version__ = "0.1.0"
