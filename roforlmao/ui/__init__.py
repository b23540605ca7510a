"""The terminal: prompts, menus, progress, rendering."""
