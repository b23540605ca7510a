"""Two snapshots compared: how they are read, which rows belong together, what differs."""
