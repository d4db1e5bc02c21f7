"""An RTSP server by GStreamer, for Debian's own Python: takes recordings, and plays what it is sent.

python3 rtsp_program.py PORT FORWARD [NAME PASSWORD]

What is recorded at /vcam (with sound: /sounding) goes on as a transport stream to udp://127.0.0.1:FORWARD, its sound to
FORWARD + 2. /camera plays the transport stream that comes in at FORWARD + 1.
"""

import os
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

RECORDED = ("( rtph264depay name=depay0 ! h264parse ! mpegtsmux alignment=7 "
            "! udpsink host=127.0.0.1 port={port} sync=false async=false {sound} )")
SOUND = ("rtpmp4gdepay name=depay1 ! aacparse ! mpegtsmux alignment=7 "
         "! udpsink host=127.0.0.1 port={port} sync=false async=false")
PLAYED = "( udpsrc port={port} ! tsdemux latency=0 ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"


class Recorded(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    def __init__(self, port: int) -> None:
        super().__init__()
        self.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
        self.set_latency(0)
        self._port = port

    def do_create_element(self, url: Any) -> Any:
        sound = SOUND.format(port=self._port + 2) if url.abspath.startswith("/sounding") else ""
        return Gst.parse_launch(RECORDED.format(port=self._port, sound=sound))


def guarded(server: Any, factory: Any, name: str, password: str) -> None:
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(name, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("user", "media.factory.access", True)
    permissions.add_permission_for_role("user", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main(port: str, forward: str, name: str = "", password: str = "") -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address(os.environ.get("RTSP_ADDRESS", "127.0.0.1"))
    server.set_service(port)
    recorded, played = Recorded(int(forward)), GstRtspServer.RTSPMediaFactory()
    played.set_launch(PLAYED.format(port=int(forward) + 1))
    played.set_shared(True)
    played.set_latency(0)
    sounding = Recorded(int(forward))
    if name:
        guarded(server, recorded, name, password)
    server.get_mount_points().add_factory("/vcam", recorded)
    server.get_mount_points().add_factory("/sounding", sounding)
    server.get_mount_points().add_factory("/camera", played)
    server.attach(None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
