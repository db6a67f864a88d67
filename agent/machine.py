"""The machine a run took place on."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from burnish.agent.result import Machine


def machine() -> Machine:
    """This machine; the sandbox runs the same interpreter."""
    cpu = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return Machine(cpu=cpu, cores=os.cpu_count() or 1, python=".".join(map(str, sys.version_info[:3])))
