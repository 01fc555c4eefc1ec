"""Commands that are promised but not built yet: they exit 2 and say what is missing."""

LATER = {
    "billing": "rented machines (RunPod) are not supported yet",
}
