"""The state as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vcam.control.state import State
from vcam.engine.status import Phase

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]


def metrics(state: State) -> str:
    """All metrics, with help and type."""
    return "".join(_lines(state))


def _lines(state: State) -> Iterator[str]:
    run = state.run
    for name, kind, told, value in (
            ("vcam_uptime_seconds", "gauge", "Seconds since the run began.", run.seconds),
            ("vcam_frames_captured_total", "counter", "Frames that the source gave.", run.captured),
            ("vcam_frames_rendered_total", "counter", "Pictures that were made.", run.rendered),
            ("vcam_frames_dropped_total", "counter", "Frames that came too quickly.", run.dropped),
            ("vcam_frames_failed_total", "counter", "Frames of which no picture could be made.", run.failed),
            ("vcam_source_reopened_total", "counter", "How often the source was lost and came back.", run.reopened),
            ("vcam_frame_rate", "gauge", "Pictures a second.", run.fps),
            ("vcam_cpu_ratio", "gauge", "Processor time of vcam, 1 being one core.", run.cpu / 100),
            ("vcam_camera_on", "gauge", "Whether the source is open.", float(run.camera_on)),
            ("vcam_problems", "gauge", "Things that failed lately.", len(state.problems))):
        yield from _metric(name, kind, told, [({}, float(value))])
    yield from _metric("vcam_phase", "gauge", "What viewers get: 1 for the one that holds.",
                       [({"phase": phase.value}, float(phase is run.phase)) for phase in Phase])
    yield from _metric("vcam_stage_seconds", "gauge", "Time a stage takes for a picture.",
                       [({"stage": stage}, spent / 1000) for stage, spent in run.stage_ms.items()])
    yield from _sinks(state)


def _sinks(state: State) -> Iterator[str]:
    # By number: an address may hold a stream key.
    sinks = [({"sink": str(number), "kind": sink.name}, sink) for number, sink in enumerate(state.run.sinks)]
    yield from _metric("vcam_sink_sent_total", "counter", "Pictures that a sink was sent.",
                       [(labels, float(sink.sent)) for labels, sink in sinks])
    yield from _metric("vcam_sink_dropped_total", "counter", "Pictures that came too quickly for a sink.",
                       [(labels, float(sink.dropped)) for labels, sink in sinks])
    yield from _metric("vcam_sink_frame_rate", "gauge", "Pictures a second that a sink gets.",
                       [(labels, sink.fps) for labels, sink in sinks])
    yield from _metric("vcam_sink_up", "gauge", "Whether a sink works.",
                       [(labels, float(not sink.problem)) for labels, sink in sinks])
    yield from _metric("vcam_sink_watchers", "gauge", "Viewers, where a sink can tell.",
                       [(labels, float(sink.watchers)) for labels, sink in sinks if sink.watchers is not None])
    yield from _metric("vcam_sink_delay_seconds", "gauge", "From capture to a sink.",
                       [(labels | {"quantile": quantile}, milliseconds / 1000) for labels, sink in sinks
                        for quantile, milliseconds in (("0.5", sink.delay_ms), ("0.99", sink.delay_p99_ms))])


def _metric(name: str, kind: str, told: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {told}\n# TYPE {name} {kind}\n"
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inside}}} {value:.10g}\n" if inside else f"{name} {value:.10g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
