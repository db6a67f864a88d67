"""What a program may change beside values: the environment, settings of the interpreter, names of built-in modules."""

import _locale
import gc
import os
import random
import stat
import sys
import warnings
from typing import List

_MODULES = ("builtins", "datetime", "io", "math", "os", "random", "time")
caught: List[List[str]] = []
"""Category and text of each warning since the program was loaded."""


def _note(message, category, *rest, **more):
    caught.append(["%s.%s" % (category.__module__, category.__qualname__), str(message)])


def hide():
    """Take away what tells a program that it is being observed, and under which hash seed."""
    for name in ("PYTHONHASHSEED", "PYTHONPATH"):
        os.environ.pop(name, None)
    sys.argv[:] = [""]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = [""]


def catch_warnings():
    """The same in every job, so that no program can tell by it what it is run for."""
    warnings.simplefilter("always")
    warnings.showwarning = _note


def random_state():
    """A number for the state of the `random` module, without its seed's name."""
    version, numbers, gauss = random.getstate()
    # Numbers alone: hashes of texts and of None differ from process to process.
    return hash((version, numbers, gauss is None, gauss or 0.0))


def threads():
    """Threads beside the main one, whoever started them."""
    return len(os.listdir("/proc/self/task")) - 1


class Before:
    """How things are before a program is loaded."""

    def __init__(self):
        self._names = {name: dict(sys.modules[name].__dict__) for name in _MODULES if name in sys.modules}
        self._settings = _settings()
        self._random = random_state()
        self._folder = os.getcwd()

    def changes(self):
        """Name and new value of all that is no longer as it was."""
        after = _settings()
        found = {}
        for name in list(self._settings) + list(after):
            if self._settings.get(name) != after.get(name):
                found[name] = after.get(name, "removed")
        for module, names in self._names.items():
            now = sys.modules[module].__dict__ if module in sys.modules else {}
            for name in set(names) | set(now):
                if names.get(name, self) is not now.get(name, self) and not _is_incidental(name):
                    found["%s.%s" % (module, name)] = "replaced"
        return found

    def files(self):
        """What lies in the folder that was the working folder."""
        return _files(self._folder)

    def random(self):
        """The state of `random` if it was touched; None if not."""
        state = random_state()
        return None if state == self._random else state


def _is_incidental(name):
    return name.startswith("__") and name not in ("__import__", "__build_class__")


def _settings():
    found = {"environment variable %s" % name: value for name, value in os.environ.items()}
    try:
        found["working folder"] = os.getcwd()
    except OSError:
        found["working folder"] = "removed"
    found["garbage collection"] = str((gc.isenabled(), gc.get_threshold()))
    found["recursion limit"] = str(sys.getrecursionlimit())
    found["switch interval"] = str(sys.getswitchinterval())
    found["import path"] = str(sys.path)
    mask = os.umask(0)
    os.umask(mask)
    found["umask"] = str(mask)
    for name in ("stdin", "stdout", "stderr", "excepthook", "displayhook"):
        found["sys." + name] = str(getattr(sys, name, None) is getattr(sys, "__%s__" % name, None))
    decimal = sys.modules.get("decimal")
    if decimal is not None:
        context = decimal.getcontext()
        found["decimal context"] = str((context.prec, context.rounding, context.Emin, context.Emax))
    else:
        found["decimal context"] = "(28, 'ROUND_HALF_EVEN', -999999, 999999)"
    found["locale"] = _locale.setlocale(_locale.LC_ALL)
    return found


def _files(folder, most=1000):
    """Files below `folder` by their paths in it: their bytes, or their size and digest where they are large."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in sorted(names)[:most]:
            whole = os.path.join(base, name)
            path = os.path.relpath(whole, folder)
            try:
                mode = os.lstat(whole).st_mode
                if not stat.S_ISREG(mode):  # reading a pipe would never end
                    found[path] = b"link to " + os.fsencode(os.readlink(whole)) if stat.S_ISLNK(mode) else b"no file"
                    continue
                with open(whole, "rb") as file:
                    body = file.read(1 << 16)
                    if len(body) == 1 << 16:
                        import hashlib

                        digest = hashlib.sha256(body)
                        size = len(body)
                        for part in iter(lambda: file.read(1 << 20), b""):
                            digest.update(part)
                            size += len(part)
                        body = b"%d bytes, SHA-256 %s" % (size, digest.hexdigest().encode())
                    found[path] = body
            except OSError as error:
                found[path] = type(error).__name__.encode()
    return found
