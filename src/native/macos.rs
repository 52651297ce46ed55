//! macOS: places with two spellings, and directories that show other places under another name.

/// Pairs of prefixes that name the same place on every macOS since 10.15, whether anything exists there or not:
/// the other spelling, then the usual one (N-6). `/home` is a link that leads the other way; either direction
/// makes the two one place, and this one keeps the spelling that people write.
///
/// The first lines are symlinks in the root directory. The rest are firmlinks: the directories that Apple lists
/// in `/usr/share/firmlinks` (as shipped with macOS 10.15 to 12), each of which lies on the data volume, mounted
/// at `/System/Volumes/Data`, and appears in the root volume under its own name.
pub(crate) const ALIASES: &[(&str, &str)] = &[
    ("/tmp", "/private/tmp"),
    ("/var", "/private/var"),
    ("/etc", "/private/etc"),
    ("/System/Volumes/Data/AppleInternal", "/AppleInternal"),
    ("/System/Volumes/Data/Applications", "/Applications"),
    ("/System/Volumes/Data/Library", "/Library"),
    ("/System/Volumes/Data/System/Library/Assets", "/System/Library/Assets"),
    ("/System/Volumes/Data/System/Library/AssetsV2", "/System/Library/AssetsV2"),
    ("/System/Volumes/Data/System/Library/Caches", "/System/Library/Caches"),
    (
        "/System/Volumes/Data/System/Library/CoreServices/CoreTypes.bundle/Contents/Library",
        "/System/Library/CoreServices/CoreTypes.bundle/Contents/Library",
    ),
    ("/System/Volumes/Data/System/Library/PreinstalledAssets", "/System/Library/PreinstalledAssets"),
    ("/System/Volumes/Data/System/Library/PreinstalledAssetsV2", "/System/Library/PreinstalledAssetsV2"),
    ("/System/Volumes/Data/System/Library/Speech", "/System/Library/Speech"),
    ("/System/Volumes/Data/Users", "/Users"),
    ("/System/Volumes/Data/Volumes", "/Volumes"),
    ("/System/Volumes/Data/cores", "/cores"),
    ("/System/Volumes/Data/home", "/home"),
    ("/System/Volumes/Data/opt", "/opt"),
    ("/System/Volumes/Data/private", "/private"),
    ("/System/Volumes/Data/usr/libexec/cups", "/usr/libexec/cups"),
    ("/System/Volumes/Data/usr/local", "/usr/local"),
    ("/System/Volumes/Data/usr/share/snmp", "/usr/share/snmp"),
];

/// First segments below which the kernel looks up files in a way of its own: by number, or once more from the
/// root with other rules about links (N-7).
pub(crate) const MAGIC_TOP: [&[u8]; 3] = [b".vol", b".nofollow", b".resolve"];

/// Directories of the system, none of which is meant to be worked in (S-11). Temporary directories are not among
/// them.
pub(crate) const SYSTEM_DIRECTORIES: &[&str] = &[
    "/Applications",
    "/Library",
    "/Network",
    "/System",
    "/System/Applications",
    "/System/Library",
    "/System/Volumes",
    "/System/Volumes/Data",
    "/Users",
    "/Users/Shared",
    "/Volumes",
    "/bin",
    "/cores",
    "/dev",
    "/etc",
    "/home",
    "/opt",
    "/opt/homebrew",
    "/private",
    "/private/etc",
    "/private/var",
    "/private/var/db",
    "/private/var/log",
    "/private/var/root",
    "/sbin",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/libexec",
    "/usr/local",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/db",
    "/var/log",
    "/var/root",
];
