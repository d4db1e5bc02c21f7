"""HLS into a folder: segments of two seconds and a playlist, for a web server to hand out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from vcam.errors import SinkError, UsageError
from vcam.sinks import OutputFormat
from vcam.sinks.stream.base import Container, StreamSink

PLAYLIST = "vcam.m3u8"
_SEGMENTS = "vcam-%Y%m%d-%H%M%S-%%05d.ts"
_SEGMENT_S = 2
_LISTED, _KEPT = 6, 3  # segments in the playlist, and behind it for players that are late
_LEAST_FREE_BYTES = 64 << 20


class HlsSink(StreamSink):
    """Writes segments and a playlist; old segments are deleted.

    Args:
        argument: the folder; it is made if only it is missing.

    Raises:
        UsageError: the folder it should be in does not exist, or it is no folder.
        SinkError: it may not be written.
    """

    def __init__(self, argument: str) -> None:
        if not argument:
            raise UsageError("sink 'hls:' names no folder", "try hls:/var/www/vcam")
        self._folder = Path(argument).expanduser().absolute()
        super().__init__(f"hls:{argument}")
        _check_folder(self._folder)

    def connect(self, output: OutputFormat, with_sound: bool) -> Container:
        self._folder.mkdir(exist_ok=True)
        if shutil.disk_usage(self._folder).free < _LEAST_FREE_BYTES:
            raise SinkError(f"HLS in {self._folder} cannot begin: the disk is full", "free some space")
        options = {"hls_time": str(_SEGMENT_S), "hls_list_size": str(_LISTED), "hls_delete_threshold": str(_KEPT),
                   "strftime": "1", "hls_segment_filename": str(self._folder / _SEGMENTS),
                   "hls_flags": "delete_segments+append_list+omit_endlist+temp_file+independent_segments"
                                "+program_date_time+second_level_segment_index"}
        return Container(self, str(self._folder / PLAYLIST), "hls", options, output, with_sound)

    @property
    def note(self) -> str:
        return f"HLS: {self._folder / PLAYLIST} ({self.encoder.name})" if self._way is not None else ""

    @property
    def hint(self) -> str:
        return f"check that {self._folder} may be written and has space"


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"HLS cannot be written: {folder} is no folder", "choose another one")
    if not folder.parent.is_dir():
        raise UsageError(f"HLS cannot be written: there is no folder {folder.parent}", "create it, or choose another")
    if not os.access(folder if folder.exists() else folder.parent, os.W_OK):
        raise SinkError(f"HLS cannot be written: Permission denied in {folder}", "choose another folder")
