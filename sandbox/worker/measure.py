"""What a job does once its program is loaded: observe, time, profile or count."""

import signal
import sys

from . import codec, frames, observe


def _ready(values_out, threads=0):
    frames.write(values_out, codec.encode({"ready": True, "problem": None, "threads": threads}))


def _observe(unit, order, audit, printed, values_in, values_out):
    _ready(values_out)
    call = codec.decode(frames.read(values_in))
    frames.write(values_out, observe.observe(unit, call, order, audit, printed))


def _call(unit, call):
    """What is timed of one call: its result, walked to the end if it is lazy, and encoded."""
    try:
        return [True, unit.function(*call[0], **call[1])]
    except Exception as error:
        return [False, error]


def _time(unit, order, audit, printed, values_in, values_out):
    """Warm up on the calls of the order, say ready, then answer one batch of calls; the reader holds the watch."""
    for call in order["warm"]:
        codec.encode(_call(unit, call), observe.raised_by_statement)
    threads = sys.modules.get("threading")
    _ready(values_out, threads.active_count() - 1 if threads else 0)
    calls = codec.decode(frames.read(values_in))
    encoder = codec.Encoder(observe.raised_by_statement)
    encoder.put([_call(unit, call) for call in calls])
    frames.write(values_out, encoder.out)
    audit.on = False
    frames.write(values_out, codec.encode(sorted(audit.events)))


def _profile(unit, order, audit, printed, values_in, values_out):
    """Where the time of one call goes: CPU-time samples for each line of the unit's file."""
    lines = {}

    def sample(number, frame):
        while frame is not None and frame.f_code.co_filename != unit.path:
            frame = frame.f_back
        if frame is not None:
            lines[frame.f_lineno] = lines.get(frame.f_lineno, 0) + 1

    _ready(values_out)
    call = codec.decode(frames.read(values_in))
    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, order["interval"], order["interval"])
    codec.encode(_call(unit, call))
    signal.setitimer(signal.ITIMER_PROF, 0)
    frames.write(values_out, codec.encode(lines))


_lines = [0]


def count_lines():
    """Count from here on, the loading of the program included: work moved there is no saving."""

    def on_line(frame, event, arg):
        if event == "line":
            _lines[0] += 1
        return on_line

    sys.settrace(on_line)


def _count(unit, order, audit, printed, values_in, values_out):
    """Deterministic cost of loading the program and of one call: lines of Python executed, in whatever file."""
    loaded = _lines[0]
    _ready(values_out)
    call = codec.decode(frames.read(values_in))
    _lines[0] = loaded
    try:
        result = _call(unit, call)
    finally:
        sys.settrace(None)
    codec.encode(result)
    frames.write(values_out, codec.encode(_lines[0]))


JOBS = {"observe": _observe, "time": _time, "profile": _profile, "count": _count}
