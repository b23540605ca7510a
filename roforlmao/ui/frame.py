"""What every question shares: keys to get out, the status line, notices above, colours."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable, Sequence
from textwrap import TextWrapper
from typing import Any

from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.filters import is_done
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.layout import AnyContainer, ConditionalContainer, HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.output import ColorDepth, Output, create_output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style

from roforlmao.text import one_line
from roforlmao.ui import signals
from roforlmao.ui.cells import cut
from roforlmao.ui.prompter import Back, Closed, Interrupt

TICK = 0.25  # seconds between looks for notices
STATUS_AGE = 1.0  # seconds that a status line is shown before it is asked for again

_COLORS = Style.from_dict(
    {
        "ask-title": "bold",
        "ask-dim": "dim",
        "ask-pointer": "ansicyan bold",
        "ask-chosen": "ansicyan",
        "ask-error": "ansired",
        "old": "ansired",
        "new": "ansigreen",
        "old-mark": "ansired reverse",
        "new-mark": "ansigreen reverse",
        "question": "bold",
        "answer": "ansicyan nobold",
        "instruction": "dim",
    }
)
_NO_COLORS = Style.from_dict({"question": "nobold", "answer": "nobold"})


class Frame:
    """Runs one application after the other on the same terminal.

    ``status`` and ``notices`` are called in the main thread, several times a second: they must be
    quick and must not raise. ``notices`` hands out each notice once.
    """

    def __init__(
        self,
        status: Callable[[], str],
        notices: Callable[[], Sequence[str]],
        *,
        input: Input | None = None,  # noqa: A002 (prompt_toolkit's name for it)
        output: Output | None = None,
        color: bool,
    ) -> None:
        self._status = status
        self._notices = notices
        self.input = input or create_input()
        self.output = output or _own_output()
        self.color = color
        self.style = _COLORS if color else _NO_COLORS
        self.depth = None if color else ColorDepth.DEPTH_1_BIT
        self._shown = ""
        self._shown_at = float("-inf")
        self._columns = 0

    @property
    def columns(self) -> int:
        return self.output.get_size().columns

    @property
    def rows(self) -> int:
        return self.output.get_size().rows

    def application(self, layout: Layout, keys: KeyBindings, *, erase: bool, **more: Any) -> Application[Any]:
        """One for ``run``, in the frame's colours; ``erase`` what was drawn once it has ended."""
        return Application(
            layout=layout,
            key_bindings=keys,
            style=self.style,
            color_depth=self.depth,
            input=self.input,
            output=self.output,
            erase_when_done=erase,
            **more,
        )

    def run(
        self,
        application: Application[Any],
        above: Sequence[AnyContainer] = (),
        below: Sequence[AnyContainer] = (),
        over: KeyBindings | None = None,
    ) -> Any:
        """The application's answer; raises ``Back``, ``Interrupt`` or ``Closed``.

        Its layout is wrapped: ``above`` on top, then ``below`` (gone once answered) and the status
        line at the bottom. ``over`` holds keys that win over the ways out.
        """
        application.layout = self._framed(application.layout, above, below)
        bound = application.key_bindings
        application.key_bindings = merge_key_bindings(
            [*([bound] if bound else []), _ways_out(), *([over] if over else [])]
        )
        application.ttimeoutlen = 0.05  # a lone Esc is told from a sequence after this long
        self._print(self._notices())
        try:
            with signals.deferred(lambda: _end_soon(application)):
                return application.run(
                    pre_run=lambda: self._keep_watch(application), set_exception_handler=False
                )
        except KeyboardInterrupt:
            raise Interrupt from None
        except EOFError:
            raise Closed from None
        except OSError as error:
            if error.errno == errno.EIO:  # the terminal has hung up
                raise Closed from error
            raise
        finally:
            # of two quick Escs the second waits in the parser, for what may follow it
            store_typeahead(self.input, self.input.flush_keys())

    def status_text(self) -> str:
        """The status line; asked for anew once it is old or the terminal has changed."""
        now, columns = time.monotonic(), self.columns
        if now - self._shown_at >= STATUS_AGE or columns != self._columns:
            self._shown = cut(one_line(self._status()), columns - 1)
            self._shown_at, self._columns = now, columns
        return self._shown

    def tell(self, line: str) -> None:
        """One line above the next question."""
        self._print([line])

    def _framed(self, layout: Layout, above: Sequence[AnyContainer], below: Sequence[AnyContainer]) -> Layout:
        status = FormattedTextControl(lambda: [("class:ask-dim", self.status_text())])
        filler = Window(height=Dimension(min=0, preferred=1))
        foot = HSplit([*below, filler, Window(status, height=Dimension(min=0, preferred=1, max=1))])
        inner = HSplit([*above, layout.container, ConditionalContainer(foot, filter=~is_done)])
        return Layout(inner, focused_element=layout.current_window)

    def _keep_watch(self, application: Application[Any]) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, event: _leave_broken(application, event))
        application.create_background_task(self._watch(application))
        signals.leave_if_pending()

    async def _watch(self, application: Application[Any]) -> None:
        while True:
            await asyncio.sleep(TICK)
            if notices := self._notices():
                await run_in_terminal(lambda: self._print(notices))
            before = self._shown
            if self.status_text() != before:
                application.invalidate()

    def _print(self, notices: Sequence[str]) -> None:
        folded = TextWrapper(
            max(self.columns, 20), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
        for notice in notices:
            for line in folded.wrap(f"* {one_line(notice)}"):
                self.output.write(line)
                self.output.write_raw("\r\n")
        if notices:
            self.output.flush()


def _end_soon(application: Application[Any]) -> None:
    """From a signal handler: the question ends once it is not drawing."""
    if loop := application.loop:
        loop.call_soon_threadsafe(_leave, application, Closed())


def _leave(application: Application[Any], reason: BaseException) -> None:
    """Ends the question, if it still runs; what had been drawn of it vanishes."""
    if application.future and not application.future.done():
        application.erase_when_done = True
        application.exit(exception=reason)


def _leave_broken(application: Application[Any], event: dict[str, Any]) -> None:
    """A defect in a key's or the watch's code comes out of the question, instead of being shown in it."""
    _leave(application, event.get("exception") or RuntimeError(event["message"]))


def _own_output() -> Output:
    """Standard output, which is never asked where its cursor stands.

    Terminals that do not answer would get a warning printed into every question.
    """
    output = create_output()
    if isinstance(output, Vt100_Output):
        output.enable_cpr = False
    return output


def _ways_out() -> KeyBindings:
    """Esc, Ctrl-C and Ctrl-D."""
    keys = KeyBindings()
    keys.add("escape", eager=True)(lambda event: _leave(event.app, Back()))
    keys.add("c-c", eager=True)(lambda event: _leave(event.app, Interrupt()))
    keys.add("<sigint>")(lambda event: _leave(event.app, Interrupt()))
    keys.add("c-d", eager=True)(lambda event: _leave(event.app, Closed()))
    return keys
