# `std_for TARGET...`: afterwards `cargo` in $PATH has the standard library of these targets. Read by `source`.
#
# In this order: what is installed; what rustup can add; what can be built from the source that Debian keeps of exactly
# this compiler, into a copy of the toolchain in the cache. The toolchain itself is never written to but by rustup.
# BINDERY_STD=build goes straight to the last way, to try it.

has_std() { compgen -G "$1/lib/rustlib/$2/lib/libstd-*.rlib" > /dev/null; }

std_for() {
    local target sysroot missing=()
    sysroot=$(rustc --print sysroot)
    if [ "${BINDERY_STD:-}" != build ]; then
        for target in "$@"; do has_std "$sysroot" "$target" || missing+=("$target"); done
        [ ${#missing[@]} -gt 0 ] || return 0
        if command -v rustup > /dev/null; then
            say "asking rustup for ${missing[*]}"
            alone rustup
            if timeout 240 rustup target add "${missing[@]}" > "$scratch/rustup.log" 2>&1; then return 0; fi
            tail -n 3 "$scratch/rustup.log"
            say "rustup gives no standard library for ${missing[*]}; building it"
        fi
    fi
    alone toolchain
    copy_toolchain "$sysroot"
    for target in "$@"; do
        has_std "$copy" "$target" || build_std "$target"
    done
    export PATH="$copy/bin:$PATH" RUSTC="$copy/bin/rustc" RUSTDOC="$copy/bin/rustdoc"
    unset RUSTUP_TOOLCHAIN
}

# A copy of the toolchain, by hard links where the file system has them. Its `rustlib` gets folders of its own; no file
# of the original is written to.
copy_toolchain() { # SYSROOT
    local sysroot version
    # A toolchain named by its version can be a link, and the copy of a link would write into the original.
    sysroot=$(readlink -f "$1")
    version=$(rustc -vV | sed -n 's/^release: //p; s/^commit-hash: \(.........\).*/\1/p' | paste -sd-)
    copy=$cache/toolchain-$version
    [ -x "$copy/bin/rustc" ] && return
    say "copying the toolchain $version to $copy"
    rm -rf "$copy" "$copy.new"
    mkdir -p "$copy.new"
    local part
    for part in bin lib libexec; do
        [ -e "$sysroot/$part" ] || continue
        cp -al "$sysroot/$part" "$copy.new/$part" 2> /dev/null ||
            { rm -rf "$copy.new/$part" && cp -a "$sysroot/$part" "$copy.new/$part"; } ||
            die "the toolchain cannot be copied to $cache" "is the disk full? BINDERY_CACHE=DIR names another place"
    done
    mv "$copy.new" "$copy"
}

std_source() {
    local into=$copy/lib/rustlib/src/rust release version mirror
    [ -f "$into/library/std/Cargo.toml" ] && return
    release=$(rustc -vV | sed -n 's/^release: //p')
    command -v apt-get > /dev/null || die "the source of Rust $release's standard library is missing" \
        "add it with: rustup component add rust-src"
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then
        as_root timeout 300 apt-get update -qq || true
        mirror=$(debian_mirror)
    fi
    [ -n "$mirror" ] || die "no Debian mirror is configured on this machine" "add the source with: rustup component add rust-src"
    local apt=$cache/apt suite found=
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    for suite in trixie-backports forky sid; do
        printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$suite" > "$apt/sources"
        local options=(-o "Dir::Etc::sourcelist=$apt/sources" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$apt/lists"
            -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives" -o APT::Sandbox::User=root -o Dir::Etc::preferencesparts=-)
        say "looking for rust-src $release in $suite"
        timeout 300 apt-get "${options[@]}" update -qq || { say "the package list of $suite cannot be read"; continue; }
        version=$(apt-cache "${options[@]}" madison rust-src | awk -F' *[|] *' -v r="$release" '
            index($2, r "+") == 1 || index($2, r "-") == 1 || $2 == r { print $2; exit }')
        [ -n "$version" ] || continue
        (cd "$scratch" && timeout 300 apt-get "${options[@]}" download -qq "rust-src=$version") ||
            die "rust-src $version cannot be downloaded" "try again when the network is there"
        found=yes
        break
    done
    [ -n "$found" ] || die "neither rustup nor Debian gives the source of Rust $release's standard library" \
        "use a toolchain that rustup has the targets for: rustup target add x86_64-pc-windows-gnu"
    dpkg-deb --extract "$scratch"/rust-src_*.deb "$scratch/rust-src"
    rm -rf "$into"
    mkdir -p "$into"
    cp -a "$scratch/rust-src/usr/src/rustc-$release/library" "$scratch/rust-src/usr/src/rustc-$release/Cargo.lock" "$into/"
}

build_std() { # TARGET
    local target=$1 empty=$scratch/empty out="$cache/std-build"
    std_source
    say "building the standard library of $target"
    mkdir -p "$empty/src"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n' > "$empty/Cargo.toml"
    : > "$empty/src/lib.rs"
    rm -rf "$out"
    (
        cd "$empty"
        export PATH="$copy/bin:$PATH" RUSTC="$copy/bin/rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$out"
        unset RUSTUP_TOOLCHAIN RUSTFLAGS
        timeout 900 cargo build --quiet --release --target "$target" \
            -Zbuild-std=std,panic_unwind,panic_abort,proc_macro,test
    ) || die "the standard library of $target cannot be built" "its dependencies come from crates.io; is the network there?"
    mkdir -p "$scratch/lib"
    rm -f "$scratch/lib"/*
    cp "$out/$target/release/deps"/*.rlib "$scratch/lib/"
    rm -f "$scratch/lib"/libempty-*
    rm -rf "$out"
    mkdir -p "$copy/lib/rustlib/$target"
    rm -rf "$copy/lib/rustlib/$target/lib"
    mv "$scratch/lib" "$copy/lib/rustlib/$target/lib"
}
