"""git, driven safely: clone, update, guard, commit, push."""
