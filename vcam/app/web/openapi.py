"""The API's description, made from the table of commands (OpenAPI 3.1)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from vcam import __version__
from vcam.app.web.commanding import path_of
from vcam.app.web.streams import CONSENT, LARGEST_WIDTH, VIEWS
from vcam.control.commands import TABLE
from vcam.control.verbs import Verb, model
from vcam.cutting.looking import Quality

Json = dict[str, Any]
_ERROR: Json = {"$ref": "#/components/schemas/Error"}
_STATE: Json = {"$ref": "#/components/schemas/State"}
_ANY: Json = {}


def description() -> Json:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "vcam", "version": __version__, "license": {"name": "GPL-2.0-or-later"},
                 "description": "See and control a running vcam. A state or a picture never shows more than viewers "
                                "get, except /view/split."},
        "paths": {**_paths(), **{path_of(verb): {"post": _command(verb)} for verb in TABLE.verbs().values()}},
        "components": {"schemas": _schemas(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
    }


def _schemas() -> Json:
    text = {"type": "string"}
    return {
        "Error": {"type": "object", "required": ["error", "hint"], "properties": {"error": text, "hint": text}},
        "State": {"type": "object", "required": ["run", "serial", "privacy", "settings", "sinks", "backgrounds"],
                  "properties": {"serial": {"type": "integer"},
                                 "privacy": {"enum": ["live", "away", "frozen", "panic"]}}},
        "Background": {"type": "object", "required": ["name", "category", "kind"],
                       "properties": {"name": text, "category": {"enum": ["yours", "bundled"]},
                                      "kind": {"enum": ["picture", "video"]}}},
        "Cutout": {"type": "object", "required": ["id", "name", "stage", "share", "notes", "result", "error", "hint"],
                   "properties": {"id": text, "name": text, "result": text, "error": text, "hint": text,
                                  "stage": {"enum": ["waiting", "working", "done", "failed"]},
                                  "share": {"type": "number", "minimum": 0, "maximum": 1},
                                  "notes": {"type": "array", "items": text}}},
    }


def _paths() -> Json:
    width = {"name": "width", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_WIDTH},
             "description": "About how wide, in pixels; never wider than the picture."}
    view = {"name": "view", "in": "path", "required": True, "schema": {"enum": list(VIEWS)}}
    consent = {"name": CONSENT, "in": "header", "schema": {"enum": ["yes"]},
               "description": "Asks for the camera's own picture, which 'split' shows."}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    binary: Json = {"type": "string", "format": "binary"}
    return {
        "/state": {"get": _get("The state.", "application/json", _STATE)},
        "/events": {"get": _get("The state now and whenever it changes, as server-sent events.", "text/event-stream",
                                {"type": "string"})},
        "/settings": {"get": _get("All settings, as a JSON schema.", "application/json", {"type": "object"})},
        "/metrics": {"get": _get("Numbers for Prometheus.", "text/plain", {"type": "string"})},
        "/snapshot.jpg": {"get": _get("What leaves now.", "image/jpeg", binary, (), 409, 503)},
        "/snapshot.png": {"get": _get("What leaves now, without loss.", "image/png", binary, (), 409, 503)},
        "/view/{view}": {"get": _get("What leaves, its matte, or the camera's own picture above it, as Motion JPEG.",
                                     "multipart/x-mixed-replace", binary, (view, width, consent), 404, 422)},
        "/backgrounds": {
            "get": _get("The backgrounds that can be chosen by name.", "application/json",
                        {"type": "array", "items": {"$ref": "#/components/schemas/Background"}}),
            "post": _upload("Add a picture or video to the user's own backgrounds.", "Added, under this name.",
                            {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}})},
        "/backgrounds/{name}/thumbnail": {"get": _get("A small picture of a background.", "image/jpeg", binary, (name,),
                                                      404, 409)},
        **_cutouts(binary),
        "/cameras": {"get": _get("The cameras of this machine.", "application/json", {"type": "array"}, (), 409)},
        "/doctor": {"get": _get("What `vcam doctor` finds.", "application/json", {"type": "array"}, (), 409)},
    }


def _cutouts(binary: Json) -> Json:
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    quality = {"name": "quality", "in": "query", "schema": {"enum": [quality.value for quality in Quality]}}
    one: Json = {"$ref": "#/components/schemas/Cutout"}
    return {
        "/cutouts": {
            "get": _get("The files that were brought to be cut out.", "application/json",
                        {"type": "array", "items": one}),
            "post": _upload("Cut the person out of a film or photograph.", "Brought; it is worked at.", one, quality)},
        "/cutouts/{id}": {"delete": {"summary": "Give a cut-out up, and remove it.", "parameters": [number],
                                     "responses": {"204": {"description": "It is gone."}, **_errors(404, 409)}}},
        "/cutouts/{id}/result": {"get": _get("The cut-out, once it is done.", "*/*", binary, (number,), 404)},
    }


def _get(told: str, kind: str, schema: Json, parameters: tuple[Json, ...] = (), *errors: int) -> Json:
    return {"summary": told, "parameters": list(parameters),
            "responses": {"200": _answer("Here it is.", kind, schema), **_errors(*errors)}}


def _command(verb: Verb) -> Json:
    summary, _, rest = verb.help.partition("\n")
    needed = any(parameter.required for parameter in verb.parameters)
    schema = model(verb).model_json_schema()
    return {"summary": summary, "description": rest.strip(), "operationId": verb.word.replace(" ", "-"),
            "tags": [verb.about],
            "requestBody": {"required": needed, "content": {"application/json": {"schema": schema}}},
            "responses": {"200": _answer("Done; the state afterwards.", "application/json", _STATE),
                          **_errors(409, 415, 422)}}


def _upload(told: str, answer: str, schema: Json, *parameters: Json) -> Json:
    name = {"name": "name", "in": "query", "required": True, "schema": {"type": "string"},
            "description": "A file name with the ending of a picture or video; made harmless, and unlike all others."}
    return {"summary": told, "parameters": [name, *parameters],
            "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": _ANY}}},
            "responses": {"201": _answer(answer, "application/json", schema), **_errors(409, 413, 422)}}


def _errors(*statuses: int) -> Json:
    return {str(status): _answer(HTTPStatus(status).phrase, "application/json", _ERROR)
            for status in sorted({401, 403, *statuses})}


def _answer(told: str, kind: str, schema: Json) -> Json:
    return {"description": told, "content": {kind: {"schema": schema}}}
