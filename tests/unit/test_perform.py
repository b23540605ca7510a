"""Actions through the fronts: what is spelled is read back the same, remedies are put and repeated."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roforlmao.actions.base import Action, Answers, Report
from roforlmao.actions.perform import perform, spell
from roforlmao.actions.table import ACTIONS, find
from roforlmao.arguments import answers_of, build_parser
from roforlmao.errors import BadInput, Refused, Remedy

PARSER = build_parser(ACTIONS, "launcher.py")


def read_back(words: str) -> tuple[Action, dict[str, Any]]:
    found = PARSER.parse_args(shlex.split(words)[2:])
    return found.action, answers_of(found.action, found)


text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)


@given(st.lists(text, max_size=4), st.sampled_from([None, True, False]))
def test_the_printed_verb_repeats_a_run_with_the_very_same_answers(
    args: list[str], sync: bool | None
) -> None:
    action = find("tool", "run")
    answers: dict[str, Any] = {"name": "t", "command": "collect"}
    if args:
        answers["args"] = args
    if sync is True:
        answers["sync"] = True
    assert read_back(spell(action, answers)) == (action, answers)


def test_globals_and_pairs_are_spelled_too() -> None:
    words = spell(find("tool", "run"), {"name": "t", "env": [("A", "b c")]}, ("--home", "/x y"))
    assert words == "python launcher.py --home '/x y' tool run t --env 'A=b c'"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: f"{a.group} {a.verb}".strip())
def test_every_action_is_a_verb_with_help_for_every_parameter(
    action: Action, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [action.group, action.verb] if action.group else [action.verb]
    with pytest.raises(SystemExit) as ended:
        PARSER.parse_args([*words, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    for parameter in action.parameters:
        if parameter.form == "menu":
            assert parameter.flag not in shown
            continue
        assert parameter.help.split()[0] in shown
        assert (parameter.flag if parameter.form != "positional" else "") in shown


POSITIONAL = ["t", "me", "group/img:1", "https://h/d.git", "https://h/c.git", "dockerhub"]


def test_the_old_positional_form_of_tool_add_means_the_same_as_options() -> None:
    by_place = read_back("python launcher.py tool add " + shlex.join(POSITIONAL))[1]
    options = ["--author", "--image", "--data-repo", "--code-repo", "--artefact"]
    mixed = [word for pair in zip(options, POSITIONAL[1:], strict=True) for word in pair]
    assert read_back("python launcher.py tool add t " + shlex.join(mixed))[1] == by_place


@pytest.mark.parametrize(
    "words",
    [
        "tool",
        "tool fly",
        "tool get a/b",
        "tool add t --code-repo ext::x",
        "tool add t a --author b",
        "tool add t a 'img x'",
        "tool run t c --env 1=2",
        "tool run t c --timeout soon",
        "run list --limit 0",
        "hub dates -- -x",
        "hub operators h 2026-02-30",
        "dataset add d --",
        "completion tcsh",
    ],
)
def test_wrong_usage_is_bad_input(words: str) -> None:
    with pytest.raises(BadInput):
        answers_of(*(lambda found: (found.action, found))(PARSER.parse_args(shlex.split(words))))


def refusing(_app: Any, _progress: Any, sure: bool = False) -> Report:
    if not sure:
        raise Refused("No.", remedy=Remedy("sure", True, "Sure?"))
    return Report("done")


def risky() -> Action:
    from roforlmao.actions.base import Parameter

    return Action("", "risky", "Risky", refusing, (Parameter("sure", "be sure", form="flag"),))


def test_a_remedy_is_put_to_the_operator_and_the_action_repeated_with_it() -> None:
    asked: list[str] = []

    def choose(remedy: Remedy) -> Remedy:
        asked.append(remedy.question)
        return remedy

    def call(answers: Answers) -> Report:
        return refusing(None, None, **answers)

    report, used = perform(risky(), call, {}, choose)
    assert (report.data, used, asked) == ("done", {"sure": True}, ["Sure?"])


def test_a_no_leaves_the_error_and_a_remedy_that_does_not_help_is_not_asked_twice() -> None:
    with pytest.raises(Refused):
        perform(risky(), lambda answers: refusing(None, None, **answers), {}, lambda _: None)
    with pytest.raises(Refused):
        perform(risky(), lambda _: refusing(None, None), {}, lambda remedy: remedy)
