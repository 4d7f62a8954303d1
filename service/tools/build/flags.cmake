# How every C file of the product and its tests is compiled and linked: the language, the warnings,
# the hardening, and what a preset adds (OMS_SANITIZE, OMS_COVERAGE, OMS_FUZZ).
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_options(
    -pedantic-errors -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wundef -Wvla -Wcast-qual -Wwrite-strings -Werror
    # A path of the machine that built it has no place in a binary or in the text of a check.
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -fno-common -fstack-protector-strong)

if(WIN32)
    # Static: nothing but Windows' own DLLs beside the programs.
    add_link_options(-static -fstack-protector-strong
        -Wl,--nxcompat -Wl,--dynamicbase -Wl,--high-entropy-va)
    add_compile_definitions(_WIN32_WINNT=0x0A00 WINVER=0x0A00 UNICODE _UNICODE
        __USE_MINGW_ANSI_STDIO=1)
    # gcc's DWARF 5 is more than Wine's debugger can read.
    add_compile_options(-gdwarf-4)
else()
    # Jumps only to where jumps may land: x86 calls it CET, arm64 BTI and PAC. A flag that is taken
    # with a warning counts as missing.
    include(CheckCCompilerFlag)
    set(CMAKE_REQUIRED_FLAGS -Werror)
    check_c_compiler_flag(-fcf-protection=full OMS_HAS_CF_PROTECTION)
    check_c_compiler_flag(-mbranch-protection=standard OMS_HAS_BRANCH_PROTECTION)
    unset(CMAKE_REQUIRED_FLAGS)
    add_compile_options($<$<BOOL:${OMS_HAS_CF_PROTECTION}>:-fcf-protection=full>
        $<$<BOOL:${OMS_HAS_BRANCH_PROTECTION}>:-mbranch-protection=standard>)
    add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
    include(CheckPIESupported)
    check_pie_supported(LANGUAGES C)
endif()

if(OMS_SANITIZE)
    # Optimised a little: the tests take half as long, the traces still name every function.
    add_compile_options(-O1 -fsanitize=${OMS_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${OMS_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    # The sanitizers bring their own checks of the same calls.
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()

if(OMS_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()

if(OMS_FUZZ)
    # The product's code only counts edges; tests/fuzz links the fuzzer's own main.
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What ships for Linux is optimised as one program, which makes a connection a twentieth cheaper:
# its calls from room to room are short and many. The objects keep their own code beside that, so
# that a test links as fast as ever.
set(OMS_WHOLE_PROGRAM OFF)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT WIN32 AND CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo"
        AND NOT OMS_SANITIZE AND NOT OMS_COVERAGE AND NOT OMS_FUZZ)
    set(OMS_WHOLE_PROGRAM ON)
    add_compile_options(-flto -ffat-lto-objects)
    add_link_options(-flto=auto)
endif()
