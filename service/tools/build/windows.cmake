# The toolchain of the windows preset: mingw-w64 on Linux, or in MSYS2 on Windows itself.
# To name the system is to cross-compile, so that is done on Linux only.
if(NOT CMAKE_HOST_WIN32)
    set(CMAKE_SYSTEM_NAME Windows)
    set(CMAKE_SYSTEM_PROCESSOR x86_64)
    set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_CURRENT_LIST_DIR}/../../../tests/wine/wine.sh")
endif()

find_program(OMS_MINGW_GCC NAMES x86_64-w64-mingw32-gcc x86_64-w64-mingw32-gcc-win32)
find_program(OMS_MINGW_WINDRES NAMES x86_64-w64-mingw32-windres windres)
find_program(OMS_MINGW_WINDMC NAMES x86_64-w64-mingw32-windmc windmc)
if(NOT OMS_MINGW_GCC)
    message(FATAL_ERROR "There is no mingw-w64 compiler here; ./test.sh installs it.")
endif()
set(CMAKE_C_COMPILER ${OMS_MINGW_GCC})
set(CMAKE_RC_COMPILER ${OMS_MINGW_WINDRES})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
