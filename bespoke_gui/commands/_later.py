"""Commands that are promised but not built yet: they exit 2 and say what is missing."""

LATER = {
    "billing": "rented machines (RunPod) are not supported yet",
    "models": "keeping several base models; name a folder, file or hub id with --base instead",
    "queue": "several runs in line on one machine",
}
