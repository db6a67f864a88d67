"""What a job does once its program is loaded: observe, time, profile or count."""

import signal
import sys

from . import codec, frames, observe, surroundings


class Job:
    """A loaded program and what is to be done with it."""

    def __init__(self, unit, order, audit, printed, before, values_in, values_out):
        self.unit, self.order = unit, order
        self.audit, self.printed, self.before = audit, printed, before
        self.values_in, self.values_out = values_in, values_out

    def ready(self):
        """Tell that the program is loaded, and how many threads that left."""
        told = {"ready": True, "problem": None, "threads": surroundings.threads()}
        frames.write(self.values_out, codec.encode(told))

    def calls(self):
        """What is to be called with, once it has arrived."""
        return codec.decode(frames.read(self.values_in))

    def answer(self, body):
        """Hand over one frame."""
        frames.write(self.values_out, body)


def _observe(job):
    for call in job.order["warm"]:
        _spoil(_call(job.unit, call)[1])
    del surroundings.caught[:]
    job.ready()
    job.answer(observe.observe(job.unit, job.calls(), job.order, job.audit, job.printed, job.before))


def _spoil(value):
    """Do to a result what its owner may: change it."""
    if type(value) in (list, dict, set, bytearray):
        value.clear()


def _call(unit, call):
    """What is timed of one call: its result, walked to the end if it is lazy, and encoded."""
    try:
        return [True, unit.function(*call[0], **call[1])]
    except Exception as error:
        return [False, error]


def _time(job):
    """Warm up on the calls of the order, say ready, then answer one batch of calls; the reader holds the watch.

    When the results have been read, the arguments follow as the calls left them: work left undone on them would not
    show in the results.
    """
    unit = job.unit
    for call in job.order["warm"]:
        codec.encode(_call(unit, call), observe.raised_by_statement)
    job.ready()
    calls = job.calls()
    encoder = codec.Encoder(observe.raised_by_statement)
    encoder.put([_call(unit, call) for call in calls])
    job.answer(encoder.out)
    job.audit.on = False
    job.answer(codec.encode(calls))
    job.answer(codec.encode(sorted(job.audit.events)))


def _profile(job):
    """Where the time of one call goes: CPU-time samples for each line of the unit's file."""
    lines = {}

    def sample(number, frame):
        while frame is not None and frame.f_code.co_filename != job.unit.path:
            frame = frame.f_back
        if frame is not None:
            lines[frame.f_lineno] = lines.get(frame.f_lineno, 0) + 1

    job.ready()
    call = job.calls()
    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, job.order["interval"], job.order["interval"])
    codec.encode(_call(job.unit, call))
    signal.setitimer(signal.ITIMER_PROF, 0)
    job.answer(codec.encode(lines))


_lines = [0]


def count_lines():
    """Count from here on, the loading of the program included: work moved there is no saving."""

    def on_line(frame, event, arg):
        if event == "line":
            _lines[0] += 1
        return on_line

    sys.settrace(on_line)


def _count(job):
    """Deterministic cost of loading the program and of one call: lines of Python executed, in whatever file."""
    loaded = _lines[0]
    job.ready()
    call = job.calls()
    _lines[0] = loaded
    try:
        result = _call(job.unit, call)
    finally:
        sys.settrace(None)
    codec.encode(result)
    job.answer(codec.encode(_lines[0]))


JOBS = {"observe": _observe, "time": _time, "profile": _profile, "count": _count}
