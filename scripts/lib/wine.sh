# Wine, installed here or in a chroot. Read by `source`, after chroot.sh.

# Versions before 9 lack a library that Rust's standard library is linked to: every program ends with status 53.
oldest_wine=9

find_wine() {
    root=
    if [ "${BINDERY_WINE:-}" != chroot ] && command -v wine > /dev/null; then
        local version
        version=$(wine --version 2> /dev/null | sed -n 's/^wine-\([0-9]*\).*/\1/p')
        if [ "${version:-0}" -ge "$oldest_wine" ]; then
            say "using $(wine --version) of this machine"
            return
        fi
        say "the installed wine is older than $oldest_wine; a newer one goes into a chroot"
    fi
    make_chroot trixie-wine trixie wine wine64
}

# Runs a command for which `wine` is ready, with cargo's runner set: `with_wine COMMAND [ARGUMENT...]`.
with_wine() {
    alone wine
    export WINEPREFIX=$cache/wine-prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree=;mshtml=;winewayland.drv="
    export BINDERY_WINE_ROOT=$root
    export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=$checkout/scripts/lib/wine-runner
    unset XDG_RUNTIME_DIR DISPLAY WAYLAND_DISPLAY
    if [ -n "$root" ]; then
        in_namespace "$checkout/scripts/lib/with-wine" "$@"
    else
        bash "$checkout/scripts/lib/with-wine" "$@"
    fi
}
