"""Name and password, as servers ask for them over HTTP and RTSP (RFC 7617, RFC 7616)."""

from __future__ import annotations

import base64
import hashlib
import os
import re

_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def authorization(challenge: str, user: str, password: str, method: str, url: str) -> str:
    """The header ``Authorization`` that answers a ``WWW-Authenticate``.

    Raises:
        ValueError: the server wants a way that is neither Basic nor Digest.
    """
    kind, _, rest = challenge.strip().partition(" ")
    if kind.lower() == "basic":
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if kind.lower() != "digest":
        raise ValueError(f"the server asks for the password in a way that vcam does not know: {kind}")
    asked = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
    return "Digest " + ", ".join(_answer(asked, user, password, method, url))


def _answer(asked: dict[str, str], user: str, password: str, method: str, url: str) -> list[str]:
    name = asked.get("algorithm", "MD5")
    kind = {"MD5": "md5", "SHA-256": "sha256"}.get(name.upper())
    if kind is None:
        raise ValueError(f"the server asks for the password in a way that vcam does not know: Digest {name}")

    def digest(text: str) -> str:
        return hashlib.new(kind, text.encode()).hexdigest()

    secret = digest(f"{user}:{asked.get('realm', '')}:{password}")
    request = digest(f"{method}:{url}")
    nonce = asked.get("nonce", "")
    given = [f'username="{user}"', f'realm="{asked.get("realm", "")}"', f'nonce="{nonce}"', f'uri="{url}"',
             f"algorithm={name}"]
    if "auth" in [word.strip() for word in asked.get("qop", "").split(",")]:
        ours, count = os.urandom(8).hex(), "00000001"
        response = digest(f"{secret}:{nonce}:{count}:{ours}:auth:{request}")
        given += ["qop=auth", f"nc={count}", f'cnonce="{ours}"']
    else:
        response = digest(f"{secret}:{nonce}:{request}")
    if "opaque" in asked:
        given.append(f'opaque="{asked["opaque"]}"')
    return [*given, f'response="{response}"']
