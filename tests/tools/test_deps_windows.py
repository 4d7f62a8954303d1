"""Tests of service/tools/build/deps_windows.py: which sources it takes, and what it refuses.

Owns: a tiny Debian archive, made by hand in a temporary folder and signed with throwaway keys; a
pretended cross compiler. Needs no network and builds no real library.
Must not know: the real recipes, beyond that the committed lock fits them.
"""

import concurrent.futures
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "service/tools/build/deps_windows.py"
SUITE = "testsuite"
COPYRIGHT = "Licence: none.\n"

for program in ("apt-get", "dpkg-source", "gpg"):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed", allow_module_level=True)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def tarball(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


class Keys:
    """A gpg home with the archive's key and a stranger's."""

    def __init__(self, home):
        self.home = home
        for name in ("archive", "stranger"):
            self.gpg("--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "never")

    def gpg(self, *arguments):
        return subprocess.run(["gpg", "--homedir", self.home, "--batch", "--quiet", *arguments],
                              check=True, capture_output=True).stdout

    def keyring(self, name, path):
        path.write_bytes(self.gpg("--export", name))
        return path


@pytest.fixture(scope="session")
def keys():
    # Not tmp_path: the name of gpg-agent's socket would become too long.
    with tempfile.TemporaryDirectory(prefix="gpg-") as home:
        yield Keys(home)
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)


class Repository:
    """A Debian archive of source packages, as files below a folder."""

    def __init__(self, root, keys):
        self.root, self.keys = root, keys
        self.stanzas, self.lines = [], {}
        (root / "pool").mkdir(parents=True)

    def add(self, package, version):
        """Adds a source package; returns its lock lines."""
        upstream = version.rsplit("-", 1)[0]
        files = {
            f"{package}_{upstream}.orig.tar.gz": tarball(
                {f"{package}-{upstream}/hello.h": f"/* {version} */\n"}),
            f"{package}_{version}.debian.tar.gz": tarball(
                {"debian/copyright": COPYRIGHT, "debian/source/format": "3.0 (quilt)\n"}),
        }
        head = f"Format: 3.0 (quilt)\nBinary: {package}\nArchitecture: any\nVersion: {version}\n"
        dsc = f"Source: {package}\n{head}Maintainer: T <t@t.invalid>\n{self.sums(files)}"
        files[f"{package}_{version}.dsc"] = dsc.encode()
        for name, data in files.items():
            (self.root / "pool" / name).write_bytes(data)
        self.stanzas.append(f"Package: {package}\n{head}Directory: pool\n{self.sums(files)}")
        return "".join(f"{package} {version} {name} {sha256(data)}\n"
                       for name, data in files.items())

    @staticmethod
    def sums(files):
        rows = {kind: "".join(f" {hashlib.new(kind, data).hexdigest()} {len(data)} {name}\n"
                              for name, data in files.items()) for kind in ("md5", "sha256")}
        return f"Files:\n{rows['md5']}Checksums-Sha256:\n{rows['sha256']}"

    def publish(self, key="archive"):
        """Writes the index, signed with the key of that name, or with none."""
        suite = self.root / "dists" / SUITE
        (suite / "main/source").mkdir(parents=True, exist_ok=True)
        index = "\n".join(self.stanzas).encode()
        (suite / "main/source/Sources").write_bytes(index)
        release = suite / "Release"
        release.write_text(
            f"Suite: {SUITE}\nCodename: {SUITE}\nComponents: main\nArchitectures: amd64\n"
            "Date: Wed, 01 Jan 2025 00:00:00 UTC\n"
            f"SHA256:\n {sha256(index)} {len(index)} main/source/Sources\n")
        (suite / "InRelease").unlink(missing_ok=True)
        if key:
            self.keys.gpg("--local-user", key, "--output", str(suite / "InRelease"),
                          "--clear-sign", str(release))
            release.unlink()


@pytest.fixture
def repository(tmp_path, keys):
    return Repository(tmp_path / "archive", keys)


