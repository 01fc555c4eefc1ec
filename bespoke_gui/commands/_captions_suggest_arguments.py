"""What `bespoke captions suggest` takes; read without importing what asks."""

from __future__ import annotations

import argparse

NUMBERS = {
    "per_minute": (int, "questions a minute at most; 0 is no limit"),
    "timeout": (int, "seconds to wait for one answer"),
    "max_tokens": (int, "longest answer"),
    "temperature": (float, "0 is the same answer each time"),
    "concurrency": (int, "questions at a time"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the action takes; what is not given is as in the window's settings."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--endpoint", metavar="URL", help="OpenAI-compatible address, up to /v1")
    source.add_argument("--local", metavar="FOLDER", help="image-to-text model of transformers")
    parser.add_argument("--model", metavar="NAME", help="which model of the endpoint")
    parser.add_argument("--key-env", metavar="NAME", help="environment variable with the key")
    parser.add_argument("--prompt", metavar="TEXT", help="may hold {caption}, {trigger}, {name}")
    parser.add_argument("--only", metavar="GLOB", help="only captions with such a name")
    parser.add_argument("--missing", action="store_true", help="only images without a caption")
    parser.add_argument("--again", action="store_true", help="ask also what was answered before")
    parser.add_argument("--image", choices=("native", "original"), help="what the model is shown")
    for name, (kind, text) in NUMBERS.items():
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, dest=name, type=kind, metavar="N", help=text)
