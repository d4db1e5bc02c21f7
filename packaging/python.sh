# Sourced by the scripts beside it: a virtual environment with a Python that is new enough.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# The newest of the usual names that is at least 3.11 (PYTHON overrides).
find_python() {
    for name in ${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3}; do
        if command -v "$name" >/dev/null &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

# make_environment FOLDER
make_environment() {
    [ -x "$1/bin/pip" ] && return 0
    if ! find_python >/dev/null || ! "$(find_python)" -c 'import ensurepip' 2>/dev/null; then
        if is_debian_root; then
            say "installing Python"
            apt-get update -qq && apt-get install -y -qq python3 python3-venv >/dev/null
        else
            say "Python 3.11 or newer with venv is needed: sudo apt install python3 python3-venv"
            exit 1
        fi
    fi
    python=$(find_python) || { say "Python 3.11 or newer is needed; found none"; exit 1; }
    say "making $1 with $("$python" --version)"
    "$python" -m venv "$1"
}

# source_date FOLDER: when what is built was last changed, in seconds since 1970.
source_date() {
    [ -n "${SOURCE_DATE_EPOCH:-}" ] && { echo "$SOURCE_DATE_EPOCH"; return; }
    git -C "$1" log -1 --format=%ct 2>/dev/null || stat -c %Y "$1/pyproject.toml"
}
