//! What can be read and cannot be meant, each with its line, column, message and hint.

use super::check;

#[test]
fn two_sources_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "a.zip"
url = "https://example.com/a.zip"
"#,
        r"
7:7: `url` beside `path`: a file comes from one place
  hint: leave one of them out
",
    );
}

#[test]
fn no_source_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
"#,
        r"
3:1: nothing says where the file comes from
  hint: give a file with `path`, a vendor's address with `url`, or a blob elsewhere with `from`
",
    );
}

#[test]
fn ids_and_blobs_that_meet_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "x/a.zip"
[[artifact]]
id = "A"
version = "1"
path = "y/A.zip"
[[artifact]]
id = "b"
version = "1"
path = "b.zip"
blob = "a/1/a.ZIP"
[[artifact]]
id = "c"
version = "1"
path = "c.zip"
blob = "_releases/c.zip"
"#,
        r#"
8:6: `A` is there already
  hint: choose another `id`, or say with `architecture` which processor each is for
15:8: the blob `a/1/a.ZIP` is that of `a` already
  hint: give one of them another `blob`; a file for several processors is one artifact, with `architecture = "neutral"`
20:8: the name of the blob begins with `_`
  hint: such names are kept for releases and the like (`_releases/`): choose another folder
"#,
    );
}

#[test]
fn addresses_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
url = "http://example.com/a.zip"
[[artifact]]
id = "b"
version = "1"
url = "https://example.com/download/"
[[artifact]]
id = "c"
version = "1"
url = "ftp://example.com/c.zip"
[[artifact]]
id = "d"
version = "1"
url = "https://example.com/d.zip#top"
[[artifact]]
id = "e"
version = "1"
from = "e.zip"
"#,
        r#"
6:7: `url` is not encrypted
  hint: write `https://`, or give `sha256`, so that nobody on the way can change the file
10:7: `url` does not end in the name of a file
  hint: give it one: `file = "setup.exe"`
14:7: `url` is no address on the web
  hint: it begins with `https://`; for a file give `path`, for a blob elsewhere `from`
18:7: a fragment in `url`
  hint: leave out `#` and what follows: no server is ever sent it
22:8: `from` names no blob
  hint: write the blob as `https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB` or `az://ACCOUNT/CONTAINER/BLOB`; for a file give `path`
"#,
    );
}

#[test]
fn a_pattern_with_what_describes_one_file_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "apps/*.zip"
file = "a.zip"
blob = "a.zip"
"#,
        r"
7:8: `file` describes one file, and `path` is a pattern
  hint: a pattern may match several files: name one with `path`, or leave this out
8:8: `blob` describes one file, and `path` is a pattern
  hint: a pattern may match several files: name one with `path`, or leave this out
",
    );
}

#[test]
fn paths_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "/a.zip"
[[artifact]]
id = "b"
version = "1"
path = 'apps\b.zip'
[[artifact]]
id = "c"
version = "1"
path = "apps/"
[[artifact]]
id = "d"
version = "1"
path = "../apps/d.zip"
"#,
        r"
6:8: the path is absolute
  hint: write it relative to the folder of the manifest; `..` may lead out of it
10:8: a backslash in a path
  hint: write `/` between the parts, on Windows too
14:8: the path names no file
  hint: name a file, or several with a pattern such as `apps/*.msi`
",
    );
}

#[test]
fn installers_without_what_they_need_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "a.exe"
install = { type = "exe" }
[[artifact]]
id = "b"
version = "1"
path = "b.zip"
install = { type = "zip" }
[[artifact]]
id = "c"
version = "1"
path = "c.msi"
install = { type = "msi", to = 'C:\c', nested = { type = "inno", file = "../c.exe" } }
[[artifact]]
id = "d"
version = "1"
path = "d.exe"
install = { type = "portable", to = "apps", args = ["/S"] }
"#,
        r#"
7:11: an `exe` has no silent switches that are known
  hint: give them: `silent = ["/S"]`; common ones are `/S`, `/silent`, `/quiet`, `/qn`, `--silent` and `-y`, and `silent = []` says that it asks nothing
12:11: `to` is missing: type `zip` is put somewhere
  hint: add the directory: `to = 'C:\apps'` on Windows, `to = "/opt/apps"` on Linux
17:32: `to` for type `msi`, which chooses itself
  hint: `to` is for `zip` and `portable`; give others their directory by `args`
17:49: `nested` in an installer of type `msi`
  hint: only `zip` has files in it: leave `nested` out
17:73: `file` is no file in the archive
  hint: write its path from the root of the archive, with `/` between the parts and without `..`
