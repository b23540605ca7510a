"""Hands notifications on to a webhook, ntfy, e-mail or another service of the operator's choice."""
