#!/usr/bin/python3
"""Builds the static libraries that the Windows build links: OpenSSL, SQLite, libxml2, cmocka.

Owns: the recipes, the choice of source versions (deps_windows.lock) and a cache outside the tree.
The sources are Debian source packages, fetched by apt-get with a configuration of its own; the
machine's apt configuration is read, never changed. Prints the install prefix as the last line.
Must not know: the product's own sources, CMake, or how the libraries are used.

Whoever links these libraries needs -fstack-protector-strong (or -lssp) and -static.
"""

import argparse
import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path

HOST = "x86_64-w64-mingw32"
COMPILERS = (f"{HOST}-gcc", f"{HOST}-gcc-win32")
FLAGS = "-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2"
# Debian 13 for the libraries we ship; Debian 12 for cmocka, so that the unit tests run with the
# same cmocka natively and for Windows. Only source entries: no binary of Debian 13 gets in.
SUITES = "trixie bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LOCK = Path(__file__).with_suffix(".lock")
STAMP = ".complete"
LAYOUT = 1  # raise it when a change to this script, outside the recipes, changes the result
# Debian packages of programs that are not called like their package.
PACKAGES = {"apt-get": "apt", "dpkg-source": "dpkg-dev", "tclsh": "tcl",
            f"{HOST}-ar": "binutils-mingw-w64-x86-64"}
Compiler = namedtuple("Compiler", "name version")
Line = namedtuple("Line", "package version file sha256")  # one source file, one line of the lock


@dataclass(frozen=True)
class Recipe:
    """How one Debian source package becomes include/*.h and lib/*.a below $OUT."""

    package: str
    series: str  # upstream versions that may stand in for a pinned one start with this
    tools: tuple[str, ...]  # programs that must be there
    steps: tuple[tuple[str, str], ...]  # (name, sh script), run in the unpacked source


# A service must not read openssl.cnf from a folder that any user can create, as /usr/local/ssl is
# on Windows: no automatic configuration, and the folders compiled in are writable by administrators
# only. They are given to make and not to Configure, which takes C:/ for a relative path.
OPENSSL_CONFIGURE = f"""
./Configure mingw64 --libdir=lib no-autoload-config no-shared no-module no-tests no-apps no-docs \
    no-engine no-legacy no-quic no-dtls no-cmp no-srp \
    CC="$CROSS_CC" AR={HOST}-ar RANLIB={HOST}-ranlib RC={HOST}-windres CFLAGS="$CROSS_FLAGS"
"""
OPENSSL_BUILD = """
make -j"$JOBS" build_libs OPENSSLDIR="C:/Program Files/Common Files/SSL" \
    ENGINESDIR="C:/Program Files/OpenSSL/lib/engines-3" \
    MODULESDIR="C:/Program Files/OpenSSL/lib/ossl-modules"
"""

# Configured natively (lemon must run here); only the amalgamation is cross-compiled. Secure delete
# as in Debian's own binary; extensions cannot be loaded at all.
SQLITE_BUILD = f"""
"$CROSS_CC" $CROSS_FLAGS -DSQLITE_SECURE_DELETE -DSQLITE_OMIT_LOAD_EXTENSION -c sqlite3.c
{HOST}-ar rcs libsqlite3.a sqlite3.o
install -D -m 644 -t "$OUT/include" sqlite3.h
install -D -m 644 -t "$OUT/lib" libsqlite3.a
"""

# Debian's patches make the Makefile want to run automake again; ":" in its place does nothing.
LIBXML2_CONFIGURE = f"""
./configure --host={HOST} --prefix="$OUT" CC="$CROSS_CC" CFLAGS="$CROSS_FLAGS" --disable-shared \
    --without-python --without-lzma --without-zlib --without-iconv --without-http --without-ftp \
    --without-catalog --without-modules --without-debug
"""
NO_AUTOMAKE = "AUTOMAKE=: ACLOCAL=: AUTOCONF=: AUTOHEADER=:"
LIBXML2_BUILD = f"""
make -j"$JOBS" {NO_AUTOMAKE} libxml2.la
make {NO_AUTOMAKE} install-libLTLIBRARIES
make {NO_AUTOMAKE} -C include install
"""

