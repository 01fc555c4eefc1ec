"""A stand-in for RunPod's REST v2 on loopback: `StandIn` serves it, `python -m` starts it."""

from tests.launch.standin_runpod.account import Account, Gpu
from tests.launch.standin_runpod.clock import Clock
from tests.launch.standin_runpod.faults import Fault
from tests.launch.standin_runpod.machines import sshd_pods
from tests.launch.standin_runpod.pods import Boot
from tests.launch.standin_runpod.server import StandIn

__all__ = ["Account", "Boot", "Clock", "Fault", "Gpu", "StandIn", "sshd_pods"]
