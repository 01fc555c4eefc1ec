"""Real photographs under free licences: wallpapers packaged by Debian, installed if allowed."""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = ("lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", "mate-backgrounds")
FOLDER = Path("/usr/share/backgrounds")
# Photographs alone: the packages hold drawn graphics too.
PHOTOGRAPHS = (
    "Bridge_by_Sander_Klootwijk.jpg",
    "Dragonfly_by_Bolly.jpg",
    "Picture_0B_by_freespace.jpg",
    "Picture_1A_by_freespace.jpg",
    "Wine_by_Jakkub_Mede.jpg",
    "aitzgorri_by_Aitzol_Berasategi.jpg",
    "analogpattern_by_Peter_Nerlich.jpg",
    "free_by_Peter_Nerlich.jpg",
    "friends_by_Aitzol_Berasategi.jpg",
    "greentock_by_Peter_Nerlich.jpg",
    "life_by_Aitzol_Berasategi.jpg",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "seeding_by_Clements_Engelhardt.jpg",
    "sunset_by_Aitzol_Berasategi.jpg",
    "umang_by_Abhishek_Mudgal.jpg",
    "Fossa_by_Jasper_Roks.jpg",
    "Infinite-Sea_by_Aury88.jpg",
    "Kleiber_by_Lukas_Baubkus.jpg",
    "mate/nature/Aqua.jpg",
    "mate/nature/Blinds.jpg",
    "mate/nature/Dune.jpg",
    "mate/nature/FreshFlower.jpg",
    "mate/nature/Garden.jpg",
    "mate/nature/GreenMeadow.jpg",
    "mate/nature/LadyBird.jpg",
    "mate/nature/RainDrops.jpg",
    "mate/nature/Storm.jpg",
    "mate/nature/TwoWings.jpg",
    "mate/nature/Wood.jpg",
    "mate/nature/YellowFlower.jpg",
)


def why_missing() -> str:
    """Install the packages where photographs are missing; return why some still are, or ''."""
    if not _missing():
        return ""
    if shutil.which("apt-get") is None:
        return "the photographs come from Debian packages and there is no apt-get"
    if os.geteuid() != 0:
        return f"not root: apt-get install {' '.join(PACKAGES)} brings the photographs"
    said = _install()
    missing = _missing()
    return f"{len(missing)} photographs are missing, apt-get says: {said}" if missing else ""


def _missing() -> list[str]:
    return [name for name in PHOTOGRAPHS if not (FOLDER / name).is_file()]


def _install() -> str:
    """Install; where the lists are old or absent, fetch them and try again."""
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
    for command in (install, ["apt-get", "update", "-q"], install):
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if command is install and done.returncode == 0:
            return ""
    return " ".join(done.stderr.split())[-200:]
