"""Control metrics and the detectors that judge them."""
