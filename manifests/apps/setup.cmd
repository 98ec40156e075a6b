@echo off
rem An installer as small as can be: asks unless told /quiet, and leaves a mark.
if /i not "%~1"=="/quiet" pause
if not exist "%ProgramData%\longshore-example" mkdir "%ProgramData%\longshore-example"
> "%ProgramData%\longshore-example\version.txt" echo 2.1.0
exit /b 0
