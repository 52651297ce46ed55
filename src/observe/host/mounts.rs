//! Linux's list of mounts, and what a kind of file system tells about how names are compared.

use crate::native::Os;
use crate::native::key::NormRule;
use crate::native::path::NativePath;

/// One line of Linux's `mountinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) id: u64,
    /// `major:minor`.
    pub(super) device: String,
    /// Where it is mounted.
    pub(super) at: NativePath,
    /// The file system's name for itself.
    pub(super) fs_type: String,
}

/// Reads `mountinfo`; a line that cannot be read, or a mount point that no path can name, is left out.
pub(super) fn read(mountinfo: &[u8]) -> Vec<Mount> {
    mountinfo.split(|byte| *byte == b'\n').filter_map(mount).collect()
}

fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let mut text = || fields.next().and_then(|field| String::from_utf8(unescaped(field)).ok());
    let id = text()?.parse().ok()?;
    let _parent = text()?;
    let device = text()?;
    let _inner_root = text()?;
    let at = NativePath::parse(Os::Linux, &text()?).ok()?;
    // Options of the mount, and any number of further fields, end at a dash.
    while text()? != "-" {}
    let fs_type = text()?;
    Some(Mount { id, device, at, fs_type })
}

/// Blanks, tabs, line ends and backslashes are written as three octal digits after a backslash.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    loop {
        match rest {
            [] => return out,
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            [byte, after @ ..] => {
                out.push(*byte);
                rest = after;
            }
        }
    }
}

/// What a kind of file system tells about all volumes of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Names are bytes: case and normalization are kept apart.
    Bytes,
    /// Names are bytes, but for directories with the casefold flag, which ignore both.
    Flagged,
    /// One rule of case holds for the whole volume, and looking tells which.
    Probed(NormRule),
    /// Nothing.
    Unknown,
}

/// What Linux's kinds of file systems tell. One that folds ASCII alone, that another machine serves, or that lives in a
/// program is not known: there, only denials take two spellings for one. ZFS compares alike in the kernel and in a
/// program. Of a tmpfs, Linux does not list the option that lets its directories fold.
pub(super) fn names(fs_type: &str) -> Names {
    match fs_type {
        "ext2" | "ext3" | "btrfs" | "ramfs" | "squashfs" | "erofs" | "proc" | "sysfs" | "cgroup"
        | "cgroup2" | "devpts" | "devtmpfs" | "nilfs2" | "mqueue" | "hugetlbfs" | "securityfs"
        | "tracefs" | "debugfs" | "configfs" | "bpf" => Names::Bytes,
        "ext4" | "f2fs" | "bcachefs" | "overlay" | "tmpfs" => Names::Flagged,
        "xfs" => Names::Probed(NormRule::Preserving),
        "zfs" | "fuse.zfs" | "hfsplus" | "apfs" => Names::Probed(NormRule::Unknown),
        _ => Names::Unknown,
    }
}

/// What the number of a kind of file system tells, as far as that number stands for kinds that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbered {
    /// ext2, ext3 and ext4: flagged, if the kernel can read such volumes at all.
    Ext,
    Of(Names),
}

/// The numbers of the kinds that whole systems are installed on (`linux/magic.h`). Every other kind is looked up in the
/// list of mounts: what FUSE serves, for one, has one number for all.
pub(super) const fn numbered(number: u64) -> Option<Numbered> {
    Some(match number {
        0xEF53 => Numbered::Ext,
        // f2fs, tmpfs, overlay
        0xF2F5_2010 | 0x0102_1994 | 0x794C_7630 => Numbered::Of(Names::Flagged),
        // btrfs
        0x9123_683E => Numbered::Of(Names::Bytes),
        // xfs
        0x5846_5342 => Numbered::Of(Names::Probed(NormRule::Preserving)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mountinfo_is_read_with_its_escapes_and_optional_fields() {
        let text = b"22 27 0:21 / /proc rw,relatime - proc proc rw\n\
            36 35 98:0 /mnt1 /mnt/a\\040b\\134c rw,noatime master:1 shared:7 - ext4 /dev/root rw,errors=continue\n\
            \n\
            37 35 0:9 / relative rw - tmpfs x rw\n\
            38 35 0:9 / /no\\377utf8 rw - tmpfs x rw\n\
            39 35 0:9 / /cut rw\n\
            40 35 0:9 / /t rw - tmpfs tmpfs rw\n";
        let mounts = read(text);
        let told: Vec<_> = mounts
            .iter()
            .map(|mount| (mount.id, mount.device.as_str(), mount.at.as_str(), mount.fs_type.as_str()))
            .collect();
        assert_eq!(
            told,
            [(22, "0:21", "/proc", "proc"), (36, "98:0", r"/mnt/a b\c", "ext4"), (40, "0:9", "/t", "tmpfs")]
        );
    }

    #[test]
    fn what_may_fold_in_single_directories_is_asked_about_each() {
        for fs_type in ["ext4", "f2fs", "bcachefs", "overlay", "tmpfs"] {
            assert_eq!(names(fs_type), Names::Flagged, "{fs_type}");
        }
    }

    #[test]
    fn only_kinds_that_whole_systems_are_on_are_known_by_their_number() {
        assert_eq!(numbered(0xEF53), Some(Numbered::Ext));
        assert_eq!(numbered(0x0102_1994), Some(Numbered::Of(Names::Flagged)));
        // FUSE, 9p, NFS, vfat
        for number in [0x6573_5546, 0x0102_1997, 0x6969, 0x4d44, 0] {
            assert_eq!(numbered(number), None, "{number:x}");
        }
    }

    #[test]
    fn what_folds_ascii_alone_or_is_served_is_not_known() {
        for fs_type in
            ["vfat", "exfat", "ntfs3", "cifs", "9p", "fuse", "fuse.sshfs", "nfs4", "virtiofs", "xyz"]
        {
            assert_eq!(names(fs_type), Names::Unknown, "{fs_type}");
        }
    }
}
