# The static libraries for Windows: built once from Debian's sources into a cache outside the tree,
# found there by find_path and find_library. In MSYS2 its own packages are used instead.
if(CMAKE_CROSSCOMPILING)
    execute_process(
        COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR}/deps_windows.py --print-prefix
        OUTPUT_VARIABLE OMS_DEPS_WINDOWS OUTPUT_STRIP_TRAILING_WHITESPACE
        RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "The dependencies for Windows could not be built; the reason is above.")
    endif()
    set(CMAKE_FIND_ROOT_PATH ${OMS_DEPS_WINDOWS})
    set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
    set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
    list(APPEND CMAKE_PREFIX_PATH ${OMS_DEPS_WINDOWS})
endif()
