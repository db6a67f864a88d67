"""The worker: a clean parent that forks one process a job.

Started inside a sandbox with four descriptors: orders in and reports out belong to this parent alone; values in and
values out to the process that runs the job. The parent never runs the program: it compiles it once, forks, waits,
ends whatever the job left behind, and reports how it ended. It is the first process of its namespace, which the
kernel shields from signals of the others and makes the parent of every orphan.
"""

import gc
import os
import random
import resource
import select
import shutil
import signal
import stat
import sys
import time

from . import codec, frames, measure, observe, surroundings

SCRATCH = "/tmp"
_SHARED = "/dev/shm"
_POLL_MS = 20


def main():
    """Serve orders until their pipe closes."""
    orders, reports, values_in, values_out = (int(text) for text in sys.argv[1:5])
    surroundings.hide()
    gc.collect()
    gc.freeze()
    limits = None
    unit = None
    frames.write(reports, codec.encode({"pid": os.getpid(), "python": sys.version.split()[0]}))
    while True:
        message = frames.read(orders)
        if message is None:
            return
        order = codec.decode(message)
        if order["op"] == "load":
            limits = order["limits"]
            try:
                code = compile(order["source"], order["path"], "exec", dont_inherit=True)
                unit = observe.Unit(code, order["name"], order["path"])
                report = {"problem": None}
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                report = {"problem": "%s: %s" % (type(error).__name__, error)}
            frames.write(reports, codec.encode(report))
        elif order["op"] == "usage":
            frames.write(reports, codec.encode(_usage()))
        else:
            frames.write(reports, codec.encode(_run(unit, order, limits, orders, reports, values_in, values_out)))


def _usage():
    """Processor time and peak memory of this process and of all that ended below it."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "cpu_ns": int(sum(one.ru_utime + one.ru_stime for one in used) * 1e9),
        "peak_kb": max(one.ru_maxrss for one in used),
    }


def _run(unit, order, limits, orders, reports, values_in, values_out):
    folder = os.path.join(SCRATCH, "job")
    os.mkdir(folder)
    pid = os.fork()
    if pid == 0:
        os.close(orders)
        os.close(reports)
        try:
            _job(unit, order, limits, folder, values_in, values_out)
        finally:
            os._exit(0)
    status, usage, reason, alive = _wait(pid, orders, limits)
    left = _kill_rest()
    _remove(folder)
    strays = []
    for place in (SCRATCH, _SHARED):
        for name in os.listdir(place):
            strays.append(name)
            _remove(os.path.join(place, name))
    unread = select.poll()
    unread.register(values_in, select.POLLIN)
    return {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "reason": reason,
        "cpu_ns": int((usage.ru_utime + usage.ru_stime) * 1e9),
        "peak_kb": usage.ru_maxrss,
        "left": max(left, alive),
        "strays": strays,
        # The next job must not meet what this one wrote, nor read what was meant for this one.
        "clean": not (os.listdir(SCRATCH) or os.listdir(_SHARED) or unread.poll(0)),
    }


def _remove(path):
    """Remove a file, a link or a whole folder, whatever its permissions."""
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            os.unlink(path)
            return
        os.chmod(path, 0o700)
        for base, folders, _ in os.walk(path):
            for name in folders:
                inner = os.path.join(base, name)
                if not os.path.islink(inner):
                    os.chmod(inner, 0o700)
        shutil.rmtree(path)
    except (OSError, RecursionError):
        pass


def _wait(pid, orders, limits):
    """Wait for the job; watch the memory and number of all processes here; end them when a limit or our host goes."""
    ready = select.poll()
    ready.register(orders, select.POLLHUP)  # data never arrives during a job: the host waits for the report
    child = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    if child is not None:
        ready.register(child, select.POLLIN)
    try:
        return _watch(pid, orders, limits, ready, child)
    finally:
        if child is not None:
            os.close(child)


def _watch(pid, orders, limits, ready, child):
    reason = None
    most = 0
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return status, usage, reason, most
        events = dict(ready.poll(_POLL_MS))
        if events.get(orders, 0) & (select.POLLHUP | select.POLLERR):
            _kill_rest()
            os._exit(0)
        if child is not None and child in events:
            continue
        count, memory = _tree(limits["processes"])
        most = max(most, count - 1) if count > 1 else most
        if memory > limits["memory"]:
            reason = "memory"
        elif count > limits["processes"]:
            reason = "processes"
        if reason:
            _kill_rest(keep=pid)


def _others():
    own = str(os.getpid())
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != own]


def _tree(most):
    """(number of processes besides this one, bytes of memory that `most` of them hold)."""
    pages = 0
    pids = _others()
    for pid in pids[:most]:
        try:
            with open("/proc/%d/statm" % pid) as file:
                resident, shared = file.read().split()[1:3]
            pages += int(resident) - int(shared)
        except (OSError, ValueError):
            pass
    return len(pids), pages * resource.getpagesize()


def _kill_rest(keep=None):
    """Kill everything else in this process namespace; how many there were. `keep` is left for its waiter to reap."""
    seen = 0
    for _ in range(1000):
        pids = _others()
        alive = [pid for pid in pids if not _is_zombie(pid)]
        seen = max(seen, len(alive))
        if alive:
            try:
                os.kill(-1, signal.SIGKILL)
            except OSError:
                pass
        while keep is None:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except OSError:
                break
        if not alive:
            return seen
        time.sleep(0.0005)
    return seen


def _is_zombie(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def _job(unit, order, limits, folder, values_in, values_out):
    os.chdir(folder)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        # Counted for each user namespace since Linux 5.14; the kernel spares root's, which the watcher then holds.
        (resource.RLIMIT_NPROC, 2 * limits["processes"]),
    ):
        most = resource.getrlimit(kind)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (value, value))
    printed = observe.Printed(folder)
    if order.get("clock"):
        observe.shift_clock(order["clock"])
    random.seed(order["seed"])
    surroundings.catch_warnings()
    before = surroundings.Before() if order["op"] == "observe" else None
    audit = observe.Audit(os.path.dirname(os.path.abspath(__file__)))
    try:
        if order["op"] == "count":
            measure.count_lines()
        unit.load()
    except BaseException as error:
        problem = "%s: %s" % (type(error).__name__, error)
        frames.write(values_out, codec.encode({"ready": False, "problem": problem[:2000]}))
        return
    job = measure.Job(unit, order, audit, printed, before, values_in, values_out)
    measure.JOBS[order["op"]](job)
