"""Latent caches that no longer fit their image are named before the trainer believes them."""

import os

import numpy as np
import pytest

from bespoke_gui.core.check import check_target
from tests.core._packages import write_config, write_image, write_pairs


def stale(folder):
    problems = check_target(folder).problems
    return {p.file: p.message for p in problems if p.code == "stale_cache"}


@pytest.fixture
def folder(tmp_path):
    return write_pairs(tmp_path / "1_x")


def cache(folder, name, age=0.0):
    path = folder / name
    np.savez(path, latents=np.zeros((4, 8, 8), np.float32))
    stamp = (folder / "a.png").stat().st_mtime - age
    os.utime(path, (stamp, stamp))
    return path


def test_a_fresh_cache_is_fine(folder):
    cache(folder, "a_0064x0064_sd.npz")
    cache(folder, "nobody_0064x0064_sd.npz", age=99)
    assert stale(folder) == {}


def test_one_made_of_another_size(folder):
    cache(folder, "a_0512x0512_sd.npz")
    assert "when it was 512x512; it is 64x64 now" in stale(folder)["a_0512x0512_sd.npz"]


def test_one_older_than_its_image(folder):
    cache(folder, "a_0064x0064_sd.npz", age=10)
    cache(folder, "b.npz", age=10)
    assert set(stale(folder)) == {"a_0064x0064_sd.npz", "b.npz"}


def test_the_image_was_prepared_anew_after_a_training(folder):
    cache(folder, "a_0064x0064_sd.npz")
    write_image(folder / "a.png", (128, 128))
    assert set(stale(folder)) == {"a_0064x0064_sd.npz"}


def test_sub_folders_and_configs(tmp_path):
    write_pairs(tmp_path / "d" / "1_x")
    cache(tmp_path / "d" / "1_x", "a_0512x0512_sd.npz")
    assert set(stale(tmp_path / "d")) == {"1_x/a_0512x0512_sd.npz"}
    config = write_config(tmp_path)
    text = config.read_text("utf-8")
    config.write_text(text.replace("/somewhere/training_data", (tmp_path / "d").as_posix()))
    assert "1_x/a_0512x0512_sd.npz" in stale(config)
