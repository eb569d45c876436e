#!/bin/sh
# Makes .venv with the exact versions of constraints.txt, and the page of the SMART app, once; later
# calls only look and return.
# Needs Python 3.11 to 3.13. PYTHON chooses one; otherwise the newest suitable on PATH is taken.
set -eu

cd "$(dirname "$0")/.."
here=$(pwd -P)
venv=.venv
stamp=$venv/.ready      # what was installed, written last
started=$venv/.started  # there while a set-up runs: still there means interrupted
log=$venv/setup.log
extras=hl7,devices,risk,train,cds,ehr,smart,dev
want="$here $(cat pyproject.toml constraints.txt | cksum)"

say() { printf '%s\n' "$*" >&2; }

is_ready() {
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -x $venv/bin/wherry ] &&
        $venv/bin/python -c 'import wherry' 2>/dev/null
}

is_suitable() { # a Python that this project runs on
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

makes_venvs() { # Debian ships venv and ensurepip in a package of their own
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

choose() {
    if [ -n "${PYTHON:-}" ]; then
        if ! is_suitable "$PYTHON"; then
            say "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13."
            return 1
        fi
        echo "$PYTHON"
        return
    fi
    fallback=
    for candidate in python3.13 python3.12 python3.11 python3; do
        is_suitable $candidate || continue
        if makes_venvs $candidate; then
            echo $candidate
            return
        fi
        [ -n "$fallback" ] || fallback=$candidate
    done
    if [ -z "$fallback" ]; then
        say "Python 3.11, 3.12 or 3.13 is needed and none is on PATH."
        say "On Debian: apt-get install python3 python3-venv   Elsewhere: make PYTHON=/path/to/python3.12"
        return 1
    fi
    echo "$fallback"
}

add_venv_module() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        as_root=no
    fi
    if [ "$as_root" != no ] && command -v apt-get >/dev/null; then
        say "Installing python$version-venv, which Debian keeps apart from Python ..."
        export DEBIAN_FRONTEND=noninteractive
        add="$as_root apt-get install -y -qq --no-install-recommends python$version-venv"
        $add >/dev/null 2>&1 || { $as_root apt-get update -qq && $add >/dev/null; } >&2 || true
    fi
    if ! makes_venvs "$1"; then
        say "$1 cannot make virtual environments: its venv module is not installed."
        say "On Debian: apt-get install python$version-venv   then run make again."
        return 1
    fi
}

install() {
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --constraint constraints.txt --editable ".[$extras]" >"$log" 2>&1
}

is_ready && exec sh scripts/page.sh
if command -v flock >/dev/null; then # two makes at once: the second waits for the first
    exec 9<"scripts/setup.sh"
    flock 9
    is_ready && exec sh scripts/page.sh
fi

if [ -f "$started" ]; then
    say "An earlier set-up was interrupted: starting again."
    rm -rf $venv
elif [ -d $venv ] && ! $venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "The environment in $venv does not work (moved, or its Python is gone): making it anew."
    rm -rf $venv
elif [ -f "$stamp" ] && [ "$(cut -d' ' -f1 "$stamp")" != "$here" ]; then
    rm -rf $venv # scripts inside name the old place
fi

python=
if [ ! -d $venv ]; then
    python=$(choose)
    makes_venvs "$python" || add_venv_module "$python"
fi
say "Setting up in $venv (once, about a minute) ..."
mkdir -p $venv
: >"$started"
[ -z "$python" ] || "$python" -m venv $venv
rm -f "$stamp"
if ! install; then
    rm -f "$started" # pip stopped by itself: what is there can be built on
    say "Set-up failed. The last lines of $log:"
    tail -n 15 "$log" >&2
    exit 1
fi
printf '%s\n' "$want" >"$stamp"
rm -f "$started"
say "Set up with $($venv/bin/python --version)."
exec sh scripts/page.sh
