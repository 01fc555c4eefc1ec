"""Commands that are promised but not built yet: they exit 2 and say what is missing."""

LATER = {
    "billing": "rented machines (RunPod) are not supported yet",
    "cost": "prices of rented machines are not read yet",
    "decide": "recording a decision on a gallery from the command line; the gallery room has it",
    "models": "keeping several base models; name a folder, file or hub id with --base instead",
    "queue": "several runs in line on one machine",
    "review": "scores, tags and blind votes on galleries",
    "try": "one prompt on several epochs and strengths; `bespoke generate` does whole protocols",
}
