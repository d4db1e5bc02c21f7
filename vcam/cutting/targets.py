"""What can come out: formats by name, which ending means which, and what to call an output that has no name yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vcam.cutting import coding
from vcam.cutting.coding import Codec
from vcam.errors import UsageError


class Kind(StrEnum):
    """How the shots of a film become an output."""

    JOINED = "joined"  # segments of encoded packets, joined
    PAIRED = "paired"  # the same twice, colour and alpha, in a zip
    PICTURES = "pictures"  # a folder of numbered pictures
    ANIMATION = "animation"  # an animated picture, made of lossless segments
    NONE = "none"  # there is no such film


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        film, photo: the ending for films and for pictures; empty: cannot be.
        codecs: of the segments; the second for alpha alone. ``opaque``: the codec where there is a background.
        sound: names of FFmpeg's sound codecs that the container takes as they are, the one to encode to first.
        over: it has no transparency, so there must be a background.
    """

    name: str
    help: str
    film: str = ""
    photo: str = ""
    kind: Kind = Kind.NONE
    codecs: tuple[Codec, ...] = ()
    opaque: Codec | None = None
    sound: tuple[str, ...] = ()
    over: bool = False


_MP4_SOUND = ("aac", "mp3", "ac3", "eac3", "alac")
_ANY_SOUND = ("flac", "aac", "mp3", "ac3", "eac3", "alac", "opus", "vorbis", "pcm_s16le", "pcm_s24le")
FORMATS = {each.name: each for each in (
    Format("webm", "VP9 with transparency, for web pages", ".webm", kind=Kind.JOINED, codecs=(coding.VP9_ALPHA,),
           opaque=coding.VP9, sound=("opus", "vorbis")),
    Format("mov", "ProRes 4444 with transparency, for editing", ".mov", kind=Kind.JOINED, codecs=(coding.PRORES,),
           sound=("pcm_s16le", "aac", "mp3", "ac3", "alac", "pcm_s24le")),
    Format("mp4", "H.264 over a background", ".mp4", kind=Kind.JOINED, codecs=(coding.H264,), opaque=coding.H264,
           sound=_MP4_SOUND, over=True),
    Format("ffv1", "FFV1 with transparency, lossless", ".mkv", kind=Kind.JOINED, codecs=(coding.FFV1,),
           sound=_ANY_SOUND),
    Format("alpha", "the matte alone, lossless", ".mkv", ".png", Kind.JOINED, (coding.FFV1_ALPHA,)),
    Format("bundle", "colour and matte as two MP4 files in a zip", ".zip", kind=Kind.PAIRED,
           codecs=(coding.H264, coding.H264_ALPHA), sound=_MP4_SOUND),
    Format("png", "PNG; of a film, a folder of them", "", ".png", Kind.PICTURES),
    Format("apng", "an animated PNG", ".apng", kind=Kind.ANIMATION, codecs=(coding.FFV1,)),
    Format("webp", "WebP, animated if need be", ".webp", ".webp", Kind.ANIMATION, (coding.FFV1,)),
    Format("gif", "GIF: few colours, hard edges, plays everywhere", ".gif", kind=Kind.ANIMATION, codecs=(coding.FFV1,)),
    Format("avif", "AVIF", photo=".avif"),
    Format("jpeg", "JPEG over a background", photo=".jpg", over=True),
)}
_FILMS = {each.film: each for each in reversed(FORMATS.values()) if each.film} | {".mkv": FORMATS["ffv1"]}
_PHOTOS = {each.photo: each for each in reversed(FORMATS.values()) if each.photo} | {
    ".png": FORMATS["png"], ".jpeg": FORMATS["jpeg"]}


def choose_format(name: str, output: Path | None, is_film: bool, background: str) -> Format:
    """The format by name, or by the output's ending, or the usual one.

    Raises:
        UsageError: unknown, not for this kind of input, or one without transparency and no background.
    """
    found = _named(name) if name else _by_ending(output, is_film) if output is not None else _usual(is_film, background)
    possible = found.kind is not Kind.NONE if is_film else bool(found.photo)
    if not possible:
        what, others = ("a film", _films()) if is_film else ("a picture", _photos())
        raise UsageError(f"format '{found.name}' is not for {what}", f"choose one of {others}")
    if found.over and not background:
        raise UsageError(f"format '{found.name}' has no transparency", "give a --background, for example green")
    if background and found.name in ("alpha", "bundle"):
        raise UsageError(f"format '{found.name}' has no background", "leave --background or --format away")
    return found


def _named(name: str) -> Format:
    if name not in FORMATS:
        raise UsageError(f"unknown format '{name}'", f"known: {', '.join(FORMATS)}")
    return FORMATS[name]


def _by_ending(output: Path, is_film: bool) -> Format:
    ending = output.suffix.lower()
    found = (_FILMS if is_film else _PHOTOS).get(ending)
    if found is not None:
        return found
    if is_film and (not ending or output.is_dir()):
        return FORMATS["png"]
    known = ", ".join(key for key in (_FILMS if is_film else _PHOTOS) if key)
    what = "film" if is_film else "picture"
    raise UsageError(f"output '{output.name}' has an unknown ending '{ending}' for a {what}",
                     f"use one of {known}, or --format")


def _usual(is_film: bool, background: str) -> Format:
    if is_film:
        return FORMATS["mp4" if background else "webm"]
    return FORMATS["jpeg" if background else "png"]


def _films() -> str:
    return ", ".join(name for name, each in FORMATS.items() if each.kind is not Kind.NONE)


def _photos() -> str:
    return ", ".join(name for name, each in FORMATS.items() if each.photo)


def default_output(source: Path, chosen: Format, is_film: bool, folder: Path | None = None) -> Path:
    """``talk.mp4`` becomes ``talk.cutout.webm`` beside it, or in ``folder``; a folder of pictures ``talk.cutout``."""
    ending = chosen.film if is_film else chosen.photo
    word = "alpha" if chosen.name == "alpha" else "cutout"
    return (folder or source.parent) / f"{source.stem}.{word}{ending}"
