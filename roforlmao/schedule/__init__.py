"""Jobs that fire by the clock: rules, the ledger of their slots, and the one scheduler of a home."""
