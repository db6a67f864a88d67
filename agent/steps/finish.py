"""The end of a run: its files, their copies, the change in the user's file; after an error, what is known of it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from burnish.agent.errors import StorageError
from burnish.agent.result import EXIT_CODES, Result
from burnish.agent.runs.events import Warned
from burnish.agent.runs.storage import sync_folder, write_all
from burnish.agent.steps.context import Run
from burnish.agent.steps.report import make_result, write_files


def finish(run: Run, result: Result, chosen: str | None, *, apply: bool, output: Path | None) -> int:
    """Write everything, apply the change if that was asked for, and tell the view.

    What belongs to the run is written whatever becomes of the copies elsewhere, so that nothing is lost with them.

    Args:
        chosen: id of the program to hand over.
        apply: write it over the target, if the outcome is `met`.
        output: folder for copies of the files.

    Returns:
        The exit code.

    Raises:
        StorageError: the disk refuses.
    """
    folder = run.record.folder
    refused: StorageError | None = None
    with _no_interrupt():
        if apply and result.outcome == "met" and chosen:
            try:
                problem = _apply(run, chosen)
            except StorageError as error:
                refused, problem = error, f"Not applied: {error.message}."
            result.notes.append(problem or f"Applied to {run.target.path}.")
            if problem:
                run.emit(Warned(text=problem))
        run.view.show(run.record.finish(result.outcome, result.budget.wall_s))
        saved = run.record.write_result(result)
        files = [*write_files(run, result, folder, chosen), saved]
        if output is not None:
            try:
                with writing(output):
                    files = [Path(shutil.copyfile(file, output / file.name)) for file in files]
            except StorageError as error:
                refused = error
    run.view.finish(result, files)
    if refused is not None:
        raise StorageError(refused.message, f"{refused.hint} Everything is also in {folder}.")
    return EXIT_CODES[result.outcome]


def keep_error(run: Run, error: Exception) -> None:
    """Record that `error` ended the run. Where the disk refuses even that, the error itself is what people see."""
    run.notes.append(getattr(error, "message", None) or f"{type(error).__name__}: {error}")
    with suppress(StorageError), _no_interrupt():
        result = make_result(run, "error", None)
        run.view.show(run.record.finish(result.outcome, result.budget.wall_s))
        run.record.write_result(result)


def _apply(run: Run, chosen: str) -> str | None:
    """Write the program over the target, whole or not at all; why it was not done, if it was not.

    Raises:
        StorageError: the disk refuses.
    """
    path = run.target.path.resolve()
    with writing(path.parent):
        if path.read_bytes() != run.target.program.source.encode("utf-8"):
            return f"{run.target.path} was changed meanwhile, so the faster version was not applied."
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            write_all(descriptor, run.programs[chosen].source.encode("utf-8"))
            os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
            os.fsync(descriptor)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        sync_folder(path.parent)
    return None


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses inside the block, where the user asked for files in `folder`, into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"cannot write to {folder}: {(error.strerror or str(error)).lower()}",
            "Make it a folder that can be written, with room on its disk, or choose another.",
        ) from error


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Files are being written, which takes an instant: Ctrl-C must not tear them apart."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
