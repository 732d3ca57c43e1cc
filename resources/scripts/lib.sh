# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of this folder share: the packages they need, installing them, building. Sourced, never run.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
log_dir="$root/build/log"

# One line for each Debian package: for what it is needed, its name, and how to tell that it is there on a system
# without apt ("command NAME", "qt MODULE", "python CODE"; "-" where that system has it in another way).
packages() {
    cat <<'END'
build   cmake               command cmake
build   ninja-build         command ninja
build   ccache              -
build   g++                 command c++
build   qt6-base-dev        qt QtWidgets
build   libqt6sql6-sqlite   -
build   libssl-dev          -
build   libsodium-dev       -
build   pkg-config          command pkg-config
run     fonts-dejavu-core   -
wayland qt6-wayland         -
bench   python3             command /usr/bin/python3
peers   redis-server        command redis-server
peers   nats-server         command nats-server
peers   mosquitto           command mosquitto
peers   ngircd              command ngircd
demo    xvfb                command Xvfb
demo    openbox             command openbox
demo    xdotool             command xdotool
demo    dbus                command dbus-daemon
demo    at-spi2-core        -
demo    imagemagick         command import
demo    python3             command /usr/bin/python3
demo    python3-gi          python import gi
demo    gir1.2-atspi-2.0    python import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi
fuzz    clang               command clang++
fuzz    libclang-rt-14-dev  -
fuzz    python3             command /usr/bin/python3
tsan    clang               command clang++
tsan    libclang-rt-14-dev  -
tsan    libqt6sql6-psql     -
tsan    openssl             command openssl
tsan    postgresql-15       -
tsan    python3             command /usr/bin/python3
test    binutils            command readelf
test    clang-format        command clang-format
test    faketime            -
test    libqt6sql6-psql     -
test    postgresql-15       -
test    strace              -
test    python3             command /usr/bin/python3
END
    local name
    while read -r name; do
        if [[ -n $name && $name != '#'* ]]; then
            printf 'test %s -\n' "$name"
        fi
    done < <(cat "$root/tests/interop/packages.txt" 2>/dev/null || true)
}

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Runs a command with its output in build/log/NAME.log; shows the end of it only where the command fails.
logged() {
    local log="$log_dir/$1.log" status=0
    shift
    mkdir -p "$log_dir"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [[ $status -ne 0 ]]; then
        tail -n 60 "$log" >&2
        printf 'The whole output is in %s\n' "$log" >&2
    fi
    return "$status"
}

# True where the thing that a line of packages() tells of is there; for systems without apt.
probe() {
    local kind=$1 what=$2 headers
    case $kind in
    command) command -v "$what" >/dev/null ;;
    python) /usr/bin/python3 -c "$what" >/dev/null 2>&1 ;;
    qt)
        headers=$(qmake6 -query QT_INSTALL_HEADERS 2>/dev/null || qtpaths6 --query QT_INSTALL_HEADERS 2>/dev/null) &&
            [[ -d $headers/$what ]]
        ;;
    *) true ;;
    esac
}

# need PURPOSE…: makes sure that what these purposes need is installed.
need() {
    local purpose name kind what missing=() wanted=() installed
    while read -r purpose name kind what; do
        if [[ " $* " == *" $purpose "* && " ${wanted[*]} " != *" $name "* ]]; then
            wanted+=("$name")
            if ! command -v apt-get >/dev/null && ! probe "$kind" "$what"; then
                missing+=("$name")
            fi
        fi
    done < <(packages)

    if ! command -v apt-get >/dev/null; then
        if [[ ${#missing[@]} -gt 0 ]]; then
            fail "not found on this system, which has no apt to install it with: ${missing[*]}" \
                "(these are Debian's package names). Install what corresponds to them, then run this again."
        fi
        return 0
    fi

    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
    for name in "${wanted[@]}"; do
        if ! grep -qxF "installed $name" <<<"$installed"; then
            missing+=("$name")
        fi
    done
    if [[ ${#missing[@]} -gt 0 ]]; then
        install_packages "${missing[@]}"
    fi
}

install_packages() {
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            fail "some packages are missing. Run this as root, then start again: apt-get install --no-install-recommends $*"
        fi
        as_root=(sudo)
        # Asked for now, where a password can still be typed: what follows has no standard input.
        sudo -n true 2>/dev/null || sudo -v || fail "sudo did not let us install packages. Run this as root, then start again:" \
            "apt-get install --no-install-recommends $*"
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    local apt=("${as_root[@]}" apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)

    say "Installing $# packages: $*"
    if logged apt-update "${apt[@]}" update 2>/dev/null &&
        logged apt-install "${apt[@]}" install --no-install-recommends "$@" 2>/dev/null; then
        return 0
    fi
    say 'That did not work the first time; once more.'
    if logged apt-update "${apt[@]}" update &&
        logged apt-install "${apt[@]}" install --no-install-recommends "$@"; then
        return 0
    fi
    fail 'the packages could not be installed. The lines above tell why; most often the network or the package' \
        'sources (/etc/apt/sources.list) are not reachable. Once that is mended, run this again.'
}

# build PRESET [CMAKE OPTION…]: configures and builds build/PRESET, quietly unless somebody watches.
build() {
    local preset=$1 options=("${@:2}")
    if command -v ccache >/dev/null; then
        options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    say "Building build/$preset"
    (cd "$root" && logged "configure-$preset" cmake --preset "$preset" "${options[@]}") ||
        fail "CMake could not configure build/$preset; the lines above tell why. If they name an old path, remove" \
            "$root/build/$preset and run this again."
    if [[ -t 1 ]]; then
        (cd "$root" && cmake --build --preset "$preset" -j "$(nproc)") ||
            fail "build/$preset could not be built; the lines above tell why."
    else
        (cd "$root" && logged "build-$preset" cmake --build --preset "$preset" -j "$(nproc)") ||
            fail "build/$preset could not be built; the lines above tell why."
    fi
}
