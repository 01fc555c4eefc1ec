# Guard: stops this rented machine when nobody takes care of it; started before all else on it.
#
# POSIX sh. RUNPOD_POD_ID and RUNPOD_API_KEY (the pod's own key) are in the environment, and
# BESPOKE_GUARD_URL, BESPOKE_GUARD_RUNS (where runs lie), BESPOKE_GUARD_FIRST and _LATER (seconds
# without a sign of life that are waited for the first one, and for every other), _LOOK (seconds
# between looks). A sign of life is a file that a courier, a supervisor or an engine has touched.
# test -nt is known to dash, bash and busybox. The key is given to programs by their environment
# or input, never as an argument.
# shellcheck disable=SC3013
set -u

runs=$BESPOKE_GUARD_RUNS
pod=${BESPOKE_GUARD_URL%/}/v2/pods/${RUNPOD_POD_ID:-}
token=${RUNPOD_API_KEY:-}
json='Content-Type: application/json'
stop='{"action": "stop"}'

say() {
    echo "bespoke guard: $*"
}

by_python() { # PYTHON METHOD; redirects are not followed, the key stays here
    "$1" -I -c '
import os, sys, urllib.request
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_, **__):
        return None
method, url, json = sys.argv[1:]
request = urllib.request.Request(url, method=method, data=json.encode() or None)
request.add_header("Authorization", "Bearer " + os.environ["RUNPOD_API_KEY"])
request.add_header("Content-Type", "application/json")
request.add_header("User-Agent", "bespoke-guard")
urllib.request.build_opener(Stay).open(request, timeout=30).close()
' "$2" "$3" "$4" 2>/dev/null
}

by_curl() {
    set -- "$2" "$3" -X "$1" -H "$json"
    url=$1 data=$2
    shift 2
    [ -z "$data" ] || set -- "$@" -d "$data"
    printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sf -m 30 -o /dev/null -K - "$@" "$url" 2>/dev/null
}

by_wget() {
    settings=$(umask 077 && mktemp) || return 1
    printf 'header = Authorization: Bearer %s\n' "$token" >"$settings"
    url=$2 data=$3
    set -- -q -T 30 -t 1 --max-redirect=0 --header="$json" -O /dev/null
    [ -z "$data" ] || set -- "$@" --post-data="$data"
    WGETRC=$settings wget "$@" "$url" 2>/dev/null
    code=$?
    rm -f "$settings"
    return $code
}

ask() { # METHOD PATH DATA: with whatever this image has; $why says what went wrong
    why='this image has neither python nor curl nor wget'
    for way in python3 python curl wget; do
        command -v $way >/dev/null 2>&1 || continue
        case $way in
            python*) by_python $way "$1" "$pod$2" "$3" ;;
            *) by_$way "$1" "$pod$2" "$3" ;;
        esac && return 0
        why='RunPod refuses the key of the pod, or cannot be reached'
    done
    return 1
}

lacks() { # what must be there before anything can be asked
    case $BESPOKE_GUARD_URL in
        https://* | http://127.0.0.1:* | http://localhost:*) ;;
        *) why='the address of RunPod is not https' && return 0 ;;
    esac
    why='the pod has no key of its own (RUNPOD_API_KEY is not set)'
    [ -n "$token" ] || return 0
    why='the number of the pod is unknown (RUNPOD_POD_ID is not set)'
    [ -z "${RUNPOD_POD_ID:-}" ]
}

end_it() {
    ask POST /action "$stop" && return 0
    command -v runpodctl >/dev/null 2>&1 || return 1
    runpodctl pod stop "$RUNPOD_POD_ID" >/dev/null 2>&1 ||
        runpodctl stop pod "$RUNPOD_POD_ID" >/dev/null 2>&1
}

is_alive() {
    for sign in "$runs"/*/contact "$runs"/*/heartbeat "$runs"/*/events.jsonl "$runs"/*/log.txt; do
        [ "$sign" -nt "$mark" ] && return 0
    done
    return 1
}

test_the_key() { # says once how it stands, and again when that has changed
    [ "$state" != armed ] || return 0
    if lacks || ! ask GET '' ''; then
        [ "$state" = "$why" ] || say "not armed: $why"
        state=$why
    else
        state=armed
        say "armed: this pod stops itself after $limit s without anybody"
    fi
}

# The count survives a container that dies and starts again for ever, but not a stop by this guard.
mkdir -p "$runs" 2>/dev/null
mark=$runs/.guard
idle=$(cat "$mark" 2>/dev/null)
case $idle in '' | *[!0-9]*) idle=0 ;; esac
(echo "$idle" >"$mark") 2>/dev/null || mark=${TMPDIR:-/tmp}/bespoke-guard.count
echo "$idle" >"$mark"
limit=$BESPOKE_GUARD_FIRST state=

while :; do
    test_the_key
    sleep "$BESPOKE_GUARD_LOOK"
    if is_alive; then
        [ "$limit" = "$BESPOKE_GUARD_LATER" ] || say 'somebody has taken over'
        limit=$BESPOKE_GUARD_LATER idle=0
    else
        idle=$((idle + BESPOKE_GUARD_LOOK))
    fi
    echo "$idle" >"$mark" 2>/dev/null
    [ "$idle" -ge "$limit" ] || continue
    say "nobody for $idle s: stopping this pod"
    echo 0 >"$mark" 2>/dev/null
    lacks || end_it || say "cannot stop it: $why"
done
