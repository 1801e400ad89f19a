"""What botocore and moto would read again and again while a stack is stood up, read once: it is most of their time.

Nothing of a run is kept for the next one: only files of the installed packages, which do not change.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from unittest import mock

from botocore.loaders import Loader
from moto.core import loaders

from infra.emulator import api_model
from infra.emulator.naming import ACCOUNT_ID


@contextlib.contextmanager
def load_once() -> Iterator[None]:
    """Inside, API models are read once for all boto3 sessions and once for moto, and there is one account."""
    with contextlib.ExitStack() as patches:
        for name, loader in (("botocore.session", _botocore_loader), ("moto.core.utils", _moto_loader)):
            patches.enter_context(mock.patch(f"{name}.create_loader", loader))
        # Else moto looks the access key up in every partition, and makes all of AWS's managed policies for each.
        patches.enter_context(mock.patch.dict(os.environ, MOTO_ACCOUNT_ID=ACCOUNT_ID))
        yield


def _botocore_loader(search_path: str | None = None) -> Loader:
    return api_model.data_loader()


@functools.cache
def _moto_loader() -> Loader:
    """One of its own: moto adds to the models what only it needs."""
    return loaders.create_loader()