# One file, so no CMake: its project insists on a DLL.
CMOCKA_BUILD = f"""
"$CROSS_CC" $CROSS_FLAGS -w -D__USE_MINGW_ANSI_STDIO=1 -DHAVE_GCC_THREAD_LOCAL_STORAGE \
    -DHAVE_INTTYPES_H -DHAVE_SIGNAL_H -DHAVE_STRUCT_TIMESPEC -Iinclude -c src/cmocka.c
{HOST}-ar rcs libcmocka.a cmocka.o
install -D -m 644 -t "$OUT/include" include/cmocka.h
install -D -m 644 -t "$OUT/lib" libcmocka.a
"""

RECIPES = (
    Recipe("openssl", "3.5.", ("perl", "make"), (
        ("configure", OPENSSL_CONFIGURE),
        ("build", OPENSSL_BUILD),
        ("install", 'make install_dev INSTALLTOP="$OUT"'),
    )),
    Recipe("sqlite3", "3.46.", ("gcc", "make", "tclsh"), (
        ("configure", "./configure --disable-tcl"),
        ("amalgamation", "make sqlite3.c"),
        ("build", SQLITE_BUILD),
    )),
    Recipe("libxml2", "2.12.7+dfsg+really2.9.", ("make",), (
        ("configure", LIBXML2_CONFIGURE),
        ("build", LIBXML2_BUILD),
    )),
    Recipe("cmocka", "1.1.5", (), (("build", CMOCKA_BUILD),)),
)


class Failure(Exception):
    """One clear sentence for the person at the terminal."""


def say(text, end="\n"):
    print(text, end=end, file=sys.stderr, flush=True)


def run(name, command, log, cwd, env):
    """Runs one named step with its output in a log file, and says how long it took."""
    say(f"{name} ...", end=" ")
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with open(log, "wb") as output:
        status = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                stdout=output, stderr=subprocess.STDOUT).returncode
    say(f"{time.monotonic() - start:.1f} s" if status == 0 else "failed")
    if status != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise Failure(f"{name} failed (exit status {status}); the log is {log}, "
                      f"its last lines are:\n{tail}")


def parse_line(text, where):
    match = re.fullmatch(r"(\S+)\s+(\S+)\s+([^\s/]+)\s+([0-9a-f]{64})", text)
    if not match:
        raise Failure(f"{where}: not 'package version file sha256': {text}")
    return Line(*match.groups())


def read_lock(path):
    if not path.is_file():
        raise Failure(f"no lock file {path}; name one with --lock")
    texts = (text.split("#")[0].strip() for text in path.read_text().splitlines())
    return [parse_line(text, path) for text in texts if text]


def of(package, lines):
    return [line for line in lines if line.package == package]


def as_text(lines):
    return "\n".join(map(" ".join, lines))


def warn_about_changes(lock, lines):
    """Says which packages are not what the lock pins, and what to commit."""
    for recipe in RECIPES:
        old, new = of(recipe.package, lock), of(recipe.package, lines)
        if set(old) != set(new):
            state = f"{old[0].version} is no longer in the index" if old else "is not in the lock"
            say(f"deps_windows: WARNING: {recipe.package} {state}; taking {new[0].version}. "
                "Lines to commit in the lock:")
            say(as_text(new))


def machine_mirror(folder, release=Path("/etc/os-release")):
    """The URI from which this machine takes Debian's main archive.

    apt-get lists what an update would fetch, whatever form the sources have and whether or not
    they were ever updated. Another vendor's archive may use Debian's suite names too, so a URI
    that ends in /debian is preferred; a wrong one does no harm: Debian's key has not signed it.
    """
    shown = subprocess.run(["apt-get", "-o", f"Dir::State::Lists={folder}", "--print-uris",
                            "update"], capture_output=True, text=True).stdout
    codenames = re.findall(r'^VERSION_CODENAME="?(\w+)', release.read_text(), re.MULTILINE)
    suites = "|".join(["stable", "testing", "unstable", "sid", *codenames])
    uris = re.findall(rf"^'(?!cdrom:)(\S+)/dists/(?:{suites})/main/binary-", shown, re.MULTILINE)
    if not uris:
        raise Failure("no Debian archive in this machine's apt sources; name one with --mirror")
    return min(uris, key=lambda uri: not uri.endswith("/debian"))


