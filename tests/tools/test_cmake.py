"""The CMake files of service/tools/build, each in a small project of its own.

Owns a pretended deps_windows.py, by way of OMS_PYTHON. Must not know the product's own targets.
"""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "service/tools/build"


def cmake(*words, **options) -> str:
    """What CMake says, on both its streams."""
    result = subprocess.run(["cmake", *map(str, words)], stdout=subprocess.PIPE, text=True,
                            stderr=subprocess.STDOUT, check=False, **options)
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.fixture(name="dependencies")
def make_dependencies(tmp_path):
    """Configures a project over a prefix of this name; returns what was found, by variable."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$PREFIX"\n')
    python.chmod(0o755)
    (tmp_path / "CMakeLists.txt").write_text(f"""
        cmake_minimum_required(VERSION 3.25)
        project(finder LANGUAGES NONE)
        set(CMAKE_FIND_LIBRARY_PREFIXES lib)
        set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
        include({BUILD}/deps_windows.cmake)
        find_path(FOUND_HEADERS one.h)
        find_library(FOUND_LIBRARY one)
        set(FOUND_OTHER "/other" CACHE PATH "what the prefix does not hold")
        foreach(name FOUND_HEADERS FOUND_LIBRARY FOUND_OTHER)
            message("${{name}}=${{${{name}}}}")
        endforeach()
        """)

    def configure(name, *words):
        prefix = tmp_path / name
        for file in ("include/one.h", "lib/libone.a"):
            (prefix / file).parent.mkdir(parents=True, exist_ok=True)
            (prefix / file).touch()
        said = cmake("-S", tmp_path, "-B", tmp_path / "build", f"-DOMS_PYTHON={python}", *words,
                     env={"PREFIX": str(prefix), "PATH": "/usr/local/bin:/usr/bin:/bin"})
        return dict(line.removeprefix("FOUND_").replace(str(tmp_path), "").split("=", 1)
                    for line in said.splitlines() if line.startswith("FOUND_"))

    return configure


def test_another_prefix_replaces_what_was_found_in_the_first(dependencies):
    # "a" is how "ab" begins: to be below a folder is more than to begin like it.
    for name in ("ab", "a", "ab"):
        assert dependencies(name) == {"HEADERS": f"/{name}/include", "OTHER": "/other",
                                      "LIBRARY": f"/{name}/lib/libone.a"}


def test_the_same_prefix_leaves_what_was_set_by_hand(dependencies):
    dependencies("a")
    assert dependencies("a", "-DFOUND_LIBRARY=/mine.a")["LIBRARY"] == "/mine.a"


@pytest.mark.parametrize("on_windows, expected", [
    (True, {"system": "", "emulator": ""}),
    (False, {"system": "Windows", "emulator": "wine.sh"}),
])
def test_windows_is_a_cross_build_elsewhere_only(tmp_path, on_windows, expected):
    """To name the system is what makes CMake cross-compile."""
    (tmp_path / "said.cmake").write_text(f"""
        set(CMAKE_HOST_WIN32 {int(on_windows)})
        set(OMS_MINGW_GCC gcc)
        include({BUILD}/windows.cmake)
        get_filename_component(emulator "${{CMAKE_CROSSCOMPILING_EMULATOR}}" NAME)
        message("system=${{CMAKE_SYSTEM_NAME}}")
        message("emulator=${{emulator}}")
        """)
    said = cmake("-P", tmp_path / "said.cmake")
    assert dict(line.split("=") for line in said.splitlines()) == expected
