#!/bin/sh
# An installer as small as can be: asks unless told `--yes`, and leaves a mark.
set -eu
if [ "${1:-}" != "--yes" ]; then
    printf 'install the example? [y/N] '
    read -r answer
    [ "$answer" = y ] || exit 1
fi
directory="${LONGSHORE_EXAMPLE_ROOT:-}/var/lib/longshore-example"
mkdir -p "$directory"
echo "2.1.0" > "$directory/version"