class Tool:
    """The script with pretended recipes, compiler and cache."""

    def __init__(self, folder, keyring, capfd):
        self.folder, self.keyring, self.capfd = folder, keyring, capfd
        self.marker = folder / "marker"
        spec = importlib.util.spec_from_file_location("deps_windows", SCRIPT)
        self.module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = self.module
        spec.loader.exec_module(self.module)
        self.module.RECIPES = (self.recipe("openssl", "3.5."),)

    def recipe(self, package, series, extra="true"):
        script = f"""
        echo {package} >> {self.marker}
        mkdir -p "$OUT/include" "$OUT/lib/pkgconfig"
        cp hello.h "$OUT/include/{package}.h"
        echo "$CROSS_CC" > "$OUT/lib/lib{package}.a"
        echo "$OUT" > "$OUT/lib/pkgconfig/{package}.pc"
        {extra}
        """
        return self.module.Recipe(package, series, (), (("build", script),))

    def built(self):
        return self.marker.read_text().split() if self.marker.is_file() else []

    def arguments(self, *more):
        return ["--mirror", f"file:{self.folder}/archive", "--suite", SUITE,
                "--keyring", str(self.keyring), "--lock", str(self.folder / "lock"), *more]

    def run(self, lock, *more):
        """(exit status, stdout, stderr)"""
        (self.folder / "lock").write_text("# a comment\n" + lock)
        status = self.module.main(self.arguments(*more))
        return status, *self.capfd.readouterr()


