"""Peers' snapshots of one day: fetched, held against each other, judged."""
