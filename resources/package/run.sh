set -euo pipefail

here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)"
workspace="$(dirname -- "$here")"
trainer="${SD_SCRIPTS:-$workspace/sd-scripts}"
python="${PYTHON:-python3}"
output="$here/output"
final="$output/$CHECKPOINT"
config="$here/training_config.toml"

say() { printf '== %s\n' "$*"; }
fail() {
  local code="$1"
  shift
  printf 'run.sh: %s\n' "$*" >&2
  exit "$code"
}

usage() {
  cat <<'EOF'
usage: bash run.sh [--check]
  --check  look at the package and the machine, train nothing

SD_SCRIPTS=DIR      where kohya-ss/sd-scripts is, or will be cloned to
PYTHON=FILE         the Python to use (python3)
OVERWRITE=1         train again: the old output folder is moved aside
ALLOW_CHANGED=1     train although images or captions were changed after packaging
ALLOW_CPU=1         train although there is no GPU
ALLOW_LOW_DISK=1    train although the disk may be too full
GPUS=N              how many GPUs of this machine train together (1)
ACCELERATE_CONFIG=FILE  accelerate's own config in place of that, for several machines
NODE_RANK=N         which of several machines this is; only machine 0 writes checkpoints
Ends with 0 only when the final checkpoint is there and readable.
2: the package, 3: the machine, 4: the trainer or its final checkpoint.
EOF
}

check_package() {
  say "package: $IMAGES images expected"
  "$python" - "$here" "$IMAGES" "${ALLOW_CHANGED:-}" <<'PY' || fail 2 "the package is not as it was made: extract it again"
import hashlib, json, os, re, sys

here, expected, allowed = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
with open(os.path.join(here, "manifest.json"), encoding="utf-8") as file:
    listed = json.load(file)["files"]
lost, changed = [], []
for name, entry in listed.items():
    try:
        with open(os.path.join(here, *name.split("/")), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
    except OSError:
        lost.append(name)
        continue
    if digest != entry["sha256"]:
        changed.append(name)
for name in lost[:5]:
    print("run.sh: missing:", name, file=sys.stderr)
data = [name for name in changed if name.startswith(("training_data/", "reg/"))]
for name in changed[:5]:
    print("run.sh: changed since it was packed:", name, file=sys.stderr)
shown = 0
root = os.path.join(here, "training_data")
for folder in sorted(os.listdir(root)) if os.path.isdir(root) else []:
    number = re.fullmatch(r"(\d+)_.*", folder)
    if number and int(number[1]) > 0:
        images = [n for n in os.listdir(os.path.join(root, folder)) if n.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".bmp"))]
        print(f"   {folder}: {len(images)} images, each {number[1]}x an epoch")
        shown += len(images)
if shown < expected:
    print(f"run.sh: {shown} of {expected} images lie in <N>_<name> folders", file=sys.stderr)
sys.exit(1 if lost or shown < expected or (data and not allowed) else 0)
PY
}

check_needed() {
  local file
  for file in "${NEEDED[@]+"${NEEDED[@]}"}"; do
    [[ -e "${file/#\/workspace\//$workspace/}" ]] || fail 2 "$file is not there: copy it to this machine first"
  done
}

check_disk() {
  local free
  free="$(df -Pk -- "$here" | awk 'NR == 2 { print int($4 / 1048576) }')"
  say "disk: $free GB free, about $NEEDS_GB GB needed"
  ((free >= NEEDS_GB)) && return
  [[ ${ALLOW_LOW_DISK:-} == 1 ]] && return
  fail 3 "the disk has $free GB left, about $NEEDS_GB GB are needed (less when the base model is there already: ALLOW_LOW_DISK=1 goes on)"
}

check_python() {
  command -v "$python" >/dev/null || fail 3 "$python is not installed"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
    || fail 3 "$("$python" -V 2>&1) is too old: sd-scripts needs 3.10 or newer"
}

get_trainer() {
  if [[ ! -f $trainer/train_network.py ]]; then
    command -v git >/dev/null || fail 3 "git is not installed: apt-get install -y git"
    say "cloning sd-scripts into $trainer"
    git clone --quiet https://github.com/kohya-ss/sd-scripts "$trainer"
    git -C "$trainer" checkout --quiet "$COMMIT"
  fi
  if [[ ! -f $trainer/.installed_for_bespoke ]]; then
    say "installing what sd-scripts needs"
    (cd -- "$trainer" && "$python" -m pip install --quiet -r requirements.txt) \
      || fail 3 "what sd-scripts needs could not be installed"
    touch -- "$trainer/.installed_for_bespoke"
  fi
}

