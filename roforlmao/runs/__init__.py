"""A run from start to announcement, and its history."""
