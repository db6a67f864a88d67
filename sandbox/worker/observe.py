"""One call, and everything a caller can see of it.

An observation is encoded as one graph, so that a result which is (or holds) one of the arguments shows as such:

    {"outcome": "returned" | "raised", "value": ..., "args": [...], "kwargs": {...}, "state": {...},
     "stdout": bytes, "stderr": bytes, "warnings": [[category, text], ...], "random": int or None,
     "files": {path: bytes}, "audit": [event, ...], "threads": int, "cut": bool}
"""

import dis
import os
import sys
import types
import warnings

from . import codec, state

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


def raised_by_statement(error):
    """False when the interpreter or built-in code raised `error`; True when a raise statement did, or nobody yet."""
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


def observe(unit, call, job, audit, printed):
    """Call the unit once and encode what can be seen of it."""
    args, kwargs = call
    caught = []
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, category, *rest, **more: caught.append(
        [state.class_name(category), str(message)]
    )
    before = _attributes(unit, job["watch"])
    try:
        outcome, value = "returned", unit.function(*args, **kwargs)
    except BaseException as error:
        outcome, value = "raised", error
    seen = {
        "outcome": outcome,
        "value": value,
        "args": list(args),
        "kwargs": kwargs,
        "state": _changed(unit, before),
    }
    encoder = codec.Encoder(raised_by_statement)
    body = bytearray()
    for name, part in seen.items():
        encoder.put(part)
        body += codec.encode(name) + encoder.out
        encoder.out = bytearray()
    # What follows is read after the values above were walked: a lazy value prints and warns when it is walked.
    stdout, stderr, cut = printed.read()
    threads = sys.modules.get("threading")
    rest = {
        "stdout": stdout,
        "stderr": stderr,
        "cut": cut,
        "warnings": caught,
        "random": _random_state() if job["random"] else None,
        "files": _files("."),
        "audit": sorted(audit.events),
        "threads": threads.active_count() - 1 if threads else 0,
    }
    return codec.encode(len(seen)) + bytes(body) + codec.encode(rest)


def _attributes(unit, names):
    """Encodings of the module's attributes; iterators are left out, as walking them would change them."""
    found = unit.module.__dict__
    return {
        name: codec.encode(found[name]) if name in found else None
        for name in names
        if type(found.get(name)) not in codec.ITERATORS
    }


def _changed(unit, before):
    """The attributes that the call changed, with their values now; a deleted one as a mark of its own."""
    after = _attributes(unit, before)
    found = unit.module.__dict__
    return {name: found.get(name, ("deleted",)) for name, body in before.items() if after.get(name) != body}


def _random_state():
    import random

    version, numbers, gauss = random.getstate()
    # Numbers alone: hashes of texts and of None differ from process to process.
    return hash((version, numbers, gauss is None, gauss or 0.0))


def _files(folder, most=100):
    found = {}
    for base, _, names in os.walk(folder):
        for name in sorted(names)[:most]:
            path = os.path.join(base, name)
            try:
                with open(path, "rb") as file:
                    found[path] = file.read(1 << 16)
            except OSError as error:
                found[path] = type(error).__name__.encode()
    return found


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
