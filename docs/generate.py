"""Writes the pages of `docs/` that are made from the program: `python docs/generate.py [--check]`.

`cli.md` comes from the command line, `result.schema.json` from the pydantic model, `exit-codes.md` from the outcomes
and the error classes. With `--check` nothing is written: the difference is printed and the exit code is 1 when a page
is stale.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typer._click.core import Command, Context

FOLDER = Path(__file__).resolve().parent
WIDTH = 100
GENERATED = "<!-- Written by docs/generate.py; `make docs` writes it anew. -->\n"

OUTCOMES = {
    "met": "shown equal, and as much faster as was asked for",
    "correct": "shown equal; the wanted speedup was not reached (the best found is given, with why)",
    "abstained": "could not be shown equal, or not comparable (the best candidate is shown as unproven)",
    "out_of_budget": "a budget ended it",
    "error": "an error ended it: the exit code is the error's, below",
    "waiting": "a person's answer is needed and nobody is there",
    "interrupted": "Ctrl-C",
}
ERROR_CLASSES = ("burnish.agent.errors", "burnish.tools.errors", "burnish.sandbox.errors")


def cli_page() -> str:
    """Help of every command, as a terminal of `WIDTH` columns without colours shows it."""
    os.environ.update(NO_COLOR="1", TERM="dumb", COLUMNS=str(WIDTH))
    from burnish.agent.command_group import GROUP, command_group

    for point in entry_points(group=GROUP):
        try:
            point.load()
        except Exception as error:
            raise SystemExit(f"error: `burnish {point.name}` cannot be loaded: {error}") from None
    parts = [GENERATED, "# Command line\n"]
    for path, text in _helps(command_group(), "burnish", None):
        parts.append(f"## `{path}`\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def _helps(command: Command, name: str, parent: Context | None) -> Iterator[tuple[str, str]]:
    from typer.core import TyperCommand, TyperGroup

    if isinstance(command, TyperCommand | TyperGroup):
        command.rich_markup_mode = None
    settings = {**command.context_settings, "terminal_width": WIDTH}
    context = command.context_class(command, info_name=name, parent=parent, **settings)
    yield context.command_path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines()).strip()
    if isinstance(command, TyperGroup):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None and not found.hidden:
                yield from _helps(found, child, context)


def schema_page() -> str:
    """JSON Schema of `result.json`."""
    from burnish.agent.result import Result

    schema = Result.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def exit_codes_page() -> str:
    """Outcomes and errors with their exit codes."""
    from burnish.agent.result import EXIT_CODES

    missing = set(EXIT_CODES) ^ set(OUTCOMES)
    if missing:
        raise SystemExit(f"error: docs/generate.py and agent/result.py differ in the outcomes {sorted(missing)}")
    lines = [GENERATED, "# Outcomes, errors and exit codes\n", "| outcome | meaning | exit |", "|---|---|---|"]
    lines += [
        f"| {outcome} | {OUTCOMES[outcome]} | {code if outcome != 'error' else ''} |"
        for outcome, code in EXIT_CODES.items()
    ]
    lines += ["", "`judge` exits with 0 only when the new program is shown equal and faster.", ""]
    lines += ["| error | meaning | exit |", "|---|---|---|"]
    lines += [f"| {name} | {text} | {code} |" for code, name, text in sorted(_errors())]
    lines += [
        "| internal error | A defect of Burnish; the message names a file with the details. | 70 |",
        "",
        "Wrong options on the command line exit with 2, a closed output pipe with 141.",
        "",
        "People read errors on stderr: `error: ...`, and below it `hint: ...` when something can be done. With",
        '`--json`, stdout also gets one line `{"type": "error", "message": ..., "hint": ..., "exit_code": ...}`.',
    ]
    return "\n".join(lines) + "\n"


def _errors() -> Iterator[tuple[int, str, str]]:
    for module in map(importlib.import_module, ERROR_CLASSES):
        for name, found in vars(module).items():
            code = getattr(found, "exit_code", None)
            if inspect.isclass(found) and name != "BurnishError" and isinstance(code, int):
                yield code, name, cast(str, inspect.getdoc(found)).splitlines()[0].replace("`", "")


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "exit-codes.md": exit_codes_page,
    "result.schema.json": schema_page,
}


def stale(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """The pages in `folder` that differ from what the program says: file, text there, text wanted."""
    for name, make in PAGES.items():
        file, wanted = folder / name, make()
        there = file.read_text(encoding="utf-8") if file.exists() else ""
        if there != wanted:
            yield file, there, wanted


def main() -> int:
    """Write or check the pages; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python docs/generate.py", description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pages lie (default: beside this file)")
    options = parser.parse_args()
    pages = list(stale(options.folder))
    for file, there, wanted in pages:
        if options.check:
            names = (f"{file.name} as it is", f"{file.name} as the program says")
            sys.stdout.writelines(difflib.unified_diff(there.splitlines(True), wanted.splitlines(True), *names))
            print(f"error: docs/{file.name} is stale\nhint: make docs", file=sys.stderr)
        else:
            file.write_text(wanted, encoding="utf-8")
            print(f"wrote {file.name}")
    return 1 if options.check and pages else 0


if __name__ == "__main__":
    sys.exit(main())
