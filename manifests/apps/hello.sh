#!/bin/sh
# The smallest program of the example library.
echo "hello from $(uname -s)"
