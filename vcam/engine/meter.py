"""What a run measures of itself: rates, stage times, delays."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from statistics import median

from vcam.engine.clock import SECOND_NS, Clock

_WINDOW_NS = 2 * SECOND_NS
_RECENT = 90
# Delays of a whole run are kept as a histogram with this step, so that memory does not grow with time.
_BIN_NS = 100_000


class Meter:
    """Counts pictures and keeps recent stage times; written by one thread, read by any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: deque[int] = deque()
        self._stages: dict[str, deque[int]] = {}
        self._delays: Counter[int] = Counter()
        self._weights: deque[tuple[int, int]] = deque()
        self.count = self.reopened = 0
        self.first_ns = 0
        self.last_ns = 0

    def tick(self, now_ns: int, delay_ns: int | None = None, stages: Mapping[str, int] | None = None) -> None:
        """One picture is done. ``delay_ns``: since its capture. ``stages``: nanoseconds spent in each."""
        with self._lock:
            self.count += 1
            self.first_ns = self.first_ns or now_ns
            self.last_ns = now_ns
            self._times.append(now_ns)
            while self._times and now_ns - self._times[0] > _WINDOW_NS:
                self._times.popleft()
            if delay_ns is not None:
                self._delays[delay_ns // _BIN_NS] += 1
            for name, spent in (stages or {}).items():
                self._stages.setdefault(name, deque(maxlen=_RECENT)).append(spent)

    def weigh(self, now_ns: int, total_bytes: int) -> None:
        """So much was sent altogether by now."""
        with self._lock:
            self._weights.append((now_ns, total_bytes))
            while now_ns - self._weights[0][0] > _WINDOW_NS:
                self._weights.popleft()

    def kbit_s(self, now_ns: int) -> float:
        """What was sent over the last two seconds."""
        with self._lock:
            recent = [weight for weight in self._weights if now_ns - weight[0] <= _WINDOW_NS]
            if len(recent) < 2:
                return 0.0
            return (recent[-1][1] - recent[0][1]) * 8e6 / max(recent[-1][0] - recent[0][0], 1)

    def fps(self, now_ns: int) -> float:
        """Pictures a second over the last two seconds."""
        with self._lock:
            recent = [t for t in self._times if now_ns - t <= _WINDOW_NS]
            if len(recent) < 2:
                return 0.0
            return (len(recent) - 1) * SECOND_NS / max(recent[-1] - recent[0], 1)

    def mean_fps(self) -> float:
        """Pictures a second from the first to the last."""
        with self._lock:
            return (self.count - 1) * SECOND_NS / max(self.last_ns - self.first_ns, 1) if self.count > 1 else 0.0

    def stage_ms(self) -> dict[str, float]:
        """Median milliseconds of each stage lately."""
        with self._lock:
            return {name: round(median(spent) / 1e6, 3) for name, spent in self._stages.items()}

    def delay_ms(self, share: float) -> float:
        """The delay that ``share`` (0–1) of all pictures did not exceed, in milliseconds."""
        with self._lock:
            remaining = share * sum(self._delays.values())
            for step in sorted(self._delays):
                remaining -= self._delays[step]
                if remaining <= 0:
                    return (step + 1) * _BIN_NS / 1e6
            return 0.0


class CpuShare:
    """Percent of one core that this process used since it was last asked (at most twice a second)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall_ns, self._cpu_ns = clock.now_ns(), time.process_time_ns()
        self._percent = 0.0

    def percent(self) -> float:
        wall, cpu = self._clock.now_ns(), time.process_time_ns()
        if wall - self._wall_ns > SECOND_NS // 2:
            self._percent = 100 * (cpu - self._cpu_ns) / (wall - self._wall_ns)
            self._wall_ns, self._cpu_ns = wall, cpu
        return self._percent
