"""The commands of `burnish`, found through the entry-point group `burnish.commands` and loaded when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

if TYPE_CHECKING:
    from typer._click.core import Command, Context

GROUP = "burnish.commands"


class Interrupted(Exception):
    """Ctrl-C while a command ran."""


class OutputClosed(Exception):
    """Whoever read the output went away while a command ran."""


class Commands(MutableMapping[str, "Command"]):
    """Commands by name; one is imported when it is first looked up, so that the names cost nothing."""

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        self._points = {point.name: point for point in points}
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._loaded:
            self._loaded[name] = load(self._points[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        self._loaded.pop(name, None)
        del self._points[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._points, *self._loaded}))

    def __len__(self) -> int:
        return len({*self._points, *self._loaded})

    def __contains__(self, name: object) -> bool:
        return name in self._points or name in self._loaded


class CommandGroup(TyperGroup):
    """The group at the top, whose commands come from the entry points."""

    def __init__(self, **settings: Any) -> None:  # passed on to Typer, whose settings have no common type
        super().__init__(**settings)
        self.commands = Commands(entry_points(group=GROUP))

    def invoke(self, ctx: Context) -> Any:
        """Run the command. Typer would turn Ctrl-C and a closed pipe into plain exit codes, which the caller could not
        tell from a command's own."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise Interrupted from stop
        except BrokenPipeError as stop:
            raise OutputClosed from stop


def load(point: EntryPoint) -> Command:
    """The command that `point` names: a plain function in Typer's style, or a Typer app.

    A command that cannot be imported still has a place in the list; running it raises what importing it raised.
    """
    try:
        found = point.load()
    except Exception as error:
        found = _broken(error)
    if isinstance(found, typer.Typer):
        command: Command = get_group(found)
    else:
        app = typer.Typer(add_completion=False)
        app.command(name=point.name)(found)
        command = get_command(app)
    command.name = point.name
    return command


def _broken(error: Exception) -> Callable[[], NoReturn]:
    def command() -> NoReturn:
        raise error

    command.__doc__ = f"Cannot be loaded: {type(error).__name__}."
    return command


def command_group() -> CommandGroup:
    """The whole command line; making it imports no command."""
    options = {"help_option_names": ["-h", "--help"]}
    app = typer.Typer(cls=CommandGroup, pretty_exceptions_enable=False, context_settings=options)
    app.callback(invoke_without_command=True)(_start)
    group = get_command(app)
    assert isinstance(group, CommandGroup)
    return group


def _show_version(wanted: bool) -> None:
    if wanted:
        from burnish.agent.config import version

        typer.echo(f"burnish {version()}")
        raise typer.Exit


def _start(
    context: typer.Context,
    show_version: bool = typer.Option(
        False, "--version", help="Show the version and exit.", is_eager=True, callback=_show_version
    ),
) -> None:
    """Makes slow Python functions faster, shows that they still do the same, and hands over the evidence."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
