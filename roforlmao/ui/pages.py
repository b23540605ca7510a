"""Which entry stands on which menu page."""

from __future__ import annotations

from dataclasses import dataclass

from roforlmao.actions.base import Action
from roforlmao.actions.table import find


@dataclass(frozen=True)
class Page:
    """A menu: its entries are actions, by group and verb, or pages below it."""

    title: str
    entries: tuple[Page | tuple[str, str], ...]

    def entry(self, title: str) -> Page | Action | None:
        """The page or action of that title."""
        for item in self.entries:
            found = item if isinstance(item, Page) else find(*item)
            if found.title == title:
                return found
        return None

    @property
    def titles(self) -> list[str]:
        return [item.title if isinstance(item, Page) else find(*item).title for item in self.entries]


MAIN = Page(
    "roforlmao",
    (
        ("tool", "run"),
        Page(
            "Tools",
            (
                ("tool", "get"),
                ("tool", "add"),
                ("tool", "import"),
                ("tool", "install"),
                ("tool", "installed"),
                ("tool", "help"),
                ("tool", "update"),
                ("tool", "uninstall"),
                ("tool", "remove"),
            ),
        ),
        Page(
            "Data",
            (
                ("dataset", "get"),
                ("dataset", "add"),
                ("dataset", "clone"),
                ("dataset", "sync"),
                ("dataset", "preview"),
                ("dataset", "fill"),
                ("dataset", "history"),
                ("dataset", "list-local"),
                ("dataset", "remove-local"),
                ("dataset", "remove"),
            ),
        ),
        ("", "compare"),
        ("hub", "retrieve"),
        Page(
            "Hubs",
            (
                ("hub", "list"),
                ("hub", "dates"),
                ("hub", "operators"),
                ("hub", "calendar"),
                ("", "audit"),
                ("", "vote"),
                ("hub", "retract"),
            ),
        ),
        Page(
            "Runs",
            (
                ("run", "list"),
                ("run", "show"),
                ("run", "log"),
                ("run", "sync"),
                ("run", "push-all"),
                ("outbox", "list"),
                ("outbox", "deliver"),
                ("outbox", "discard"),
            ),
        ),
        Page(
            "Schedule",
            (
                ("scheduler", "status"),
                ("tool", "schedule"),
                ("tool", "list-scheduled"),
                ("tool", "run-now"),
                ("tool", "catch-up"),
                ("tool", "edit-scheduled"),
                ("tool", "pause"),
                ("tool", "resume"),
                ("tool", "cancel"),
                ("tool", "stop"),
            ),
        ),
        Page("Spikes", (("spike", "check"), ("spike", "backtest"), ("spike", "ack"), ("spike", "marks"))),
        Page("Notifications", (("notification", "list"), ("notification", "ack"), ("notification", "test"))),
        Page(
            "Federation",
            (
                Page(
                    "Experiments",
                    (
                        ("experiment", "get"),
                        ("experiment", "run"),
                        ("experiment", "schedule"),
                        ("experiment", "add"),
                        ("experiment", "remove"),
                    ),
                ),
                ("member", "list"),
                ("federation", "join"),
                ("federation", "invite"),
                ("federation", "start"),
                ("federation", "import-legacy"),
            ),
        ),
        Page("Settings", (("", "init"), ("", "config"), ("", "doctor"))),
        ("", "demo"),
    ),
)