class Archive:
    """Debian's source index and files, as far as the keyring confirms them."""

    def __init__(self, args, root):
        folder, self.logs = fresh(root / "work/apt"), root / "logs"
        (folder / "lists/partial").mkdir(parents=True)
        (folder / "cache/archives/partial").mkdir(parents=True)
        self.mirror = args.mirror or machine_mirror(folder / "lists")
        self.suites, self.keyring = args.suite, args.keyring
        self.config = folder / "apt.conf"
        self.environment = {**os.environ, "LC_ALL": "C"}
        sources = folder / "debian.sources"
        sources.write_text(f"Types: deb-src\nURIs: {self.mirror}\nSuites: {self.suites}\n"
                           f"Components: main\nSigned-By: {self.keyring}\n")
        # The machine's settings (a proxy, say) stay in force, except: its sources and hooks are
        # not used, nothing unsigned is accepted, and the user _apt, who may not read a private
        # cache, is not used for downloads.
        self.config.write_text(f"""
            Dir::Etc::sourcelist "{sources}";
            Dir::Etc::sourceparts "-";
            Dir::State::Lists "{folder}/lists";
            Dir::State::status "/dev/null";
            Dir::Cache "{folder}/cache";
            Acquire::AllowInsecureRepositories "false";
            Acquire::AllowWeakRepositories "false";
            APT::Get::AllowUnauthenticated "false";
            APT::Sandbox::User "root";
            #clear APT::Update;
            APT::Update::Error-Mode "any";
            """)

    def apt_get(self, name, arguments, cwd):
        run(name, ["apt-get", "-c", self.config, "-q", *arguments],
            self.logs / (name.replace(": ", "-") + ".log"), cwd, self.environment)

    def update(self):
        """The lists folder is new, so apt-get cannot fall back on an older index."""
        if not self.keyring.is_file():
            raise Failure(f"no keyring {self.keyring} (Debian package debian-archive-keyring)")
        try:
            self.apt_get("apt: update", ["update"], self.config.parent)
        except Failure as failure:
            if "is not signed" in str(failure) and "Failed to fetch" not in str(failure):
                raise Failure(f"the index of {self.suites} at {self.mirror} is not signed by a key "
                              f"in {self.keyring}; refused.\n{failure}") from None
            raise

    def available(self, package):
        """{version: its source files} of a package in the index."""
        command = ["apt-cache", "-c", self.config, "showsrc", "--only-source", package]
        shown = subprocess.run(command, env=self.environment, capture_output=True, text=True).stdout
        found = {}
        for stanza in shown.split("\n\n"):
            version = re.search(r"^Version: (\S+)$", stanza, re.MULTILINE)
            files = re.search(r"^Checksums-Sha256:[^\n]*\n((?: .*\n?)+)", stanza, re.MULTILINE)
            if version and files:
                rows = [row.split() for row in files[1].splitlines()]
                found[version[1]] = [parse_line(f"{package} {version[1]} {name} {digest}", "index")
                                     for digest, size, name in rows]
        return found


def upstream(version):
    """A Debian version without its epoch and its Debian revision."""
    return version.split(":", 1)[-1].rsplit("-", 1)[0]


def newer(one, other):
    """The newer of two Debian versions."""
    compared = subprocess.run(["dpkg", "--compare-versions", one, "gt", other])
    return one if compared.returncode == 0 else other