@pytest.fixture
def tool(tmp_path, keys, monkeypatch, capfd):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gcc", "ar"):
        program = programs / f"x86_64-w64-mingw32-{name}"
        program.write_text("#!/bin/sh\necho pretended 1.0\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("OMSGATEWAY_CACHE", str(tmp_path / "cache"))
    return Tool(tmp_path, keys.keyring("archive", tmp_path / "keyring.gpg"), capfd)


# --- Which version is taken ---------------------------------------------------------------------

def test_pinned_version_is_used(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.add("openssl", "3.5.2-1")
    repository.publish()
    status, out, err = tool.run(pinned, "--resolve-only")
    assert status == 0
    assert sorted(out.splitlines()) == sorted(pinned.splitlines())
    assert "WARNING" not in err


@pytest.mark.parametrize("lock", ["", f"openssl 3.5.1-1 openssl_3.5.1-1.dsc {'0' * 64}\n"])
def test_newest_of_the_series_stands_in(tool, repository, lock):
    repository.add("openssl", "3.5.9-1")
    newest = repository.add("openssl", "3.5.10-1")
    repository.add("openssl", "3.6.0-1")
    repository.publish()
    status, out, err = tool.run(lock, "--resolve-only")
    assert status == 0
    assert sorted(out.splitlines()) == sorted(newest.splitlines())
    assert "WARNING: openssl" in err and "taking 3.5.10-1" in err
    assert set(newest.splitlines()) <= set(err.splitlines())


def test_other_series_is_not_taken(tool, repository):
    repository.add("openssl", "3.6.0-1")
    repository.publish()
    status, out, err = tool.run("", "--resolve-only")
    assert (status, out) == (1, "")
    assert "openssl: the index has no version of the series 3.5.* (it has: 3.6.0-1)" in err


# --- What is refused ----------------------------------------------------------------------------

def test_lock_and_index_disagree(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish()
    first = pinned.split()[3]
    status, out, err = tool.run(pinned.replace(first, "0" * 64))
    assert (status, out) == (1, "")
    assert "the lock and the signed index disagree" in err and "orig.tar.gz" in err
    assert tool.built() == []


def test_changed_file_is_refused(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish()
    changed = repository.root / "pool/openssl_3.5.1.orig.tar.gz"
    data = changed.read_bytes()
    changed.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    status, out, err = tool.run(pinned)
    assert (status, out) == (1, "")
    assert "openssl" in err and "download failed" in err
    assert tool.built() == []


@pytest.mark.parametrize("key", ["stranger", None])
def test_index_without_the_right_signature(tool, repository, key):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish(key)
    status, out, err = tool.run(pinned)
    assert (status, out) == (1, "")
    assert "is not signed by a key in" in err and "refused" in err
    assert tool.built() == []


@pytest.mark.parametrize("name", ["InRelease", "main/source/Sources"])
def test_index_changed_after_signing(tool, repository, name):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish()
    path = repository.root / "dists" / SUITE / name
    path.write_bytes(path.read_bytes().replace(b"2025", b"2026").replace(b"3.5.1", b"3.5.9"))
    status, out, err = tool.run(pinned)
    assert (status, out) == (1, "")
    assert "apt: update failed" in err
    assert tool.built() == []


def test_no_archive_there(tool):
    status, out, err = tool.run("")
    assert (status, out) == (1, "")
    assert "apt: update failed" in err


@pytest.mark.parametrize("line", ["openssl 3.5.1-1 openssl.dsc", f"a 1 ../../x.dsc {'0' * 64}"])
def test_bad_lock_line(tool, line):
    status, out, err = tool.run(line + "\n")
    assert (status, out) == (1, "")
    assert "not 'package version file sha256'" in err


# --- Building and the cache ---------------------------------------------------------------------

def test_build_and_second_run(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish()
    status, out, err = tool.run(pinned)
    assert status == 0
    prefix = Path(out.splitlines()[-1].removeprefix("prefix: "))
    found = sorted(str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file())
    assert found == [".complete", "include/openssl.h", "lib/libopenssl.a", "licenses/openssl.txt"]
    assert (prefix / "include/openssl.h").read_text() == "/* 3.5.1-1 */\n"
    assert (prefix / "licenses/openssl.txt").read_text() == COPYRIGHT

    shutil.rmtree(repository.root)  # nothing to do means: not even the index is looked at
    status, out, err = tool.run(pinned, "--print-prefix")
    assert (status, out, err) == (0, f"{prefix}\n", "")
    assert tool.built() == ["openssl"]


def test_a_stand_in_is_remembered(tool, repository):
    newer = repository.add("openssl", "3.5.2-1")
    repository.publish()
    status, out, err = tool.run(f"openssl 3.5.1-1 openssl_3.5.1-1.dsc {'0' * 64}\n")
    assert status == 0 and "WARNING" in err
    status, again, err = tool.run(f"openssl 3.5.1-1 openssl_3.5.1-1.dsc {'0' * 64}\n")
    assert (status, again) == (0, out) and "WARNING" in err
    status, committed, err = tool.run(newer)
    assert (status, committed) == (0, out) and "WARNING" not in err
    assert tool.built() == ["openssl"]


def test_another_package_does_not_rebuild_the_first(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    more = repository.add("sqlite3", "3.46.1-1")
    repository.publish()
    first = tool.run(pinned, "--print-prefix")
    tool.module.RECIPES += (tool.recipe("sqlite3", "3.46."),)
    second = tool.run(pinned + more, "--print-prefix")
    assert (first[0], second[0]) == (0, 0)
    assert tool.built() == ["openssl", "sqlite3"]
    assert first[1] != second[1]
    headers = sorted(path.name for path in (Path(second[1].strip()) / "include").iterdir())
    assert headers == ["openssl.h", "sqlite3.h"]


def test_damaged_file_in_the_cache_is_fetched_again(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish()
    tool.run(pinned)
    cache = tool.module.cache_folder()
    shutil.rmtree(cache / "packages")
    for path in cache.glob("*/.complete"):
        path.unlink()
    orig = cache / "sources/openssl_3.5.1.orig.tar.gz"
    orig.unlink()
    orig.write_bytes(tarball({"openssl-3.5.1/hello.h": "/* not what the lock says */\n"}))
    status, out, err = tool.run(pinned, "--print-prefix")
    assert status == 0
    assert (Path(out.strip()) / "include/openssl.h").read_text() == "/* 3.5.1-1 */\n"


def test_two_at_once_build_once(tool, repository):
    (tool.folder / "lock").write_text(repository.add("openssl", "3.5.1-1"))
    repository.publish()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(tool.module.main, tool.arguments()) for _ in range(2)]
    assert [run.result() for run in runs] == [0, 0]
    assert tool.built() == ["openssl"]


def test_failing_step_is_named(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish()
    good = tool.module.RECIPES
    tool.module.RECIPES = (tool.recipe("openssl", "3.5.", "seq 100; exit 3"),)
    status, out, err = tool.run(pinned)
    assert (status, out) == (1, "")
    assert "openssl: build failed (exit status 3); the log is" in err
    assert "openssl-build.log" in err
    assert err.splitlines()[-20:] == [str(number) for number in range(81, 101)]

    tool.module.RECIPES = good
    assert tool.run(pinned)[0] == 0


def test_what_the_system_refuses_is_one_sentence(tool, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("OMSGATEWAY_CACHE", str(tmp_path / "file"))
    status, out, err = tool.run("")
    assert (status, out) == (1, "")
    assert err == f"deps_windows: {tmp_path}/file/windows-deps: Not a directory\n"


def test_ctrl_c_is_quiet(tool, repository):
    pinned = repository.add("openssl", "3.5.1-1")
    repository.publish()
    tool.module.RECIPES = (tool.recipe("openssl", "3.5.", "kill -INT $PPID"),)
    status, out, err = tool.run(pinned)
    assert (status, out) == (130, "")
    assert err.splitlines()[-1] == "openssl: build ... " and "Traceback" not in err


def test_missing_compiler(tool, monkeypatch):
    monkeypatch.setattr(tool.module, "COMPILERS", ("no-such-compiler",))
    status, out, err = tool.run("")
    assert (status, out) == (1, "")
    assert "missing: no-such-compiler" in err


# --- The machine's archive, and the committed lock ----------------------------------------------

PLAIN = """
# deb http://commented.invalid/debian bookworm main
deb http://vendor.invalid/linux bookworm main
deb http://security.invalid/debian-security bookworm-security main
deb [arch=amd64 lang=none] http://mirror.invalid/debian bookworm main contrib # ours
"""
STANZAS = """
Types: deb
URIs: http://vendor.invalid/linux
Suites: bookworm
Components: main

Types: deb
# http://commented.invalid/debian
URIs: http://mirror.invalid/debian/
Suites: bookworm-updates
  bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://disabled.invalid/debian
Suites: bookworm
Components: main
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """The /etc/apt of a machine that was never updated, here and for apt-get."""
    etc = tmp_path / "etc"
    (etc / "sources.list.d").mkdir(parents=True)
    (etc / "os-release").write_text('NAME="Debian"\nVERSION_CODENAME=bookworm\n')
    (tmp_path / "lists/partial").mkdir(parents=True)
    (etc / "test.conf").write_text(f"""
        Dir::Etc::sourcelist "{etc}/sources.list";
        Dir::Etc::sourceparts "{etc}/sources.list.d";
        """)
    monkeypatch.setenv("APT_CONFIG", str(etc / "test.conf"))
    return etc


@pytest.mark.parametrize("name,text,expected", [
    ("sources.list", "deb http://mirror.invalid/debian bookworm main",
     "http://mirror.invalid/debian"),
    ("sources.list", "deb http://mirror.invalid/x bookworm main", "http://mirror.invalid/x"),
    ("sources.list", PLAIN, "http://mirror.invalid/debian"),
    ("sources.list.d/a.list", PLAIN, "http://mirror.invalid/debian"),
    ("sources.list.d/debian.sources", STANZAS, "http://mirror.invalid/debian"),
])
def test_machine_mirror(tool, machine, tmp_path, name, text, expected):
    (machine / name).write_text(text)
    assert tool.module.machine_mirror(tmp_path / "lists", machine / "os-release") == expected


def test_no_machine_mirror(tool, machine, tmp_path):
    with pytest.raises(tool.module.Failure, match="name one with --mirror"):
        tool.module.machine_mirror(tmp_path / "lists", machine / "os-release")


def test_committed_lock_fits_the_recipes():
    spec = importlib.util.spec_from_file_location("deps_windows_as_is", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    lines = module.read_lock(module.LOCK)
    assert {line.package for line in lines} == {recipe.package for recipe in module.RECIPES}
    for recipe in module.RECIPES:
        mine = module.of(recipe.package, lines)
        assert module.upstream(mine[0].version).startswith(recipe.series)
        assert sum(line.file.endswith(".dsc") for line in mine) == 1
