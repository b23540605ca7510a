"""Progress of a clone, fetch or push, as git reports it."""

from __future__ import annotations

from collections.abc import Callable

from roforlmao.progress import Progress


def transfer_lines(progress: Progress) -> Callable[[str], None]:
    """A consumer of git's standard error that forwards its counts to ``progress``.

    The lines are read by GitPython's ``RemoteProgress``.
    """
    from git import RemoteProgress

    labels = {
        RemoteProgress.COUNTING: "Counting objects",
        RemoteProgress.COMPRESSING: "Compressing objects",
        RemoteProgress.WRITING: "Sending objects",
        RemoteProgress.RECEIVING: "Receiving objects",
        RemoteProgress.RESOLVING: "Resolving deltas",
        RemoteProgress.FINDING_SOURCES: "Finding objects",
        RemoteProgress.CHECKING_OUT: "Writing files",
    }

    class Forward(RemoteProgress):
        def update(
            self,
            op_code: int,
            cur_count: str | float,
            max_count: str | float | None = None,
            message: str = "",  # noqa: ARG002 - GitPython's signature
        ) -> None:
            total = int(float(max_count)) if max_count else None
            if op_code & self.BEGIN:
                progress.start(labels.get(op_code & self.OP_MASK, "Working"), total, "objects")
            progress.update(int(float(cur_count or 0)), total)

        def line_dropped(self, line: str) -> None:
            if line.startswith("remote: "):
                progress.log(line)

    return Forward().new_message_handler()
