"""Setup of suggestions: options in the settings, the key of the endpoint, a test of both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core import secrets
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.suggest.client import Endpoint
from bespoke_gui.core.suggest.options import (
    LOCAL,
    SERVICE,
    SuggestOptions,
    account_of,
    from_dict,
    tidy_url,
)
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, run_task

TEST_S = 15


class SuggestSetup(QObject):
    """Which model is asked and how. Keys live in `core.secrets`; none is kept here.

    `changed` comes after every change of the options, `key_told` with whether there is a key and
    where it is, in words; `tested` with whether it went well and what to tell; `models_found`
    with the names that the endpoint lists.
    """

    changed = Signal()
    key_told = Signal(bool, str)
    tested = Signal(bool, str)
    models_found = Signal(list)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._test: Task | None = None
        # A prompt changes with every key: the file is written after a pause.
        self._saving = QTimer(self, singleShot=True, interval=400)
        self._saving.timeout.connect(session.save_settings)
        self.options = from_dict(session.settings.suggest)

    def change(self, **values: Any) -> None:
        """Change options and remember them; what is out of range is left as it was."""
        self.options = from_dict(replace(self.options, **values).as_dict())
        self._session.settings.suggest = self.options.as_dict()
        self._saving.start()
        self.changed.emit()

    def who(self) -> str:
        """Say in a few words who is asked; empty while nobody can be."""
        if self.options.source == LOCAL:
            return Path(self.options.folder).name if self.options.folder else ""
        if not self.options.model:
            return ""
        return f"{self.options.model} at {_host(self.options.base_url)}"

    def look_for_key(self) -> None:
        """Look in the background where the key of this endpoint is; `key_told` follows."""
        self._with_account(lambda account: None)

    def keep_key(self, key: str) -> None:
        """Keep a key for this endpoint's host."""
        self._with_account(lambda account: secrets.set(SERVICE, key, account))

    def forget_key(self) -> None:
        """Remove the key of this endpoint's host."""
        self._with_account(lambda account: secrets.forget(SERVICE, account))

    def test(self) -> None:
        """Ask the endpoint for its models, or look at the local folder; `tested` follows."""
        if self._test is not None:
            self._test.cancel()
        options = self.options
        work = _look_at_folder if options.source == LOCAL else _look_at_endpoint

        def done(found: tuple[str, list[str]]) -> None:
            self.models_found.emit(found[1])
            self.tested.emit(True, found[0])

        self._test = run_task(
            lambda: work(options),
            done,
            lambda error: self.tested.emit(False, str(error)),
            None,
            self,
        )

    def _with_account(self, act: Callable[[str], object]) -> None:
        """Do something with the key of this host in the background, then tell where the key is."""
        base_url = self.options.base_url

        def work() -> tuple[bool, str]:
            account = account_of(tidy_url(base_url))
            act(account)
            has = secrets.get(SERVICE, account) is not None
            return has, secrets.describe(secrets.where(SERVICE, account), SERVICE)

        def failed(error: Exception) -> None:
            self.key_told.emit(False, str(error))

        run_task(work, lambda found: self.key_told.emit(*found), failed, None, self)


def key_for(options: SuggestOptions) -> str | None:
    """Return the key of the endpoint, from the keyring; call it off the GUI thread."""
    return secrets.get(SERVICE, account_of(options.base_url))


def _look_at_endpoint(options: SuggestOptions) -> tuple[str, list[str]]:
    options = replace(options, base_url=tidy_url(options.base_url), timeout_s=TEST_S)
    started = time.monotonic()
    names = Endpoint(options, key_for(options)).models()
    took = f"answered in {(time.monotonic() - started) * 1000:.0f} ms"
    if options.model and options.model not in names:
        hint = "choose one of its list, or fetch it first"
        raise AppError(f"the endpoint answers, but has no model {options.model!r}", hint=hint)
    return f"The endpoint {took} and lists {len(names)} models.", names


def _look_at_folder(options: SuggestOptions) -> tuple[str, list[str]]:
    """See from the outside whether a folder may be a model; the engine looks closer."""
    folder = Path(options.folder)
    if not options.folder or not (folder / "config.json").is_file():
        hint = "choose the folder that holds config.json and .safetensors files"
        raise AppError("is no folder of a transformers model", file=options.folder, hint=hint)
    if not any(folder.glob("*.safetensors")):
        hint = "other weights could run code when they are read, and are refused"
        raise AppError("holds no .safetensors weights", file=folder, hint=hint)
    return "The folder holds a model with safe weights. It is loaded when you start.", []


def _host(base_url: str) -> str:
    try:
        return account_of(base_url).removesuffix(":443").removesuffix(":80")
    except AppError:
        return base_url
