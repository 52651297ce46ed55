# A Debian of another release in the cache, and mounts that nobody else sees. Read by `source`.

# The folder of a chroot with PACKAGES of a release, made if it is not there: `make_chroot NAME RELEASE PACKAGE...` sets
# $root.
make_chroot() {
    root=$cache/$1
    local release=$2
    shift 2
    alone chroot
    [ -f "$root/.complete" ] && [ "$(< "$root/.complete")" = "$*" ] && return
    [ "$(id -u)" = 0 ] || die "$* of Debian $release is needed, and making a chroot needs root" "run as root, or install it yourself"
    need mmdebstrap mmdebstrap
    local mirror
    mirror=$(debian_mirror)
    remove_chroot "$root"
    remove_chroot "$root.new"
    say "making a chroot of Debian $release with $* in $root (some minutes)"
    # A mirror may be some weeks behind, and then says itself that its lists are old. Their signatures are checked.
    # shellcheck disable=SC2086 # no mirror: mmdebstrap knows one
    timeout 900 mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
        --include="$(IFS=,; echo "$*")" "$release" "$root.new" $mirror 2> "$scratch/mmdebstrap.log" || {
        tail -n 20 "$scratch/mmdebstrap.log" >&2
        remove_chroot "$root.new"
        die "the chroot with $* cannot be made" "is the network there? the last lines of mmdebstrap are above"
    }
    echo "$*" > "$root.new/.complete"
    mv "$root.new" "$root"
}

# Never deletes through a mount: one that somebody left in there would take this machine's own files with it.
remove_chroot() {
    [ -e "$1" ] || return 0
    if grep -qF " $(readlink -f "$1")/" /proc/self/mounts; then
        die "something is mounted below $1" "unmount it first: grep $1 /proc/self/mounts"
    fi
    rm -rf --one-file-system "$1"
}

# Runs a script in a mount and process namespace of its own, in which `mount_chroot` gives $root what it needs. When it
# ends, whatever it started and mounted goes with it, also if it is killed.
in_namespace() { # SCRIPT [ARGUMENT...]
    unshare --mount --pid --fork true 2> /dev/null ||
        die "this machine allows no mount namespaces (unshare --mount), which the chroot needs" \
            "run as root, in a container with CAP_SYS_ADMIN, or install what the chroot is for"
    export root
    shared=$(printf '%s\n' "$checkout" "$target_dir" "$cache" "${CARGO_HOME:-$HOME/.cargo}") \
        unshare --mount --propagation private --pid --fork --kill-child --mount-proc bash "$@"
}

# Inside: the mounts.
mount_chroot() {
    local folder
    mount --bind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/tmp"
    if [ -f /etc/resolv.conf ]; then
        [ -e "$root/etc/resolv.conf" ] || : > "$root/etc/resolv.conf"
        mount --bind "$(readlink -f /etc/resolv.conf)" "$root/etc/resolv.conf"
    fi
    while IFS= read -r folder; do
        mkdir -p "$folder" "$root$folder"
        mount --bind "$folder" "$root$folder"
    done <<< "$shared"
}
