# The static libraries for Windows: built once from Debian's sources into a cache outside the tree,
# found there by find_path and find_library. On Windows itself (MSYS2) its own packages are used.
if(NOT CMAKE_HOST_WIN32)
    if(NOT OMS_PYTHON)
        message(FATAL_ERROR "The Windows build needs Python 3.11 here; ./test.sh installs it.")
    endif()
    execute_process(
        COMMAND ${OMS_PYTHON} -B ${CMAKE_CURRENT_LIST_DIR}/deps_windows.py --print-prefix
        OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE
        RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "The dependencies for Windows could not be built; the reason is above.")
    endif()

    # find_path and find_library keep what they found: forget all of another prefix.
    if(OMS_DEPS_WINDOWS AND NOT prefix STREQUAL OMS_DEPS_WINDOWS)
        get_cmake_property(names CACHE_VARIABLES)
        foreach(name IN LISTS names)
            string(FIND "${${name}}/" "${OMS_DEPS_WINDOWS}/" at)
            if(at EQUAL 0)
                unset(${name} CACHE)
            endif()
        endforeach()
    endif()
    set(OMS_DEPS_WINDOWS ${prefix} CACHE INTERNAL "Where the libraries for Windows are")
    # Another lock is another prefix: configure again before the next build.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
        ${CMAKE_CURRENT_LIST_DIR}/deps_windows.lock ${CMAKE_CURRENT_LIST_DIR}/deps_windows.py)

    set(CMAKE_FIND_ROOT_PATH ${OMS_DEPS_WINDOWS})
    set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
    set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
    list(APPEND CMAKE_PREFIX_PATH ${OMS_DEPS_WINDOWS})
endif()