def choose(recipe, pinned, available):
    """The files of the pinned version, or of the newest version of its series."""
    version = pinned[0].version if pinned else None
    if version in available:
        for line in set(pinned) ^ set(available[version]):
            raise Failure(f"{recipe.package} {version}: the lock and the signed index disagree "
                          f"about the SHA-256 of {line.file}, or only one has it")
        return available[version]
    same_series = [v for v in available if upstream(v).startswith(recipe.series)]
    if not same_series:
        raise Failure(f"{recipe.package}: the index has no version of the series {recipe.series}* "
                      f"(it has: {', '.join(sorted(available)) or 'none at all'})")
    return available[functools.reduce(newer, same_series)]


def ask_index(archive, lock):
    archive.update()
    return [line for recipe in RECIPES
            for line in choose(recipe, of(recipe.package, lock), archive.available(recipe.package))]


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = os.environ.get("OMSGATEWAY_CACHE") or Path(base) / "omsgateway"
    return Path(cache).resolve() / "windows-deps"


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def package_folder(root, recipe, lines, compiler):
    key = digest(LAYOUT, of(recipe.package, lines), recipe.steps, FLAGS, compiler.version)
    return root / "packages" / f"{recipe.package}-{key}"


def prefix_folder(root, lines, compiler):
    return root / digest(*(package_folder(root, recipe, lines, compiler).name
                           for recipe in RECIPES))


def finished(folder):
    return (folder / STAMP).is_file()


