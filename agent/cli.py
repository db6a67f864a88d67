"""The `burnish` command: runs a command and turns every way it can end into a message and an exit code."""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from burnish.agent.config import home, version

TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")
SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL")
DISK_FULL = (errno.ENOSPC, errno.EROFS, errno.EDQUOT)
EXIT_USAGE, EXIT_INTERNAL, EXIT_STORAGE, EXIT_INTERRUPTED, EXIT_PIPE = 2, 70, 74, 130, 141
VERSIONS_IN_CRASH = ("typer", "rich", "pydantic", "langgraph", "httpx", "jinja2", "tree-sitter", "xllamacpp")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: the process's own) and return its exit code; see `docs/exit-codes.md`.

    Never raises for what a command does, and never prints a traceback: an unexpected exception goes to a file that
    the message names.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    for name in TRACING:
        os.environ[name] = "false"
    threading.excepthook = _thread_crashed
    try:
        code = _run(args)
        _flush()
    except BrokenPipeError:
        _forget_stdout()
        return EXIT_PIPE
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE if stop.code else 0
    return code


def _run(args: list[str]) -> int:
    as_json = "--json" in args
    try:
        from burnish.agent.command_group import Interrupted, OutputClosed, command_group
    except KeyboardInterrupt:
        return _say("interrupted", "", EXIT_INTERRUPTED, as_json, label="")
    try:
        outcome = command_group().main(args=args, prog_name="burnish", standalone_mode=False)
    except (Interrupted, KeyboardInterrupt):
        return _say("interrupted", "", EXIT_INTERRUPTED, as_json, label="")
    except OutputClosed as closed:
        raise BrokenPipeError from closed
    except Exception as error:
        return _failed(error, args, as_json)
    return outcome if isinstance(outcome, int) else 0


def _failed(error: Exception, args: list[str], as_json: bool) -> int:
    """Message and exit code for what a command raised."""
    message, code = getattr(error, "message", None), getattr(error, "exit_code", None)
    if hasattr(error, "format_message") and isinstance(code, int):
        hint = "see `burnish --help`"
        if (context := getattr(error, "ctx", None)) is not None:
            hint = f"see `{context.command_path} --help`"
        return _say(error.format_message(), hint, code, as_json)
    if isinstance(message, str) and isinstance(code, int):
        return _say(message, str(getattr(error, "hint", "")), code, as_json)
    if type(error).__name__ == "Abort":
        return _say("interrupted", "", EXIT_INTERRUPTED, as_json, label="")
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        where = f" ({error.filename})" if error.filename else ""
        hint = f"make room or set BURNISH_HOME to a folder that can be written; it is {home()} now"
        return _say(f"cannot write: {os.strerror(error.errno)}{where}", hint, EXIT_STORAGE, as_json)
    crash = write_crash(error, args)
    hint = f"details are in {crash}; please attach that file to a bug report" if crash else "no crash file was written"
    return _say(f"internal error: {type(error).__name__}: {error}", hint, EXIT_INTERNAL, as_json)


def _say(message: str, hint: str, code: int, as_json: bool, label: str = "error: ") -> int:
    """Print the message on stderr (and as a JSON line on stdout); returns `code`."""
    from burnish.agent.text import for_terminal

    if as_json:
        line = {"type": "error", "message": message, "hint": hint, "exit_code": code}
        print(json.dumps(line), flush=True)
    print(for_terminal(f"{label}{message}"), file=sys.stderr)
    if hint:
        print(for_terminal(f"hint: {hint}"), file=sys.stderr)
    return code


def write_crash(error: BaseException, args: Sequence[str]) -> Path | None:
    """Write what is needed to understand `error` to a new file under `home()/crashes`, else the temporary folder.

    Values of environment variables named like a secret are withheld. Returns the file, or None when nothing
    could be written anywhere.
    """
    text = _withhold_secrets(_crash_text(error, args))
    for folder in (home() / "crashes", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-")
            handle, name = tempfile.mkstemp(prefix=f"burnish-crash-{stamp}", suffix=".txt", dir=folder)
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return Path(name)
    return None


def _crash_text(error: BaseException, args: Sequence[str]) -> str:
    import platform
    import shlex
    import traceback
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    def read(package: str) -> str:
        try:
            return version() if package == "burnish" else installed(package)
        except PackageNotFoundError:
            return "not installed"

    packages = "\n".join(f"{name} {read(name)}" for name in ("burnish", *VERSIONS_IN_CRASH))
    return (
        f"command: burnish {shlex.join(args)}\n"
        f"python {platform.python_version()} on {platform.platform()}\n{packages}\n\n"
        + "".join(traceback.format_exception(error))
    )


def _withhold_secrets(text: str) -> str:
    for name, value in os.environ.items():
        if len(value) >= 8 and any(word in name.upper() for word in SECRET_WORDS):
            text = text.replace(value, f"[{name} withheld]")
    return text


def _thread_crashed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        where = write_crash(args.exc_value, sys.argv[1:])
        _say(f"a background thread failed: {args.exc_type.__name__}", f"details are in {where}", EXIT_INTERNAL, False)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def _forget_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere instead of failing on the closed pipe."""
    with Path(os.devnull).open("w") as nowhere:
        for number in (1, 2):
            os.dup2(nowhere.fileno(), number)


if __name__ == "__main__":
    sys.exit(main())
