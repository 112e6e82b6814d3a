@echo off
rem The command, from a checkout: finds Java, builds when there is no jar yet, then runs Java.
rem After a change of the sources: mvn package. JAVA_HOME chooses the Java, JAVA_OPTS adds to its
rem options. (No blocks in parentheses: a path may hold one.)
setlocal EnableExtensions DisableDelayedExpansion
for %%R in ("%~dp0..") do set "root=%%~fR"

set "java=java.exe"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if not defined JAVA_HOME goto java_of_path
if exist "%java%" goto java_found
>&2 echo prune: JAVA_HOME is "%JAVA_HOME%", but there is no Java in it
exit /b 1
:java_of_path
where java.exe >nul 2>nul && goto java_found
>&2 echo prune: no Java found; install a JDK of version 17 or newer, or set JAVA_HOME
exit /b 1
:java_found

call :find_jar
if defined jar goto run
where mvn >nul 2>nul && goto build
>&2 echo prune: not built yet, and Maven (mvn) is not installed; it builds "%root%"
exit /b 1
:build
>&2 echo prune: building "%root%"; this is done once
pushd "%root%"
call mvn -q -B -Dmaven.test.skip=true package 1>&2
popd
call :find_jar
if defined jar goto run
>&2 echo prune: the build failed (mvn package in "%root%")
exit /b 1

:run
rem onnxruntime would otherwise write usage events to the user's folder for caches.
if not defined ORT_DISABLE_TELEMETRY set "ORT_DISABLE_TELEMETRY=1"
set "gc=-XX:+UseSerialGC"
if not defined JAVA_OPTS goto start
if not "%JAVA_OPTS:GC=%"=="%JAVA_OPTS%" set "gc="
:start
"%java%" --enable-native-access=ALL-UNNAMED -XX:-UsePerfData -Xlog:disable ^
  "-Xlog:all=warning,cds*=off:stderr" %gc% %JAVA_OPTS% ^
  -cp "%jar%;%root%\target\lib\*" io.espalier.cli.Main %*
exit /b %ERRORLEVEL%

:find_jar
set "jar="
for /f "delims=" %%J in ('dir /b /o:d "%root%\target\espalier-*.jar" 2^>nul ^| findstr /v /r "sources.jar javadoc.jar tests.jar"') do set "jar=%root%\target\%%J"
exit /b 0
