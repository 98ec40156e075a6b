@echo off
rem The smallest program of the example library.
echo hello from %OS%