check_machine() {
  "$python" - "$PRECISION" "${ALLOW_CPU:-}" "${MODULES[@]+"${MODULES[@]}"}" <<'PY' || fail 3 "this machine cannot train the package"
import importlib, sys

precision, allowed, *modules = sys.argv[1:]
missing = []
for name in ["torch", "accelerate", *modules]:
    try:
        importlib.import_module(name)
    except Exception as error:
        missing.append(name)
        print(f"run.sh: {name} cannot be used: {error}", file=sys.stderr)
if missing:
    sys.exit(1)
import torch

if not torch.cuda.is_available():
    print("run.sh: no GPU is usable" + (", going on" if allowed == "1" else " (ALLOW_CPU=1 goes on)"), file=sys.stderr)
    sys.exit(allowed != "1")
print("   GPU:", torch.cuda.get_device_name(0), "torch", torch.__version__)
if precision == "bf16" and not torch.cuda.is_bf16_supported():
    print('run.sh: this GPU has no bf16: write mixed_precision = "fp16"', file=sys.stderr)
    sys.exit(1)
PY
}

# Paths in the config are those of /workspace; elsewhere a copy of it with the right ones is used.
place_config() {
  mkdir -p -- "$output"
  [[ $here == "/workspace/$PACKAGE" ]] && return
  "$python" - "$config" "$output/training_config.here.toml" "$PACKAGE" "$here" "$workspace" <<'PY'
import sys

source, target, package, here, workspace = sys.argv[1:]
if any(sign in here for sign in "\"\\\n'"):
    sys.exit(f"run.sh: the folder {here!r} has signs in its name that a config cannot carry")
with open(source, encoding="utf-8", newline="") as file:
    text = file.read()
text = text.replace(f"/workspace/{package}/", f"{here}/").replace('"/workspace/', f'"{workspace}/')
with open(target, "w", encoding="utf-8", newline="") as file:
    file.write(text)
PY
  config="$output/training_config.here.toml"
}

put_old_output_aside() {
  [[ -e $final ]] || return 0
  [[ ${OVERWRITE:-} == 1 ]] || fail 2 "$final is there already: OVERWRITE=1 moves $output aside and trains again"
  local aside
  aside="$output.$(date +%Y%m%d_%H%M%S)"
  mv -- "$output" "$aside"
  say "the old output is in $aside"
}

train() {
  local code=0
  export PYTHONUNBUFFERED=1 PYTHONUTF8=1 COLUMNS=300
  export HF_HOME="${HF_HOME:-$workspace/.cache/huggingface}"
  say "training; the log is $output/train.log"
  local spread=(--num_processes="${GPUS:-1}" --num_machines=1)
  [[ ${GPUS:-1} == 1 ]] || spread+=(--multi_gpu)
  [[ -z ${ACCELERATE_CONFIG:-} ]] || spread=(--config_file="$ACCELERATE_CONFIG")
  (cd -- "$trainer" && "$python" -m accelerate.commands.accelerate_cli launch \
    "${spread[@]}" --num_cpu_threads_per_process=2 \
    train_network.py --config_file="$config") 2>&1 | tee -- "$output/train.log" || code=$?
  if [[ ${NODE_RANK:-0} != 0 ]]; then
    say "this machine ended with $code; the checkpoints are on machine 0"
    return "$code"
  fi
  [[ -s $final ]] || fail 4 "the trainer ended with $code, but $final is not there: read $output/train.log"
  check_checkpoint || fail 4 "$final is not readable: read $output/train.log"
  ((code == 0)) || say "the trainer ended with $code after it wrote the final checkpoint"
  (cd -- "$output" && sha256sum -- *".${CHECKPOINT##*.}" >SHA256SUMS)
  say "done:"
  sed 's/^/   /' -- "$output/SHA256SUMS"
}

# A .safetensors file says itself how long it must be. Nothing in it is run.
check_checkpoint() {
  [[ $CHECKPOINT == *.safetensors ]] || return 0
  "$python" - "$final" <<'PY'
import json, os, struct, sys

path = sys.argv[1]
with open(path, "rb") as file:
    (length,) = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(length))
end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
sys.exit(os.path.getsize(path) != 8 + length + end)
PY
}

main() {
  case "${1:-}" in
    "") ;;
    --check) ;;
    -h | --help) usage; return 0 ;;
    *) usage >&2; return 2 ;;
  esac
  [[ $BASE != embedded ]] || fail 2 "this config trains on Bespoke's own base: use \`bespoke train\` on the package"
  check_python
  check_package
  check_needed
  check_disk
  if [[ ${1:-} == --check ]]; then
    [[ ! -f $trainer/.installed_for_bespoke ]] || check_machine
    say "the package is as it was made"
    return 0
  fi
  put_old_output_aside
  get_trainer
  check_machine
  place_config
  train
}

main "$@"
