# What every script of this folder needs. Read by `source`, never run.
#
# BINDERY_CACHE    where toolchain copies, the Wine chroot and its prefix are kept, outside the checkout
#                  (default: ${XDG_CACHE_HOME:-$HOME/.cache}/bindery)
# BINDERY_LIMIT    seconds after which a script stops itself (each has its own default)

set -euo pipefail

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cache=${BINDERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bindery}
name=$(basename "$0")
cd "$checkout"

export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0} INSTA_UPDATE=no
unset BINDERY_BLESS

# macOS and the shell of Windows lack these; there the scripts run in hosted CI, which has a clock of its own.
if ! command -v flock > /dev/null; then
    flock() { :; }
    timeout() {
        while [[ $1 == -* ]]; do shift; done
        shift
        "$@"
    }
fi

say() { printf '%s: %s\n' "$name" "$*"; }

# Says what is missing and what to do about it, and ends the script.
die() {
    printf '%s: %s\n' "$name" "$1" >&2
    shift
    [ $# = 0 ] || printf '    %s\n' "$@" >&2
    exit 1
}

# Runs the whole script once more under a clock: `timed SECONDS "$@"` at its top.
timed() {
    local limit=${BINDERY_LIMIT:-$1} status=0
    shift
    [ "${BINDERY_TIMED:-}" = "$name" ] && return
    BINDERY_TIMED=$name timeout --kill-after=20 "$limit" "$0" "$@" || status=$?
    [ "$status" != 124 ] || printf '%s: stopped after %s s; BINDERY_LIMIT=SECONDS gives it more\n' "$name" "$limit" >&2
    exit "$status"
}

# Waits until no other script does what WHAT names, and keeps others waiting until this one ends.
alone() { # WHAT
    mkdir -p "$cache"
    case " ${held:-} " in *" $1 "*) return ;; esac
    held="${held:-} $1"
    [ "$(type -t flock)" = file ] || return 0
    local fd
    exec {fd}> "$cache/$1.lock"
    flock --nonblock "$fd" && return
    say "another run is busy with $1; waiting for it"
    flock --timeout "${BINDERY_WAIT:-1800}" "$fd" || die "another run holds $cache/$1.lock and does not end"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

# Installs packages unless PROGRAM is there: `need PROGRAM PACKAGE...`.
need() {
    local program=$1
    shift
    # rustup's toolchains for Windows find their linker by themselves.
    case $(uname -s) in MINGW* | MSYS* | CYGWIN*) return ;; esac
    command -v "$program" > /dev/null && return
    command -v apt-get > /dev/null || die "$program is missing" "install it; on Debian it is in the package $1"
    say "installing $* for $program"
    packages "$@" || die "$program is missing and $* could not be installed" \
        "run as root, or install it yourself: apt-get install $*" "if the network is down, try again later"
    command -v "$program" > /dev/null || die "$* was installed and there is still no $program"
}

packages() {
    [ -n "${lists_read:-}" ] || { as_root timeout 300 apt-get update -qq || return 1; }
    lists_read=yes
    as_root env DEBIAN_FRONTEND=noninteractive timeout 600 \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" > "$scratch/apt.log" 2>&1 ||
        { tail -n 20 "$scratch/apt.log" >&2; return 1; }
}

# Where this machine gets Debian from, as its own apt configuration says; nothing if it is no Debian.
debian_mirror() {
    command -v apt-get > /dev/null || return 0
    # shellcheck disable=SC2016 # apt reads these words
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
        awk -F'|' '$1 == "Debian" && $2 == "Debian" && !found { print $3; found = 1 }'
}

find_cargo() {
    if ! command -v cargo > /dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
        export PATH="$HOME/.cargo/bin:$PATH"
    fi
    command -v cargo > /dev/null || die "cargo is missing" "install Rust with rustup (https://rustup.rs) and run this again"
}

# Everything short-lived; goes away with the script.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
find_cargo
target_dir=${CARGO_TARGET_DIR:-$checkout/target}
case $target_dir in /*) ;; *) target_dir=$checkout/$target_dir ;; esac
