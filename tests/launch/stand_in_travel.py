"""Stand-in for the preparing of a machine: only the real supervisor and this very Python."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from bespoke_gui.launch.remote import supervisor

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"poll_s": 0.05, "settle_s": 0.1}


class StandInTravel:
    """Sends spec.json and the supervisor; engines run from this checkout."""

    async def send(self, link, local, machine, limits):
        folder = f"{machine.workdir}/bespoke/runs/{local.dir.run}"
        await link.write(f"{folder}/spec.json", local.dir.spec_path.read_bytes())
        await link.write(f"{folder}/supervisor.py", Path(supervisor.__file__).read_bytes())
        local.note(remote={"folder": folder})
        given = {"python": sys.executable, "code": str(ROOT), "limits": {**QUICK, **limits}}
        job = await self._ask(link, folder, "start", json.dumps(given).encode())
        return {"folder": folder, "pid": job["pid"], "started": job["started"]}

    async def state(self, link, folder):
        found = await self._ask(link, folder, "state")
        if found["orphaned"]:
            await self._ask(link, folder, "adopt")
        return SimpleNamespace(running=found["running"], exit=found["exit"], job=found["job"])

    async def _ask(self, link, folder, command, stdin=b""):
        words = [sys.executable, "-S", f"{folder}/supervisor.py", command, folder]
        return json.loads((await link.run(words, stdin=stdin)).out)
