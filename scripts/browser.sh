#!/bin/sh
# Sees to a Chromium for the tests in a browser: the machine's own, else Debian's where it can be installed.
# Without one those tests are skipped and say so; nothing is downloaded from anywhere else.
set -eu

say() { printf '%s\n' "$*" >&2; }

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v $name >/dev/null; then exit 0; fi
done

as_root=no
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
fi
if [ "$as_root" != no ] && command -v apt-get >/dev/null; then
    say "No Chromium on PATH: installing Debian's package chromium for the tests in a browser ..."
    export DEBIAN_FRONTEND=noninteractive
    add="$as_root apt-get install -y -qq --no-install-recommends chromium"
    $add >/dev/null 2>&1 || { $as_root apt-get update -qq && $add; } >/dev/null 2>&1 || true
fi
if ! command -v chromium >/dev/null; then
    say "There is no Chromium: the tests in a browser will be skipped. On Debian: apt-get install chromium"
fi
