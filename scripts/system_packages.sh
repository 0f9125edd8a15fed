#!/bin/sh
# What the tests need from the system beside Python: a Chromium, and a library for Playwright's own program, which
# drives it. Installs them with apt when root, else says what to do.
#   scripts/system_packages.sh          these, for `make test`
#   scripts/system_packages.sh --all    also make, a C compiler and Python's venv, for a bare machine (.ci/run)
set -eu

have() { command -v "$1" >/dev/null 2>&1; }
have_browser() {
    [ -n "${DRIFTLINE_CHROMIUM:-}" ] || have chromium || have chromium-browser || have google-chrome
}
have_libatomic() { # asked of glibc's list of libraries; where there is none (macOS), nothing is missing
    list=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null) || return 0
    case $list in *libatomic.so.1*) return 0 ;; *) return 1 ;; esac
}
have_compiler() { [ -n "${CC:-}" ] || have cc || have gcc || have clang; }
have_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3.14 python3; do
        if "$candidate" -I -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

missing=""
have_browser || missing="$missing chromium fonts-dejavu-core"
have_libatomic || missing="$missing libatomic1"
if [ "${1:-}" = "--all" ]; then
    have make || missing="$missing make"
    have_compiler || missing="$missing gcc libc6-dev"
    have_python || missing="$missing python3 python3-venv"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! have apt-get; then
    echo "missing for the tests:$missing. As root on Debian or Ubuntu: apt-get install$missing; elsewhere install their like, or point DRIFTLINE_CHROMIUM to a Chromium." >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
install() { apt-get install --yes --quiet --no-install-recommends $missing </dev/null; }
echo "installing with apt:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The lists of packages are refreshed only when what is there does not suffice.
if ! install >"$log" 2>&1; then
    if ! { apt-get update --quiet </dev/null && install; } >>"$log" 2>&1; then
        tail -n 30 "$log" >&2
        echo "apt could not install:$missing" >&2
        exit 1
    fi
fi
have_browser || { echo "apt finished, and still there is no chromium to be found" >&2; exit 1; }
