"""What can be done: one function per action, declared once with its parameters."""
