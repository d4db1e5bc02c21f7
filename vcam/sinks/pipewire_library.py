"""libpipewire-0.3 by ctypes: only what publishing a camera takes. https://docs.pipewire.org"""

from __future__ import annotations

import ctypes
import functools
import os
import socket
import sys
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Final

from vcam.errors import SinkError

INSTALL: Final = "sudo apt install pipewire wireplumber, then log in again"
START: Final = f"systemctl --user start pipewire wireplumber; if they are missing: {INSTALL}"
_LIBRARY: Final = "libpipewire-0.3.so.0"

# pipewire/stream.h, pipewire/port.h, spa/param/param.h
ERROR, UNCONNECTED, CONNECTING, PAUSED, STREAMING = -1, 0, 1, 2, 3
OUTPUT: Final = 1
ANY_ID: Final = 0xFFFFFFFF
MAP_BUFFERS, DRIVER = 1 << 2, 1 << 3
FORMAT_PARAM: Final = 4
EVENTS_VERSION: Final = 2

StateChanged = CFUNCTYPE(None, c_void_p, c_int, c_int, c_char_p)
ParamChanged = CFUNCTYPE(None, c_void_p, c_uint32, c_void_p)


class Chunk(ctypes.Structure):
    """struct spa_chunk"""

    _fields_ = (("offset", c_uint32), ("size", c_uint32), ("stride", c_int32), ("flags", c_int32))


class Data(ctypes.Structure):
    """struct spa_data"""

    _fields_ = (("type", c_uint32), ("flags", c_uint32), ("fd", c_int64), ("mapoffset", c_uint32),
                ("maxsize", c_uint32), ("data", c_void_p), ("chunk", POINTER(Chunk)))


class Meta(ctypes.Structure):
    """struct spa_meta"""

    _fields_ = (("type", c_uint32), ("size", c_uint32), ("data", c_void_p))


class SpaBuffer(ctypes.Structure):
    """struct spa_buffer"""

    _fields_ = (("n_metas", c_uint32), ("n_datas", c_uint32), ("metas", POINTER(Meta)), ("datas", POINTER(Data)))


class Buffer(ctypes.Structure):
    """The beginning of struct pw_buffer, which grows from version to version."""

    _fields_ = (("buffer", POINTER(SpaBuffer)), ("user_data", c_void_p), ("size", c_uint64))


class StreamEvents(ctypes.Structure):
    """struct pw_stream_events"""

    _fields_ = (("version", c_uint32), ("destroy", c_void_p), ("state_changed", StateChanged),
                ("control_info", c_void_p), ("io_changed", c_void_p), ("param_changed", ParamChanged),
                ("add_buffer", c_void_p), ("remove_buffer", c_void_p), ("process", c_void_p), ("drained", c_void_p),
                ("command", c_void_p), ("trigger_done", c_void_p))


class Pods:
    """PODs, kept alive, as the array of pointers that libpipewire takes."""

    def __init__(self, *pods: bytes) -> None:
        self._pods = pods
        self.count = len(pods)
        self.pointers = (c_void_p * len(pods))(*(ctypes.cast(c_char_p(pod), c_void_p) for pod in pods))


_FUNCTIONS: dict[str, tuple[Any, ...]] = {  # result, arguments …
    "pw_init": (None, c_void_p, c_void_p),
    "pw_log_set_level": (None, c_int),
    "pw_get_library_version": (c_char_p,),
    "pw_thread_loop_new": (c_void_p, c_char_p, c_void_p),
    "pw_thread_loop_start": (c_int, c_void_p),
    "pw_thread_loop_stop": (None, c_void_p),
    "pw_thread_loop_destroy": (None, c_void_p),
    "pw_thread_loop_lock": (None, c_void_p),
    "pw_thread_loop_unlock": (None, c_void_p),
    "pw_thread_loop_get_loop": (c_void_p, c_void_p),
    "pw_properties_new_string": (c_void_p, c_char_p),
    "pw_stream_new_simple": (c_void_p, c_void_p, c_char_p, c_void_p, POINTER(StreamEvents), c_void_p),
    "pw_stream_destroy": (None, c_void_p),
    "pw_stream_connect": (c_int, c_void_p, c_int, c_uint32, c_int, POINTER(c_void_p), c_uint32),
    "pw_stream_update_params": (c_int, c_void_p, POINTER(c_void_p), c_uint32),
    "pw_stream_dequeue_buffer": (POINTER(Buffer), c_void_p),
    "pw_stream_queue_buffer": (c_int, c_void_p, POINTER(Buffer)),
    "pw_stream_trigger_process": (c_int, c_void_p),
}


Library = Any  # what a foreign library's functions take and give is in _FUNCTIONS


@functools.cache
def library() -> Library:
    """libpipewire, started; its functions are attributes that know their types.

    Raises:
        SinkError: it is not installed, or older than 0.3.34.
    """
    try:
        loaded = ctypes.CDLL(_LIBRARY)
        for name, (result, *arguments) in _FUNCTIONS.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
    except OSError as error:
        hint = INSTALL if sys.platform == "linux" else "PipeWire is for Linux; use virtualcam: here"
        raise SinkError(f"PipeWire's library does not load: {error}", hint) from error
    except AttributeError as error:
        raise SinkError(f"PipeWire's library is older than 0.3.34: {error}", "update PipeWire, or use virtualcam:"
                        ) from error
    loaded.pw_init(None, None)
    if "PIPEWIRE_DEBUG" not in os.environ:
        loaded.pw_log_set_level(0)  # what goes wrong is told by SinkError, not by lines on the terminal
    return loaded


def available() -> tuple[bool, str]:
    """Whether a PipeWire session can be reached, and its library's version, or why not and what to do."""
    try:
        version = library().pw_get_library_version().decode()
        _knock(_socket_path())
    except SinkError as error:
        return False, str(error)
    return True, f"PipeWire {version}"


def _socket_path() -> Path:
    """Where the session's daemon listens, by the rules of libpipewire."""
    remote = os.environ.get("PIPEWIRE_REMOTE") or "pipewire-0"
    folder = next((os.environ[name] for name in ("PIPEWIRE_RUNTIME_DIR", "XDG_RUNTIME_DIR", "USERPROFILE")
                   if os.environ.get(name)), "")
    if not folder and not Path(remote).is_absolute():
        raise SinkError("there is no PipeWire session: XDG_RUNTIME_DIR is not set",
                        "run vcam inside your desktop session, or: export XDG_RUNTIME_DIR=/run/user/$(id -u)")
    return Path(folder) / remote


def _knock(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(1.0)
        try:
            knock.connect(str(path))
        except OSError as error:
            raise SinkError(f"PipeWire is not running: {path}: {error.strerror or error}", START) from error
