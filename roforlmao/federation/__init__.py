"""Joining a federation, inviting to it, starting one: a client's part, never the cluster's membership."""
