"""One call, and everything a caller can see of it.

An observation is encoded as one graph, so that a result which is (or holds) one of the arguments shows as such:

    {"outcome": "returned" | "raised", "value": ..., "args": [...], "kwargs": {...}, "state": {...},
     "stdout": bytes, "stderr": bytes, "warnings": [[category, text], ...], "random": int or None,
     "files": {path: bytes}, "process": {name: text}, "audit": [event, ...], "threads": int, "cut": bool}
"""

import dis
import itertools
import os
import sys
import types

from . import codec, state, surroundings

_RAISE = {dis.opmap[name] for name in ("RAISE_VARARGS", "RERAISE") if name in dis.opmap}
_WATCHED = (
    "ctypes.", "gc.get_", "sys.settrace", "sys.setprofile", "sys._current_frames", "os.kill", "os.fork", "os.exec",
    "os.posix_spawn", "os.system", "subprocess.", "socket.", "signal.", "sys.addaudithook", "os.putenv", "mmap.",
    "shutil.", "os.chmod", "os.link", "os.symlink",
)  # fmt: skip
PRINTED_LIMIT = 1 << 20


class Unit:
    """A function of a module that is loaded anew in every process."""

    def __init__(self, code, name, path):
        self.code, self.name, self.path = code, name, path
        self.module = None
        self.function = None

    def load(self):
        """Run the module; raises what it raises."""
        module = types.ModuleType("target")
        module.__file__ = self.path
        sys.modules["target"] = module
        self.module = module
        exec(self.code, module.__dict__)
        self.function = module.__dict__[self.name]
        del surroundings.caught[:]


def raised_by_statement(error):
    """False when the interpreter or built-in code raised `error`; True when a raise statement did, or nobody yet."""
    if isinstance(error, SystemExit):
        return True  # its code is what a caller gets, whoever raised it
    trace = BaseException.__traceback__.__get__(error)
    if trace is None:
        return True
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code.co_code
    return 0 <= trace.tb_lasti < len(code) and code[trace.tb_lasti] in _RAISE


class Audit:
    """Notes audit events of things that a program under observation has no business with."""

    def __init__(self, own):
        self.events = set()
        self.on = True
        self._own = own
        sys.addaudithook(self._hook)

    def _hook(self, event, args):
        if not self.on:
            return
        if event == "sys._getframe":
            if args and args[0] is not None and os.path.dirname(args[0].f_code.co_filename) == self._own:
                self.events.add("frames of the observer")
        elif event == "open":
            if args and type(args[0]) in (str, bytes):
                path = os.path.realpath(os.fsdecode(args[0]))
                if path.startswith(("/proc", "/dev/shm")):
                    self.events.add("open " + path.split("/")[1])
        elif event.startswith(_WATCHED):
            self.events.add(event)


class Printed:
    """Files behind descriptors 1 and 2, so that whatever prints, in Python or below it, is seen."""

    def __init__(self, folder):
        self._files = []
        for fd in (1, 2):
            path = os.path.join(folder, ".printed%d" % fd)
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.unlink(path)
            os.dup2(opened, fd)
            self._files.append(opened)

    def read(self):
        """(stdout, stderr, whether either went past the limit)."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        texts, cut = [], False
        for fd in self._files:
            size = os.fstat(fd).st_size
            cut = cut or size >= PRINTED_LIMIT
            texts.append(os.pread(fd, PRINTED_LIMIT, 0))
        return texts[0], texts[1], cut


def observe(unit, call, job, audit, printed, settings):
    """Call the unit once and encode what can be seen of it. `settings` tells what was before the program came."""
    args, kwargs = call
    before = _encoded(_attributes(unit, job["watch"]))
    try:
        outcome, value = "returned", unit.function(*args, **kwargs)
    except BaseException as error:
        outcome, value = "raised", error
    seen = {
        "outcome": outcome,
        "value": value,
        "args": list(args),
        "kwargs": kwargs,
        "state": _changed(unit, job["watch"], before),
    }
    encoder = codec.Encoder(raised_by_statement)
    body = bytearray()
    for name, part in seen.items():
        encoder.put(part)
        body += codec.encode(name) + encoder.out
        encoder.out = bytearray()
    # What follows is read after the values above were walked: a lazy value prints and warns when it is walked.
    stdout, stderr, cut = printed.read()
    rest = {
        "stdout": stdout,
        "stderr": stderr,
        "cut": cut,
        "warnings": list(surroundings.caught),
        "random": settings.random(),
        "process": settings.changes(),
        "threads": surroundings.threads(),
        "audit": sorted(audit.events),
        "files": settings.files(),
    }
    return codec.encode(len(seen)) + bytes(body) + codec.encode(rest)


def _attributes(unit, names):
    """The module's attributes of these names, and what its classes of these names hold beside methods."""
    found = {}
    for name in names:
        value = unit.module.__dict__.get(name, _MISSING)
        if isinstance(value, type):
            if value.__module__ == unit.module.__name__:
                for key, inner in list(type.__getattribute__(value, "__dict__").items()):
                    if not (key.startswith("__") or callable(inner) or hasattr(type(inner), "__get__")):
                        found["%s.%s" % (name, key)] = inner
        elif type(value) is itertools.count:
            found[name] = repr(value)
        elif type(value) not in codec.ITERATORS:  # walking others would change them
            found[name] = value
    return found


_MISSING = ("deleted",)


def _encoded(found):
    return {name: codec.encode(value) for name, value in found.items()}


def _changed(unit, names, before):
    """The attributes that the call changed, with their values now; a deleted one as a mark of its own."""
    values = _attributes(unit, names)
    after = _encoded(values)
    return {
        name: values.get(name, _MISSING)
        for name in list(before) + [name for name in after if name not in before]
        if before.get(name) != after.get(name)
    }


def shift_clock(seconds):
    """Move every clock of `time` and `datetime` that tells the date, to show a program that depends on it."""
    import datetime
    import time

    real = {name: getattr(time, name) for name in ("time", "time_ns", "gmtime", "localtime")}
    time.time = lambda: real["time"]() + seconds
    time.time_ns = lambda: real["time_ns"]() + seconds * 10**9
    time.gmtime = lambda at=None: real["gmtime"](time.time() if at is None else at)
    time.localtime = lambda at=None: real["localtime"](time.time() if at is None else at)
    moved = datetime.timedelta(seconds=seconds)

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls):
            return super().utcnow() + moved

        @classmethod
        def today(cls):
            return cls.now()

    class ShiftedDate(datetime.date):
        @classmethod
        def today(cls):
            return datetime.date.fromtimestamp(time.time())

    state.STAND_INS.update({Shifted: datetime.datetime, ShiftedDate: datetime.date})
    datetime.datetime, datetime.date = Shifted, ShiftedDate