22:37: `to` is no absolute directory of the build VM
  hint: the build VM runs Windows: `to = 'C:\apps'` or `to = '%ProgramFiles%\apps'`, in single quotes
22:52: `args` for type `portable`, which runs nothing
  hint: leave it out, or say with `nested` which installer in the archive is run
"#,
    );
}

#[test]
fn installers_of_windows_on_linux_is_told() {
    check(
        r#"[library]
name = "l"
os = "linux"
[[artifact]]
id = "a"
version = "1"
path = "a.msi"
signer = "A"
install = { type = "msi" }
[[artifact]]
id = "b"
version = "1"
path = "b.zip"
install = { type = "zip", to = 'C:\b' }
"#,
        r#"
8:10: `signer` is for files of Windows
  hint: leave it out and give `sha256`
9:20: `msi` installers are for Windows
  hint: on Linux there are `exe` (a program or script that installs), `zip` and `portable`; or say `os = "windows"` in `[library]`
14:32: `to` is no absolute directory of the build VM
  hint: the build VM runs Linux: `to = "/opt/apps"`
"#,
    );
}

#[test]
fn exit_codes_and_arguments_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "a.exe"
[artifact.install]
type = "inno"
args = ["/LOG", "C:\temp"]
success = [0, 3010]
reboot = [3010, 5000000000]
"#,
        r"
9:17: a control character, such as a new line or a tab
  hint: write it in one line; in quotes `\\` is one backslash, and in single quotes nothing is special
11:11: exit code 3010 is in `success` too
  hint: leave it in `reboot` if it asks for a restart, else in `success`
11:17: 5000000000 is no exit code
  hint: exit codes have 32 bits; on Linux they are from 0 to 255
",
    );
}

#[test]
fn requirements_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "git"
version = "1"
path = "a.exe"
install = { type = "inno", requires = ["gti"] }
[[artifact]]
id = "b"
version = "1"
path = "b.exe"
install = { type = "inno", requires = ["c"] }
[[artifact]]
id = "c"
version = "1"
path = "c.exe"
install = { type = "inno", requires = ["git", "b"] }
[[artifact]]
id = "d"
version = "1"
path = "d.exe"
install = { type = "inno", order = 1, requires = ["e", "d"] }
[[artifact]]
id = "e"
version = "1"
path = "e.exe"
install = { type = "inno", order = 2 }
"#,
        r"
7:40: no artifact has the id `gti`
  hint: did you mean `git`?
12:40: a circle: `b` requires `c` requires `b`
  hint: take one of these requirements out
22:51: `e` has order 2, which is after 1
  hint: give `e` at most order 1, or leave the orders out: `requires` is enough
22:56: a circle: `d` requires `d`
  hint: take one of these requirements out
",
    );
}

#[test]
fn updates_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "a.exe"
update = { from = "page", url = "https://example.com", pattern = "v[0-9]+" }
[[artifact]]
id = "b"
version = "1"
path = "b.exe"
update = { from = "github", repository = "https://github.com/x/y", tag = "v(" }
[[artifact]]
id = "c"
version = "1"
path = "c.exe"
update = { from = "winget", package = "C.C", pattern = "x" }
[[artifact]]
id = "d"
version = "1"
path = "d.exe"
update = { from = "page", url = "https://example.com" }
[[artifact]]
id = "e"
version = "1"
path = "e.exe"
update = { from = "gitlab" }
"#,
        r#"
7:66: the regular expression has no group
  hint: put round brackets around the version: 'v([0-9.]+)'
12:42: `repository` is not of the form OWNER/NAME
  hint: write it as `repository = "OWNER/NAME"`, without the address of the site
12:74: not a regular expression: unclosed group
  hint: write it in single quotes, where backslashes are themselves: 'v([0-9.]+)'
17:46: `pattern` is not known here
  hint: known are `package`, `api`
22:10: `pattern` is missing
  hint: add `pattern = …`
27:19: `gitlab` is none of the values
  hint: did you mean `github`?
"#,
    );
}

#[test]
fn signers_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "a.zip"
signer = "A"
"#,
        r"
7:10: `signer` is for exe and msi files
  hint: the signature of other files is not looked at: leave it out and give `sha256`
",
    );
}

#[test]
fn text_for_people_in_several_lines_is_told() {
    check(
        r#"[library]
name = "l"
destination = " "
[[artifact]]
id = "a"
version = "1"
name = """
a
b"""
path = "a.exe"
"#,
        r"
3:15: the destination is empty
  hint: name a container, or leave it out and give `--destination`
7:8: a control character, such as a new line or a tab
  hint: write it in one line; in quotes `\\` is one backslash, and in single quotes nothing is special
",
    );
}