def publish(folder, target, lines):
    """Stamps a finished folder and moves it to its place in one go."""
    (folder / STAMP).write_text(as_text(lines) + "\n")
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(target)


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def only_one(root):
    """Lets one process at a time work in the cache."""
    root.mkdir(parents=True, exist_ok=True)
    with open(root / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another deps_windows.py ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        shutil.rmtree(root / "work", ignore_errors=True)  # after a failure it stays, to look at


def wrong_files(lines, sources):
    """The files that are not there or not what the lines say."""
    def right(line):
        path = sources / line.file
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == line.sha256
    return [line for line in lines if not right(line)]


def decision_file(args, lock, root):
    """Where the answer to this lock is remembered, so that the index is asked once per lock."""
    series = [(recipe.package, recipe.series) for recipe in RECIPES]
    return root / "resolved" / digest(args.mirror, args.suite, args.keyring, lock, series)


def obtain(args, lock, root):
    """The source files' lines, with every file in the cache and checked."""
    decision, sources = decision_file(args, lock, root), root / "sources"
    for folder in (decision.parent, sources):
        folder.mkdir(exist_ok=True)
    if decision.is_file():
        lines = read_lock(decision)
        if not wrong_files(lines, sources):
            return lines
    archive = Archive(args, root)
    lines = ask_index(archive, lock)
    wrong = wrong_files(lines, sources)
    for line in wrong:
        (sources / line.file).unlink(missing_ok=True)
    for package, version in dict.fromkeys((line.package, line.version) for line in wrong):
        archive.apt_get(f"{package}: download", ["source", "--download-only", "--only-source",
                                                 f"{package}={version}"], sources)
    for line in wrong_files(lines, sources):
        raise Failure(f"{sources / line.file}: its SHA-256 is not {line.sha256}")
    new = decision.with_suffix(".new")
    new.write_text(as_text(lines) + "\n")
    new.rename(decision)
    return lines


def find_compiler():
    for name in COMPILERS:
        if shutil.which(name):
            shown = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            return Compiler(name, shown.partition("\n")[0])
    raise Failure(f"missing: {COMPILERS[0]} (Debian package gcc-mingw-w64-x86-64)")


def check_tools(programs):
    missing = [f"{program} (Debian package {PACKAGES.get(program, program)})"
               for program in programs if not shutil.which(program)]
    if missing:
        raise Failure("missing: " + ", ".join(missing))


def build_environment(out, compiler):
    """Little is inherited: a caller's MAKEFLAGS or today's date must not change what is built."""
    names = {"PATH", "HOME", "TMPDIR"} & set(os.environ)
    return {**{name: os.environ[name] for name in names}, "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1",
            "OUT": str(out), "JOBS": str(len(os.sched_getaffinity(0))),
            "CROSS_CC": compiler.name, "CROSS_FLAGS": FLAGS}


def collect(out, source, package, kept):
    """Copies headers, static libraries and the licence; other files name the build's folder."""
    shutil.copytree(out / "include", kept / "include")
    for name in ("lib", "licenses"):
        (kept / name).mkdir()
    for library in (out / "lib").glob("*.a"):
        shutil.copy(library, kept / "lib")
    shutil.copyfile(source / "debian/copyright", kept / "licenses" / f"{package}.txt")


def build_package(root, recipe, lines, compiler):
    """Unpacks and builds one package in a work folder and moves the result to its place."""
    work = fresh(root / "work" / recipe.package)
    source, out, kept = work / "source", work / "out", fresh(work / "kept")
    environment = build_environment(out, compiler)
    mine = of(recipe.package, lines)
    dsc = next(line.file for line in mine if line.file.endswith(".dsc"))
    # --no-check: the hashes are checked already; the maintainers' own keys are not known here.
    unpack = f'dpkg-source --no-check -x "{root}/sources/{dsc}" "{source}"'
    for name, script in (("unpack", unpack), *recipe.steps):
        run(f"{recipe.package}: {name}", ["sh", "-ec", script],
            root / "logs" / f"{recipe.package}-{name}.log",
            work if name == "unpack" else source, environment)
    collect(out, source, recipe.package, kept)
    publish(kept, package_folder(root, recipe, lines, compiler), mine)


def build_all(root, lines, compiler):
    """Builds what is not there yet, and lays all packages together in one prefix."""
    folders = {recipe: package_folder(root, recipe, lines, compiler) for recipe in RECIPES}
    for recipe, folder in folders.items():
        if not finished(folder):
            build_package(root, recipe, lines, compiler)
    together = fresh(root / "work/prefix")
    for folder in folders.values():
        shutil.copytree(folder, together, dirs_exist_ok=True)
    publish(together, prefix_folder(root, lines, compiler), lines)


def install(args, lock):
    """The prefix; nothing but a few small files is read when it is there already."""
    compiler, root = find_compiler(), cache_folder()
    decision = decision_file(args, lock, root)
    lines = read_lock(decision) if decision.is_file() else []
    if not lines or not finished(prefix_folder(root, lines, compiler)):
        tools = ["dpkg-source", f"{HOST}-ar", *(t for recipe in RECIPES for t in recipe.tools)]
        check_tools(dict.fromkeys(tools))
        with only_one(root):
            lines = obtain(args, lock, root)
            if not finished(prefix_folder(root, lines, compiler)):
                build_all(root, lines, compiler)
    warn_about_changes(lock, lines)
    return prefix_folder(root, lines, compiler)


def resolve_only(args, lock):
    root = cache_folder()
    with only_one(root):
        lines = ask_index(Archive(args, root), lock)
    warn_about_changes(lock, lines)
    return as_text(lines)


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--print-prefix", action="store_true", help="print the bare prefix")
    parser.add_argument("--resolve-only", action="store_true",
                        help="print the lock lines that would be used; build nothing")
    parser.add_argument("--lock", type=Path, default=LOCK, metavar="FILE")
    parser.add_argument("--mirror", metavar="URI", help="default: this machine's Debian archive")
    parser.add_argument("--suite", default=SUITES, metavar="S", help="default: %(default)s")
    parser.add_argument("--keyring", type=Path, default=KEYRING, metavar="FILE")
    args = parser.parse_args(argv)
    args.keyring = args.keyring.absolute()
    return args


def main(argv=None):
    args = arguments(argv)
    try:
        check_tools(["apt-get", "dpkg"])
        lock = read_lock(args.lock)
        if args.resolve_only:
            print(resolve_only(args, lock))
        else:
            prefix = install(args, lock)
            print(prefix if args.print_prefix else f"prefix: {prefix}")
    except Failure as failure:
        say(f"deps_windows: {failure}")
        return 1
    except OSError as error:
        say(f"deps_windows: {error.filename or 'a file or program'}: {error.strerror}")
        return 1
    except KeyboardInterrupt:
        say("")  # ends the line of the step that was running
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
