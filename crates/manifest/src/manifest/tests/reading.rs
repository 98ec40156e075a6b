//! What cannot be read, each with its line, column, message and hint, all in one go.

use super::check;

#[test]
fn a_key_that_is_mistyped_is_told() {
    check(
        r#"[library]
name = "l"

[[artifact]]
id = "a"
version = "1"
path = "a.zip"
sha265 = "ab"
"#,
        r"
8:1: `sha265` is not known here
  hint: did you mean `sha256`?
",
    );
}

#[test]
fn a_key_in_a_wrong_place_and_one_that_resembles_nothing_is_told() {
    check(
        r#"[library]
name = "l"
version = "1"
[settings]
x = 1
"#,
        r"
3:1: `version` is not known here
  hint: known are `name`, `destination`, `os`
4:2: `settings` is not known here
  hint: known are `library`, `artifact`
",
    );
}

#[test]
fn everything_at_once_is_told() {
    check(
        r#"[library]
name = "my library"
os = "win"

[[artifact]]
id = "a"
version = 1.0
url = "example.com/a.zip"
sha256 = "abc"

[[artifact]]
id = "b"
version = "1"
path = "C:\\b.zip"
"#,
        r#"
2:8: not the name of a library: `my library`; letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit
3:6: `win` is none of the values
  hint: did you mean `windows`?
7:11: invalid type: floating point `1.0`, expected a string
  hint: write it in quotes: `version = "1.10"`
8:7: `url` is not a URL: relative URL without a base
  hint: write it whole: `https://HOST/PATH`
9:10: not a digest of 64 hexadecimal digits: `abc`
  hint: it is the SHA-256 of the file as 64 hexadecimal digits: `sha256sum FILE`, or `Get-FileHash FILE`
14:8: a backslash in a path
  hint: write `/` between the parts, on Windows too
"#,
    );
}

#[test]
fn a_key_twice_is_told() {
    check(
        r#"[library]
name = "l"
name = "m"
"#,
        r"
3:1: `name` is there twice
  hint: keep one; a further artifact begins with `[[artifact]]`
",
    );
}

#[test]
fn no_toml_is_told() {
    check(
        r#"[library
name = "l"
os = 
"#,
        r"
1:9: unclosed table, expected `]`
",
    );
}

#[test]
fn nothing_is_told() {
    check(
        r"",
        r#"
1:1: `library` is missing
  hint: begin with `[library]` and `name = "…"`
"#,
    );
}

#[test]
fn an_artifact_in_single_brackets_is_told() {
    check(
        r#"[library]
name = "l"
[artifact]
id = "a"
"#,
        r"
3:1: `artifact` is not a list of artifacts
  hint: begin each with `[[artifact]]`, in double brackets
",
    );
}

#[test]
fn what_is_missing_is_told() {
    check(
        r#"[library]
[[artifact]]
path = "a.zip"
[artifact.install]
to = "C:/x"
"#,
        r"
1:1: `name` is missing
  hint: add `name = …`
2:1: `id` is missing
  hint: add `id = …`
4:1: `type` is missing
  hint: add `type = …`
",
    );
}

#[test]
fn a_list_that_is_no_list_and_an_exit_code_that_is_none_is_told() {
    check(
        r#"[library]
name = "l"
[[artifact]]
id = "a"
version = "1"
path = "a.exe"
[artifact.install]
type = "exe"
args = "/S"
success = [0, "3010"]
nested = "a.exe"
tpye = "inno"
"#,
        r#"
9:8: invalid type: string "/S", expected a list
  hint: write a list: `["…", "…"]`
10:15: invalid type: string "3010", expected a whole number
11:10: invalid type: string "a.exe", expected a table
12:1: `tpye` is not known here
  hint: did you mean `type`?
"#,
    );
}
